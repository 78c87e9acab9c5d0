//! `acurate-api create-superuser`: the first account of a platform, and the way back in when its password is lost.

use acurate_shared::config::{DatabaseSettings, Environment, JobSettings};
use acurate_shared::db::{Database, Work};
use acurate_shared::error::Error;
use acurate_shared::identity::superuser::{self, Order};
use acurate_shared::identity::{HashSettings, PasswordHasher};
use acurate_shared::secret::SecretString;
use clap::Args;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::sync::Arc;

/// Who the super admin is. The password is no argument: arguments are visible to every user of the machine.
#[derive(Args, Debug)]
pub(crate) struct CreateSuperuser {
    /// Address to sign in with
    #[arg(long)]
    email: String,
    /// Given names
    #[arg(long, default_value = "Platform")]
    first_name: String,
    /// Family name
    #[arg(long, default_value = "Owner")]
    last_name: String,
    /// File with the password; without it, the password is read from standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Give an existing super admin this password and name, activate it and end its sessions
    #[arg(long)]
    reset: bool,
}

/// Makes the account; refuses, and changes nothing, when the address has one already and `--reset` is not given.
///
/// # Errors
/// Says what is wrong with the settings, the input or the database.
pub(crate) async fn run(order: CreateSuperuser, mut env: Environment) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let database = DatabaseSettings::read(&mut env);
    let jobs = JobSettings::read(&mut env);
    env.finish()?;
    let reset = order.reset;
    let order = Order {
        password: password(order.password_file)?,
        email: order.email,
        first_name: order.first_name,
        last_name: order.last_name,
    };
    let hasher = PasswordHasher::new(HashSettings::default())?;
    let checked = superuser::check(&hasher, &order).await.map_err(explain)?;
    let database = Database::open(&database).await?;
    let work = Work::begin(&database, &Arc::new(jobs)).await.map_err(explain)?;
    let id = if reset {
        superuser::reset(&work, checked).await
    } else {
        superuser::create(&work, checked).await
    }
    .map_err(explain)?;
    let _no_jobs = work.commit().await.map_err(explain)?;
    println!("super admin {id}: {}", if reset { "reset" } else { "created" });
    Ok(())
}

/// The password without the line break at its end.
fn password(file: Option<PathBuf>) -> Result<SecretString, String> {
    let text = match file {
        Some(path) => std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => {
            if std::io::stdin().is_terminal() {
                eprintln!("Password (shown as you type), then Enter and Ctrl-D:");
            }
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| format!("standard input: {error}"))?;
            text
        }
    };
    let text = SecretString::new(text);
    Ok(text.expose().trim_end_matches(['\n', '\r']).into())
}

/// What an operator needs to hear.
fn explain(error: Error) -> String {
    match error {
        Error::Invalid(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect();
            faults.join("; ")
        }
        Error::Conflict { code: "email_in_use", .. } => {
            "There is an account of this address; nothing was changed. A super admin's password is set anew with --reset.".to_owned()
        }
        error => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                text.push_str(": ");
                text.push_str(&cause.to_string());
                source = cause.source();
            }
            text
        }
    }
}
