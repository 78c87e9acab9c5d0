//! Which worker processes live, and which queues they consume: each says so with every heartbeat.
//!
//! For operators only. Who owns a job is said by the job's lease; nothing is decided by a row here.

use crate::actor::Actor;
use crate::db::{Database, sql};
use crate::error::Result;
use crate::kinds::Role;
use crate::transport::Queue;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use std::time::Duration;

/// Leases after which the row of a silent worker is removed by whoever comes by.
const FORGOTTEN_AFTER_LEASES: u32 = 4;

/// What a worker says of itself.
#[derive(Clone, Debug)]
pub struct Presence {
    /// Its unique name.
    pub name: String,
    /// Its release.
    pub version: &'static str,
    /// Queues and how many jobs of each it runs at once.
    pub queues: Vec<(Queue, usize)>,
}

/// A worker as operators see it.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct WorkerView {
    /// Its unique name.
    pub name: String,
    /// Its release.
    pub version: String,
    /// How many jobs of each queue it runs at once: an object.
    pub queues: Value,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it was last heard.
    pub seen_at: DateTime<Utc>,
    /// Since when it takes no new jobs.
    pub stopping_at: Option<DateTime<Utc>>,
    /// Whether it was heard within the last lease.
    pub is_alive: bool,
    /// Jobs that it runs.
    pub running: i64,
}

/// Says that a worker lives, and whether it is about to stop. Rows of workers that were silent for long are removed on the way.
///
/// # Errors
/// When the database refuses.
pub async fn attend(database: &Database, presence: &Presence, stopping: bool, lease: Duration) -> Result<()> {
    let upsert = "
        WITH gone AS (DELETE FROM workers WHERE name <> $1 AND seen_at < now() - make_interval(secs => $5))
        INSERT INTO workers (name, version, queues, stopping_at) VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END)
        ON CONFLICT (name) DO UPDATE SET seen_at = now(), stopping_at = CASE WHEN $4 THEN COALESCE(workers.stopping_at, now()) END";
    let queues: serde_json::Map<String, Value> = presence
        .queues
        .iter()
        .map(|(queue, slots)| (queue.to_string(), (*slots).into()))
        .collect();
    let values = [
        presence.name.clone().into(),
        presence.version.into(),
        Value::Object(queues).into(),
        stopping.into(),
        (lease * FORGOTTEN_AFTER_LEASES).as_secs_f64().into(),
    ];
    database.orm().execute_raw(sql(upsert, values)).await?;
    Ok(())
}

/// Takes a worker off the list, at its end.
///
/// # Errors
/// When the database refuses; then its silence tells.
pub async fn leave(database: &Database, name: &str) -> Result<()> {
    let delete = "DELETE FROM workers WHERE name = $1";
    database.orm().execute_raw(sql(delete, [name.into()])).await?;
    Ok(())
}

/// Queues that no worker consumes which was heard within the last lease and is not about to stop.
///
/// # Errors
/// When the database refuses.
pub async fn unattended(db: &impl ConnectionTrait, lease: Duration) -> Result<Vec<Queue>> {
    let select = "SELECT DISTINCT jsonb_object_keys(queues) AS queue FROM workers
        WHERE stopping_at IS NULL AND seen_at >= now() - make_interval(secs => $1)";
    let rows = db.query_all_raw(sql(select, [lease.as_secs_f64().into()])).await?;
    let attended = rows
        .iter()
        .map(|row| row.try_get("", "queue"))
        .collect::<Result<Vec<String>, _>>()?;
    Ok(Queue::ALL
        .into_iter()
        .filter(|queue| !attended.iter().any(|name| name == queue.as_str()))
        .collect())
}

/// The workers, the oldest first; super admins only.
///
/// # Errors
/// `Forbidden`.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, lease: Duration) -> Result<Vec<WorkerView>> {
    actor.require(&[Role::SuperAdmin])?;
    let select = "
        SELECT w.name, w.version, w.queues, w.started_at, w.seen_at, w.stopping_at,
            w.seen_at >= now() - make_interval(secs => $1) AS is_alive, COALESCE(r.jobs, 0) AS running
        FROM workers w LEFT JOIN (SELECT worker, count(*) AS jobs FROM jobs WHERE state = 'running' GROUP BY worker) r ON r.worker = w.name
        ORDER BY w.started_at, w.name";
    Ok(WorkerView::find_by_statement(sql(select, [lease.as_secs_f64().into()]))
        .all(db)
        .await?)
}
