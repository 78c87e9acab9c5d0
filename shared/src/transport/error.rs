//! What can go wrong with a call to the transport.

use super::Message;
use apalis_core::backend::TaskSinkError;
use redis::RedisError;
use std::time::Duration;

/// Why a call failed. None of these loses work: the job's row is dispatched again.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The settings cannot work.
    #[error("the settings of Redis cannot be used: {0}")]
    Settings(String),
    /// Redis is away, or refused.
    #[error("Redis: {0}")]
    Redis(#[from] RedisError),
    /// Redis did not answer in time.
    #[error("Redis did not answer within {0:?}")]
    Timeout(Duration),
    /// A message whose numbers make no id that workers accept.
    #[error("a message about job {}, dispatch {}, has a negative number", .0.job_id, .0.dispatch)]
    NegativeNumber(Message),
    /// apalis refused.
    #[error("apalis: {0}")]
    Apalis(String),
}

impl From<TaskSinkError<apalis_redis::Error>> for TransportError {
    fn from(error: TaskSinkError<apalis_redis::Error>) -> Self {
        match error {
            TaskSinkError::PushError(apalis_redis::Error::Database(error)) => Self::Redis(error),
            other => Self::Apalis(other.to_string()),
        }
    }
}
