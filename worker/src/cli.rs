//! The command line.

use crate::config::Settings;
use crate::run;
use acurate_shared::config::Environment;
use acurate_shared::telemetry;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about = "The AcuRate worker. Settings come from ACURATE_… variables; see README.md.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Consume jobs until SIGTERM; a second one ends running jobs at once
    ///
    /// Exit codes: 0 all running jobs ended in their grace time, 3 some were given back to their queues, 1 failure.
    Run {
        /// Queues and how many jobs of each run at once, e.g. email=8,import=1,achievement=4,recalculation=2
        #[arg(long)]
        queues: Option<String>,
    },
}

/// Exit code of a worker that gave jobs back when it stopped.
const GAVE_BACK: u8 = 3;

/// Runs what the arguments say.
pub async fn run() -> ExitCode {
    let Command::Run { queues } = Cli::parse().command;
    match run_with_settings(queues).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(GAVE_BACK),
        Err(error) => {
            eprintln!("acurate-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns how many jobs were given back.
async fn run_with_settings(queues: Option<String>) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let settings = Settings::from_environment(Environment::from_process(), queues)?;
    let _logs = telemetry::init(&settings.telemetry)?;
    run::run(settings).await
}
