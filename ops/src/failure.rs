//! Why a command ended early, in words that an operator can act on.

use std::io;
use std::path::{Path, PathBuf};

/// The result of everything here.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file or folder cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: {what}", path.display())]
    Content {
        /// Which one.
        path: PathBuf,
        /// Where in it, and why.
        what: String,
    },
    /// The API gave no usable answer.
    #[error("{call}: {}", with_causes(source))]
    NoAnswer {
        /// Method and path.
        call: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The API refused.
    #[error("{call} answered {status}: {problem}")]
    Refused {
        /// Method and path.
        call: String,
        /// HTTP status.
        status: u16,
        /// The problem document in words.
        problem: String,
    },
    /// PostgreSQL refused.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A use case refused.
    #[error("{}", in_words(.0))]
    UseCase(#[from] acurate_shared::error::Error),
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] acurate_shared::config::ConfigError),
    /// Anything else that stops the command.
    #[error("{0}")]
    Stopped(String),
}

impl Failure {
    /// For `map_err`: `path` cannot be used.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// `path` holds something else than it should.
    pub(crate) fn content(path: &Path, what: impl ToString) -> Self {
        Self::Content {
            path: path.to_owned(),
            what: what.to_string(),
        }
    }

    /// For `map_err`: the database refused while `doing` something.
    pub(crate) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { doing, source }
    }
}

/// A use case's refusal: every fault of the input, or the error and its causes.
fn in_words(error: &acurate_shared::error::Error) -> String {
    match error {
        acurate_shared::error::Error::Invalid(faults) => {
            let faults: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
            faults.join("; ")
        }
        other => with_causes(other),
    }
}

/// An error with everything that caused it; reqwest's own text leaves out why a connection failed.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
