//! `acurate-migrate`: takes the schema up or down, or tells where it stands.
//!
//! The servers never migrate by themselves; they refuse to start on an old schema.

use acurate_migration::sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use acurate_migration::{Migrator, MigratorTrait};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Two migrations at once would both see the same step as pending.
const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('acurate-migrate', 0))";

#[derive(Parser)]
#[command(
    version,
    about = "Migrates AcuRate's database, named by ACURATE_DATABASE_URL (or a file by ACURATE_DATABASE_URL_FILE)"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply all pending migrations
    Up,
    /// Take migrations back, newest first: destroys what is in their tables
    Down {
        /// How many to take back
        #[arg(long, default_value_t = 1)]
        steps: u32,
        /// Say that the loss of data is meant
        #[arg(long)]
        yes: bool,
    },
    /// List applied and pending migrations; exit code 3 when some are pending
    Status,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command).await {
        Ok(code) => code,
        Err(message) => {
            eprintln!("acurate-migrate: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, String> {
    let db = connect().await?;
    let done = match command {
        Command::Up => up(&db).await,
        Command::Down { yes: false, .. } => {
            return Err("down destroys data; add --yes when that is meant".to_owned());
        }
        Command::Down { steps, yes: true } => down(&db, steps).await,
        Command::Status => status(&db).await,
    };
    done.map_err(|error| error.to_string())
}

/// One connection only: the lock belongs to it.
async fn connect() -> Result<DatabaseConnection, String> {
    let url = database_url()?;
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options)
        .await
        .map_err(|error| format!("cannot connect to the database: {error}"))
}

fn database_url() -> Result<String, String> {
    if let Ok(path) = std::env::var("ACURATE_DATABASE_URL_FILE") {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("ACURATE_DATABASE_URL_FILE ({path}): {error}"))?;
        return Ok(text.trim().to_owned());
    }
    std::env::var("ACURATE_DATABASE_URL")
        .map_err(|_| "set ACURATE_DATABASE_URL, e.g. postgres://user:password@localhost/acurate".to_owned())
}

async fn up(db: &DatabaseConnection) -> Result<ExitCode, DbErr> {
    db.execute_unprepared(LOCK).await?;
    let pending = Migrator::get_pending_migrations(db).await?.len();
    Migrator::up(db, None).await?;
    println!("{pending} migrations applied");
    Ok(ExitCode::SUCCESS)
}

async fn down(db: &DatabaseConnection, steps: u32) -> Result<ExitCode, DbErr> {
    db.execute_unprepared(LOCK).await?;
    Migrator::down(db, Some(steps)).await?;
    println!("{steps} migrations taken back");
    Ok(ExitCode::SUCCESS)
}

async fn status(db: &DatabaseConnection) -> Result<ExitCode, DbErr> {
    for migration in Migrator::get_migration_with_status(db).await? {
        println!("{:8} {}", migration.status().to_string().to_lowercase(), migration.name());
    }
    let pending = Migrator::get_pending_migrations(db).await?.len();
    Ok(if pending == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
