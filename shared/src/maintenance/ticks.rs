//! The ticks of schedules: which moment of a cron expression was acted upon last, agreed on by all workers in one row.
//!
//! Every worker sees every tick; the row moves forward once for each, in the transaction of the job that the tick asks
//! for. So a tick has exactly one job, or none, whoever dies at whatever moment, and one that nobody saw is taken later by
//! whoever looks next. What the moments are is the worker's affair.

use super::Task;
use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::JobId;
use crate::jobs::{Job, Order, enqueue};
use crate::kinds::JobState;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A schedule as it was last acted upon.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct LastTick {
    /// The schedule, which may be one of another release.
    pub name: String,
    /// The moment that its expression names.
    pub tick: DateTime<Utc>,
    /// When somebody acted upon it.
    pub fired_at: DateTime<Utc>,
    /// The job that it asked for, while that is kept.
    pub job_id: Option<JobId>,
    /// Where that job stands.
    pub job_state: Option<JobState>,
}

/// A row that is being moved by somebody else is waited for, and then compared again.
const TAKE: &str = "
    INSERT INTO schedule_ticks AS last (name, tick) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET tick = excluded.tick, fired_at = now(), job_id = NULL WHERE last.tick < excluded.tick";

/// Takes a tick and asks for its job. `None`: this tick, or a later one, was taken before. A job of an earlier tick that
/// still waits is the job of this one, too.
///
/// # Errors
/// When the database refuses.
pub async fn fire(work: &mut Work, task: Task, tick: DateTime<Utc>) -> Result<Option<JobId>> {
    let taken = work.tx().execute_raw(sql(TAKE, [task.as_str().into(), tick.into()])).await?;
    if taken.rows_affected() == 0 {
        return Ok(None);
    }
    let job_id = enqueue(work, &Job::Maintenance { task }, Order::default()).await?;
    let note = "UPDATE schedule_ticks SET job_id = $2 WHERE name = $1";
    work.tx().execute_raw(sql(note, [task.as_str().into(), job_id.into()])).await?;
    Ok(Some(job_id))
}

/// The latest tick of every schedule that ever had one, by name.
///
/// # Errors
/// When the database refuses.
pub async fn last(db: &impl ConnectionTrait) -> Result<Vec<LastTick>> {
    let select = "
        SELECT t.name, t.tick, t.fired_at, t.job_id, j.state AS job_state
        FROM schedule_ticks t LEFT JOIN jobs j ON j.id = t.job_id ORDER BY t.name";
    Ok(LastTick::find_by_statement(sql(select, [])).all(db).await?)
}
