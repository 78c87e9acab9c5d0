//! The command line.

use crate::config::Settings;
use crate::{run, schedules};
use acurate_shared::config::Environment;
use acurate_shared::maintenance::Task;
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
    /// List what the system does by the clock, with its last and its next run
    Schedules {
        #[command(subcommand)]
        action: Option<SchedulesAction>,
    },
}

#[derive(Subcommand)]
enum SchedulesAction {
    /// Ask for one of them now; a worker does it
    Run {
        /// Its name, as listed
        name: Task,
    },
}

/// Runs what the arguments say.
pub async fn run() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Run { queues } => run_with_settings(queues).await,
        Command::Schedules { action: None } => schedules::command::list().await,
        Command::Schedules {
            action: Some(SchedulesAction::Run { name }),
        } => schedules::command::run_now(name).await,
    };
    match ended {
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
