//! A program that a measurement starts and ends. Which one, and with what settings, is others' business.

use crate::failure::{Failure, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::OpenOptions;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a program may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs; it is killed with this value.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
}

impl Program {
    /// Starts it; what it says is added to `log`.
    ///
    /// # Errors
    /// When it is missing, or the log cannot be written.
    pub(crate) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let open = || OpenOptions::new().create(true).append(true).open(log).map_err(Failure::file(log));
        command.stdin(Stdio::null()).stdout(open()?).stderr(open()?).kill_on_drop(true);
        let program = command.as_std().get_program().to_owned();
        let child = command.spawn().map_err(Failure::file(Path::new(&program)))?;
        Ok(Self { child })
    }

    /// Asks it to end, and kills it where it does not.
    pub(crate) async fn end(mut self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

/// Runs a program to its end, with `input`, and returns what it printed.
///
/// # Errors
/// When it is missing, or ends with another code than 0; then with what it said.
pub(crate) async fn run(mut command: Command, input: &str) -> Result<String> {
    use tokio::io::AsyncWriteExt;
    let program = command.as_std().get_program().to_owned();
    let path = Path::new(&program);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(Failure::file(path))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).await.map_err(Failure::file(path))?;
    }
    let ended = child.wait_with_output().await.map_err(Failure::file(path))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    Err(Failure::Stopped(format!("{} ended with {}: {said}", path.display(), ended.status)))
}
