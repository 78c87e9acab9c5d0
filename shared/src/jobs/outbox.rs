//! The jobs table as an outbox: which rows need a message in Redis, and what to do when one could not be sent.
//!
//! It knows no Redis. A row is due when it is queued, its time has come and no message of it is on its way, or the last
//! one is so old that Redis must have lost it.

use crate::config::JobSettings;
use crate::db::{Database, sql};
use crate::error::Result;
use crate::ids::JobId;
use sea_orm::ConnectionTrait;

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatched {
    /// The job.
    pub job_id: JobId,
    /// Its queue.
    pub queue: String,
    /// Number of the message, from 1: each has an id of its own in Redis, where a known id is ignored.
    pub dispatch: i32,
}

/// The wait doubles with each message, so that a long backlog in Redis is not sent over and over. `MATERIALIZED` keeps
/// the planner from running the limited query more than once.
const TAKE_DUE: &str = "
    WITH due AS MATERIALIZED (
        SELECT id FROM jobs
        WHERE queue = $1 AND state = 'queued' AND run_at <= now()
          AND (dispatched_at IS NULL OR dispatched_at < now() - make_interval(secs => $2 * power(2, LEAST(dispatches, 6) - 1)))
        ORDER BY run_at, id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE jobs SET dispatched_at = now(), dispatches = dispatches + 1 FROM due WHERE jobs.id = due.id
        RETURNING jobs.id, queue, dispatches, run_at
    )
    SELECT id, queue, dispatches FROM taken ORDER BY run_at, id";

/// Waits for nobody: it locks rows in no order, and others hold several such locks at once.
const GIVE_BACK: &str = "
    WITH mine AS MATERIALIZED (
        SELECT j.id FROM jobs j JOIN unnest($1::bigint[], $2::int[]) AS t (id, dispatch) ON j.id = t.id AND j.dispatches = t.dispatch
        WHERE j.state = 'queued' FOR NO KEY UPDATE OF j SKIP LOCKED
    )
    UPDATE jobs SET dispatched_at = NULL FROM mine WHERE jobs.id = mine.id";

/// Takes due rows of a queue, oldest first, and marks their messages as sent.
///
/// # Errors
/// When the database refuses.
pub async fn take_due(database: &Database, settings: &JobSettings, queue: &str, limit: u64) -> Result<Vec<Dispatched>> {
    let values = [
        queue.into(),
        settings.redispatch.as_secs_f64().into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = database.orm().query_all_raw(sql(TAKE_DUE, values)).await?;
    rows.iter()
        .map(|row| {
            Ok(Dispatched {
                job_id: row.try_get("", "id")?,
                queue: row.try_get("", "queue")?,
                dispatch: row.try_get("", "dispatches")?,
            })
        })
        .collect()
}

/// Takes the mark back after a push that failed, so that a dispatcher tries again at its next poll. A job that somebody
/// else is just changing keeps it: its message counts as lost and is sent again later.
///
/// # Errors
/// When the database refuses; then the message counts as lost and is sent again later.
pub async fn give_back(database: &Database, jobs: &[Dispatched]) -> Result<()> {
    let ids: Vec<i64> = jobs.iter().map(|job| job.job_id.0).collect();
    let numbers: Vec<i32> = jobs.iter().map(|job| job.dispatch).collect();
    database.orm().execute_raw(sql(GIVE_BACK, [ids.into(), numbers.into()])).await?;
    Ok(())
}
