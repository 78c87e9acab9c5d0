//! A server or program of the product as a child process: started, signalled, started again. Which and when is others'.

use crate::failure::{Failure, Result};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// What is started, always in the same way.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// For the names of its logs.
    pub(crate) name: String,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    /// What it sees besides the environment of this process; of `ACURATE_…` it sees nothing else.
    pub(crate) environment: Vec<(String, String)>,
    /// Where its output goes.
    pub(crate) logs: PathBuf,
}

/// A program that runs, or ran. What still runs is killed with this value.
#[derive(Debug)]
pub(crate) struct Process {
    program: Program,
    running: Option<Child>,
    starts: u32,
}

impl Process {
    /// Starts nothing yet.
    pub(crate) fn new(program: Program) -> Self {
        Self {
            program,
            running: None,
            starts: 0,
        }
    }

    /// Starts it, with `extra` variables. Each start has log files of its own.
    ///
    /// # Errors
    /// When the program is missing or a log cannot be written.
    pub(crate) fn start(&mut self, extra: &[(&str, &str)]) -> Result<()> {
        self.starts += 1;
        let log = |kind: &str| {
            let path = self.program.logs.join(format!("{}-{:03}.{kind}", self.program.name, self.starts));
            let file = OpenOptions::new().create(true).append(true).open(&path);
            file.map_err(Failure::file(&path))
        };
        let (program, arguments) = match self.program.command.split_first() {
            Some((program, arguments)) => (program, arguments),
            None => return Err(Failure::Stopped(format!("{} has no command", self.program.name))),
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| !name.starts_with("ACURATE_")))
            .envs(self.program.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .envs(extra.iter().copied())
            .stdin(Stdio::null())
            .stdout(log("log")?)
            .stderr(log("err")?)
            .kill_on_drop(true);
        self.running = Some(command.spawn().map_err(Failure::file(&PathBuf::from(program)))?);
        Ok(())
    }

    /// The process id while it runs.
    pub(crate) fn pid(&mut self) -> Option<u32> {
        let child = self.running.as_mut()?;
        match child.try_wait() {
            Ok(None) => child.id(),
            Ok(Some(_)) | Err(_) => None,
        }
    }

    /// Whether it runs, frozen or not.
    pub(crate) fn is_running(&mut self) -> bool {
        self.pid().is_some()
    }

    /// Sends a signal; one that has ended gets none.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()) {
            // Its child is not reaped yet, so the id is still its own.
            let _ended_just_now = signal::kill(Pid::from_raw(pid), signal);
        }
    }

    /// Sends a signal and waits for the end; kills what has not ended after `patience`. Whether that was not needed.
    pub(crate) async fn end(&mut self, signal: Signal, patience: Duration) -> bool {
        self.signal(signal);
        let Some(child) = self.running.as_mut() else { return true };
        let ended = tokio::time::timeout(patience, child.wait()).await.is_ok();
        if !ended {
            let _ended_just_now = child.start_kill();
            let _status = child.wait().await;
        }
        self.running = None;
        ended
    }
}
