//! Queues as operators see them, and pausing one: of a paused queue no job is begun, those that run go on.
//!
//! How many messages wait in Redis is not known here; whoever shows a queue asks the transport.

use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::Result;
use crate::kinds::Role;
use crate::transport::Queue;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use std::time::Duration;

/// Longest reason of a pause, in characters.
const REASON_LIMIT: usize = 500;

/// A queue and how it goes.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct QueueView {
    /// Its name.
    pub name: String,
    /// Since when it is paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Why.
    pub pause_reason: Option<String>,
    /// Jobs that could run now.
    pub due: i64,
    /// Jobs that wait for their time, e.g. for their next try.
    pub delayed: i64,
    /// Jobs that run.
    pub running: i64,
    /// Jobs that died and that nobody has looked after.
    pub dead: i64,
    /// For how long the longest waiting due job has been due, in seconds.
    pub oldest_due_seconds: Option<f64>,
    /// Jobs that succeeded within the last minute.
    pub succeeded_minute: i64,
    /// Jobs that succeeded within the last hour.
    pub succeeded_hour: i64,
    /// Runs that failed, or whose worker vanished, within the last minute.
    pub failed_minute: i64,
    /// The same within the last hour.
    pub failed_hour: i64,
    /// Workers that live, are not about to stop, and consume it.
    pub workers: i64,
    /// How many of its jobs they run at once, all together.
    pub slots: i64,
}

impl QueueView {
    /// Whether no worker consumes it.
    #[must_use]
    pub fn is_unattended(&self) -> bool {
        self.workers == 0
    }

    /// Failed runs among those of the last minute and of the last hour that ended either way, 0 to 1; `None` without any.
    #[must_use]
    pub fn failure_rates(&self) -> [Option<f64>; 2] {
        #[expect(clippy::cast_precision_loss, reason = "a rate of counts far below 2^52")]
        let rate = |failed: i64, succeeded: i64| (failed + succeeded > 0).then(|| failed as f64 / (failed + succeeded) as f64);
        [
            rate(self.failed_minute, self.succeeded_minute),
            rate(self.failed_hour, self.succeeded_hour),
        ]
    }
}

const LIST: &str = "
    WITH waiting AS (
        SELECT queue, count(*) FILTER (WHERE run_at <= now()) AS due, count(*) FILTER (WHERE run_at > now()) AS delayed,
            extract(epoch FROM now() - min(run_at) FILTER (WHERE run_at <= now()))::float8 AS oldest
        FROM jobs WHERE state = 'queued' GROUP BY queue
    ), running AS (SELECT queue, count(*) AS jobs FROM jobs WHERE state = 'running' GROUP BY queue),
    dead AS (SELECT queue, count(*) AS jobs FROM jobs WHERE state = 'dead' GROUP BY queue),
    succeeded AS (
        SELECT queue, count(*) AS hour, count(*) FILTER (WHERE finished_at > now() - interval '1 minute') AS minute
        FROM jobs WHERE finished_at > now() - interval '1 hour' AND state = 'succeeded' GROUP BY queue
    ), failed AS (
        SELECT j.queue, count(*) AS hour, count(*) FILTER (WHERE a.ended_at > now() - interval '1 minute') AS minute
        FROM job_attempts a JOIN jobs j ON j.id = a.job_id
        WHERE a.ended_at > now() - interval '1 hour' AND a.outcome IN ('failed', 'lost') GROUP BY j.queue
    ), consumers AS (
        SELECT key AS queue, count(*) AS workers, sum(value::bigint)::bigint AS slots FROM workers, jsonb_each_text(queues)
        WHERE stopping_at IS NULL AND seen_at >= now() - make_interval(secs => $2) GROUP BY key
    )
    SELECT names.name, c.paused_at, c.reason AS pause_reason, COALESCE(w.due, 0) AS due, COALESCE(w.delayed, 0) AS delayed,
        w.oldest AS oldest_due_seconds, COALESCE(r.jobs, 0) AS running, COALESCE(d.jobs, 0) AS dead,
        COALESCE(s.minute, 0) AS succeeded_minute, COALESCE(s.hour, 0) AS succeeded_hour,
        COALESCE(f.minute, 0) AS failed_minute, COALESCE(f.hour, 0) AS failed_hour,
        COALESCE(k.workers, 0) AS workers, COALESCE(k.slots, 0) AS slots
    FROM unnest($1::text[]) WITH ORDINALITY AS names (name, place)
    LEFT JOIN queue_controls c ON c.queue = names.name LEFT JOIN waiting w ON w.queue = names.name
    LEFT JOIN running r ON r.queue = names.name LEFT JOIN dead d ON d.queue = names.name
    LEFT JOIN succeeded s ON s.queue = names.name LEFT JOIN failed f ON f.queue = names.name
    LEFT JOIN consumers k ON k.queue = names.name
    ORDER BY names.place";

/// The given queues; super admins only.
///
/// # Errors
/// `Forbidden`.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, queues: &[Queue], lease: Duration) -> Result<Vec<QueueView>> {
    actor.require(&[Role::SuperAdmin])?;
    let names: Vec<String> = queues.iter().map(Queue::to_string).collect();
    let values = [names.into(), lease.as_secs_f64().into()];
    Ok(QueueView::find_by_statement(sql(LIST, values)).all(db).await?)
}

/// Pauses a queue, or changes the reason of its pause; super admins only.
///
/// # Errors
/// `Forbidden`; `Invalid` without a reason of 1 to 500 characters.
pub async fn pause(work: &Work, actor: &Actor, queue: Queue, reason: &str) -> Result<()> {
    actor.require(&[Role::SuperAdmin])?;
    let mut checks = Checks::default();
    let reason = checks.text("reason", reason, REASON_LIMIT);
    checks.finish()?;
    let upsert = "
        INSERT INTO queue_controls (queue, reason, paused_by) VALUES ($1, $2, $3)
        ON CONFLICT (queue) DO UPDATE SET reason = excluded.reason, paused_by = excluded.paused_by";
    let values = [queue.as_str().into(), reason.clone().into(), actor.user_id.into()];
    work.tx().execute_raw(sql(upsert, values)).await?;
    let deed = Deed::new("queue.paused", "queue", None).with(json!({ "queue": queue.as_str(), "reason": reason }));
    activity::record_for(work, Some(actor.user_id), None, deed).await
}

/// Lets a queue go on, and its dispatchers know at once; super admins only. A queue that is not paused goes on as it does.
///
/// # Errors
/// `Forbidden`.
pub async fn resume(work: &Work, actor: &Actor, queue: Queue) -> Result<()> {
    actor.require(&[Role::SuperAdmin])?;
    let delete = "DELETE FROM queue_controls WHERE queue = $1";
    let lifted = work.tx().execute_raw(sql(delete, [queue.as_str().into()])).await?.rows_affected();
    if lifted == 0 {
        return Ok(());
    }
    super::control::wake_dispatchers(work).await?;
    let deed = Deed::new("queue.resumed", "queue", None).with(json!({ "queue": queue.as_str() }));
    activity::record_for(work, Some(actor.user_id), None, deed).await
}
