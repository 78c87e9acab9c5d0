//! How a run of a job can end.

use acurate_shared::error::Error;
use sea_orm::DbErr;
use std::time::Duration;

/// How a run ended.
pub type JobResult = Result<Outcome, JobError>;

/// A run that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, and recorded as such in the transaction of the effects.
    Done,
    /// Ended by request, and recorded as such in the transaction of what was done last.
    Cancelled,
    /// Ended by request although it did not listen; to be recorded.
    Forced,
    /// Stopped early because the worker stops: to go on where it was, by another worker.
    Released,
    /// Not begun, because what it needs outside is not to be had: to run again after this time, at no cost.
    Postponed(Duration),
    /// The claim was lost; whatever this run had not committed is undone.
    Fenced,
}

/// A run that failed. The text is stored with the job: it holds no secret and no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// Worth another try.
    Retry(String),
    /// No try can succeed.
    Permanent(String),
}

impl From<Error> for JobError {
    /// Causes of internal errors belong into the job's row: operators read it, users do not.
    fn from(error: Error) -> Self {
        let cause = std::error::Error::source(&error)
            .map(|cause| format!(": {cause}"))
            .unwrap_or_default();
        Self::Retry(format!("{error}{cause}"))
    }
}

impl From<DbErr> for JobError {
    fn from(error: DbErr) -> Self {
        Self::from(Error::from(error))
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::from(Error::from(error))
    }
}
