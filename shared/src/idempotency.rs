//! Answers that are given again when a request is sent again: `Idempotency-Key`.
//!
//! The answer is written in the transaction of what it tells of, so that either both exist or neither. It is kept for a
//! day. Not for answers that hold a secret, such as tokens: their operations do not use this.

use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::time::Duration;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Which request of which user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Who asks: two users never share a key.
    pub user_id: UserId,
    /// What the client calls the request, 1 to 255 characters.
    pub key: String,
    /// SHA-256 of what is asked, so that a key used for something else is noticed.
    pub fingerprint: Vec<u8>,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct RecordedAnswer {
    /// The HTTP status.
    pub status: i16,
    /// Where the thing is that was made.
    pub location: String,
    /// The body, JSON.
    pub body: String,
}

#[derive(FromQueryResult)]
struct Found {
    fingerprint: Vec<u8>,
    #[sea_orm(nested)]
    answer: RecordedAnswer,
}

/// The answer that the request got before, if any.
///
/// # Errors
/// `Invalid` when the key was used for another request.
pub async fn find(db: &impl ConnectionTrait, request: &RequestKey) -> Result<Option<RecordedAnswer>> {
    let select = "
        SELECT fingerprint, status, location, body FROM idempotency_keys
        WHERE user_id = $1 AND key = $2 AND created_at > now() - make_interval(secs => $3)";
    let values = [request.user_id.into(), request.key.clone().into(), KEPT.as_secs_f64().into()];
    match Found::find_by_statement(sql(select, values)).one(db).await? {
        None => Ok(None),
        Some(found) if found.fingerprint == request.fingerprint => Ok(Some(found.answer)),
        Some(_) => Err(Error::invalid(
            "Idempotency-Key",
            "idempotency_key_reused",
            "was used for another request; every request needs a key of its own",
        )),
    }
}

/// Keeps the answer, in the transaction of what it tells of. Waits for an equal request that is under way.
///
/// # Errors
/// `Conflict` when an equal request was faster; then this transaction must not happen.
pub async fn record(work: &Work, request: &RequestKey, answer: &RecordedAnswer) -> Result<()> {
    let insert = "
        INSERT INTO idempotency_keys AS old (user_id, key, fingerprint, status, location, body) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
            location = excluded.location, body = excluded.body, created_at = now()
        WHERE old.created_at <= now() - make_interval(secs => $7)";
    let values = [
        request.user_id.into(),
        request.key.clone().into(),
        request.fingerprint.clone().into(),
        answer.status.into(),
        answer.location.clone().into(),
        answer.body.clone().into(),
        KEPT.as_secs_f64().into(),
    ];
    if work.tx().execute_raw(sql(insert, values)).await?.rows_affected() == 1 {
        return Ok(());
    }
    Err(Error::conflict(
        "idempotency_key_in_use",
        "A request with this key was just answered; send it again to get that answer.",
    ))
}
