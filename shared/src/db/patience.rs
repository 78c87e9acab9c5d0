//! An end to waiting for a server that will never answer: its machine lost power in the middle of a statement, and the
//! client, which has nothing more to send, is not told by anybody. `statement_timeout` is the server's, and ends with it.

use crate::error::{Error, Result};
use sea_orm::{DbErr, RuntimeErr};
use std::future::Future;
use std::time::Duration;

/// What the database is asked to do, ended without an answer after `limit`. It may have been done all the same. The
/// connection is closed, so that no later answer is taken for another one.
///
/// # Errors
/// `Unavailable` after `limit`; those of `work` before.
pub async fn within<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let silence = format!("no answer within {limit:?}");
            Err(Error::Unavailable(DbErr::Conn(RuntimeErr::Internal(silence))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn silence_ends_as_unavailable_and_an_answer_stays_what_it_is() {
        let silence = within(Duration::from_millis(1), std::future::pending::<Result<()>>()).await;
        assert!(matches!(silence, Err(Error::Unavailable(_))), "{silence:?}");
        assert_eq!(within(Duration::from_secs(60), async { Ok(7) }).await.unwrap(), 7);
        let other = within(Duration::from_secs(60), async { Err::<(), _>(Error::NotFound("job")) }).await;
        assert!(matches!(other, Err(Error::NotFound("job"))), "{other:?}");
    }
}
