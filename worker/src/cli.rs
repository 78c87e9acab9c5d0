//! The command line.

use crate::config::Settings;
use crate::{preview_mail, run, schedules};
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
    /// Consume jobs until SIGTERM; a second one ends running jobs at once
    ///
    /// Exit codes: 0 all running jobs ended in their grace time, 3 some were given back to their queues, 1 failure.
    Run {
        /// Queues and how many jobs of each run at once, e.g. email=8,import=1,achievement=4,recalculation=2
        #[arg(long)]
        queues: Option<String>,
    },
    /// List what the system does by the clock, with its last and its next run
    Schedules {
        #[command(subcommand)]
        action: Option<SchedulesAction>,
    },
    /// Show every mail with sample data
    PreviewMail(preview_mail::Order),
}

#[derive(Subcommand)]
enum SchedulesAction {
    /// Ask for one of them now; a worker does it
    Run {
        /// Its name, as listed
        name: Task,
    },
}

/// Exit code of a worker that gave jobs back when it stopped.
const GAVE_BACK: u8 = 3;

/// Runs what the arguments say.
pub async fn run() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Run { queues } => run_with_settings(queues).await,
        Command::Schedules { action: None } => schedules::command::list().await.map(|()| 0),
        Command::Schedules {
            action: Some(SchedulesAction::Run { name }),
        } => schedules::command::run_now(name).await.map(|()| 0),
        Command::PreviewMail(order) => preview_mail::run(&order).map(|()| 0),
    };
    match ended {
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
    #[cfg(debug_assertions)]
    acurate_shared::fault::arm()?;
    run::run(settings).await
}
