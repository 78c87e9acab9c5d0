//! The measurements that anybody can repeat: that they run to their end and print what they promise. What the figures are is
//! the README's affair.

use crate::product::binaries;
use std::path::Path;
use std::process::{Command, Output};

fn run(script: &str, arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let mut command = Command::new(&script);
    command
        .args(arguments)
        .env_remove("ACURATE_DATABASE_URL")
        .env_remove("ACURATE_REDIS_URL");
    command.output().expect("the script")
}

#[test]
fn jobs_are_measured_from_the_probe_to_the_import_beside_single_marks() {
    let programs = binaries().display().to_string();
    let small = ["--jobs", "400", "--students", "40", "--records", "2000", "--seconds", "2"];
    let arguments = [&["--quick", "--without-celery", "--programs", &programs][..], &small].concat();
    let ended = run("measure-jobs", &arguments);
    let (told, errors) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{told}{errors}");
    for row in [
        "| AcuRate, 1 worker |",
        "| AcuRate, 2 workers |",
        "| PostgreSQL alone:",
        "| whoever asks, as the API |",
        "| a dispatcher |",
        "| beside the import |",
    ] {
        assert!(told.contains(row), "{row:?} is not in\n{told}{errors}");
    }
}

#[test]
fn what_a_measurement_does_not_know_is_refused_with_the_way_to_help() {
    let programs = binaries().display().to_string();
    let ended = run("measure-jobs", &["--without-celery", "--programs", &programs, "--jobs", "many"]);
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("many"));
}
