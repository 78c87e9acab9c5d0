//! The command line.

use crate::config::Settings;
use crate::create_superuser::{self, CreateSuperuser};
use crate::{document, serve};
use acurate_shared::config::Environment;
use acurate_shared::telemetry;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about = "The AcuRate API server. Settings come from ACURATE_… variables; see README.md.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM
    Serve,
    /// Print the OpenAPI document
    Openapi,
    /// Make the platform owner's account, or set its password anew
    CreateSuperuser(CreateSuperuser),
}

/// Runs what the arguments say.
pub async fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve => serve_with_settings().await,
        Command::Openapi => {
            println!("{}", document());
            Ok(())
        }
        Command::CreateSuperuser(order) => create_superuser::run(order, Environment::from_process()).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("acurate-api: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve_with_settings() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let settings = Settings::from_environment(Environment::from_process())?;
    let _logs = telemetry::init(&settings.telemetry)?;
    #[cfg(debug_assertions)]
    acurate_shared::fault::arm()?;
    serve::serve(settings).await
}

/// The OpenAPI document as it is committed in `api/openapi.json`.
#[must_use]
pub fn document() -> String {
    document::document()
}
