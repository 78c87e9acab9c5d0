//! `ops/chaos` itself: faults of every kind at random moments under load.

use crate::product::binaries;
use std::path::Path;
use std::process::{Command, Output};

/// Ten minutes, with at least fifty killed workers, under `ops/test full`; else the short form of each fault.
fn seconds() -> &'static str {
    if std::env::var_os("ACURATE_TEST_FULL").is_some() {
        "600"
    } else {
        "40"
    }
}

/// The seed is printed, so that a run that failed can be had again.
fn run(arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("chaos");
    let mut command = Command::new(script);
    command.arg("--programs").arg(binaries()).args(arguments);
    command.output().expect("ops/chaos")
}

#[test]
fn nothing_is_lost_or_doubled_whatever_breaks() {
    let ended = run(&["--seconds", seconds()]);
    let (told, errors) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{told}{errors}");
    assert!(told.contains("Nothing was lost and nothing was done twice."), "{told}{errors}");
}

#[test]
fn an_argument_that_is_not_known_is_refused() {
    let ended = run(&["--hours", "3"]);
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("unknown argument: --hours"));
}
