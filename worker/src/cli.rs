//! The command line.

use crate::config::Settings;
use crate::{preview_mail, run};
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
    /// Consume jobs until SIGTERM
    Run {
        /// Queues and how many jobs of each run at once, e.g. email=8,import=1,achievement=4
        #[arg(long)]
        queues: Option<String>,
    },
    /// Show every mail with sample data
    PreviewMail(preview_mail::Order),
}

/// Runs what the arguments say.
pub async fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run { queues } => run_with_settings(queues).await,
        Command::PreviewMail(order) => preview_mail::run(&order),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("acurate-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run_with_settings(queues: Option<String>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let settings = Settings::from_environment(Environment::from_process(), queues)?;
    let _logs = telemetry::init(&settings.telemetry)?;
    run::run(settings).await
}
