//! The end of what is old, table by table, a batch at a time.
//!
//! Each batch is two short statements in a transaction of the caller's: rows are locked first, passing over those that
//! somebody works on, and looked at again before they are deleted, so that a row which somebody has just begun to need
//! stays. What refers to a row goes along or forgets it, as the schema says (`ON DELETE`).

use super::Task;
use crate::db::sql;
use crate::error::Result;
use crate::idempotency;
use crate::platform::institutions::MAIL_HELD;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use std::time::Duration;

/// For so long a client that comes back late is told that its session has expired, and not that it never was.
const EXPIRED_KEPT: Duration = Duration::from_secs(86_400);

/// For how long things are kept that an operator may want to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Jobs, from their end.
    pub jobs: Duration,
    /// Files of imports, from the end of the last import of each.
    pub files: Duration,
}

/// What is deleted from one table, which has no partitions: rows are named by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    table: &'static str,
    /// Which rows of the table, called `t`, may go when `$1` is the age's moment.
    condition: String,
    /// Age at which they go.
    age: Duration,
    /// Rows of one batch.
    batch: u32,
}

/// The first row of a family tells since when somebody is signed in, so it stays as long as the family lives. What has
/// expired can neither be used nor revived, so this takes no lock of the user.
const SESSIONS: &str = "
    t.expires_at < $1 AND (
        EXISTS (SELECT FROM sessions o WHERE o.family = t.family AND o.id < t.id)
        OR NOT EXISTS (SELECT FROM sessions o WHERE o.family = t.family AND o.expires_at >= $1))";

/// A job that died waits for an operator. The job of an import is part of what the import tells. A mail that was held back
/// is known by its job alone, until the institution goes on.
fn jobs() -> String {
    format!(
        "t.finished_at < $1 AND t.state IN ('succeeded', 'cancelled', 'superseded')
        AND NOT EXISTS (SELECT FROM imports i WHERE i.job_id = t.id)
        AND NOT (t.result ->> 'skipped' IS NOT DISTINCT FROM '{MAIL_HELD}'
            AND EXISTS (SELECT FROM institutions i WHERE i.id = t.institution_id AND NOT i.is_active))"
    )
}

/// A file may serve several imports, a dry run and what followed. An import that died may be tried again.
const FILES: &str = "
    t.purpose IN ('student_import', 'grade_import') AND t.created_at < $1 AND NOT EXISTS (
        SELECT FROM imports i JOIN jobs j ON j.id = i.job_id
        WHERE i.upload_id = t.id AND (j.finished_at IS NULL OR j.finished_at >= $1 OR j.state = 'dead'))";

impl Purge {
    /// What a task deletes; `None` for tasks that delete nothing.
    #[must_use]
    pub fn of(task: Task, keep: Keep) -> Option<Self> {
        let purge = |table, condition: &str, age, batch| Self {
            table,
            condition: condition.to_owned(),
            age,
            batch,
        };
        Some(match task {
            Task::ExpiredSessions => purge("sessions", SESSIONS, EXPIRED_KEPT, 2000),
            Task::ExpiredResetTokens => purge("password_reset_tokens", "t.expires_at < $1", EXPIRED_KEPT, 2000),
            Task::ExpiredIdempotencyKeys => purge("idempotency_keys", "t.created_at <= $1", idempotency::KEPT, 500),
            Task::FinishedJobs => purge("jobs", &jobs(), keep.jobs, 1000),
            Task::ImportedFiles => purge("uploads", FILES, keep.files, 20),
            Task::Partitions | Task::AchievementCheck => return None,
        })
    }

    /// Deletes one batch of what is old at `now`; says how many rows that were, 0 when none is left that may go.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn some(&self, tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64> {
        let Self {
            table, condition, batch, ..
        } = self;
        let before = now - self.age;
        let lock = format!("SELECT t.ctid::text AS place FROM {table} t WHERE {condition} LIMIT {batch} FOR UPDATE SKIP LOCKED");
        let rows = tx.query_all_raw(sql(&lock, [before.into()])).await?;
        let places: Vec<String> = rows.iter().map(|row| row.try_get("", "place")).collect::<Result<_, DbErr>>()?;
        if places.is_empty() {
            return Ok(0);
        }
        let delete = format!("DELETE FROM {table} t WHERE t.ctid = ANY($2::text[]::tid[]) AND {condition}");
        Ok(tx.execute_raw(sql(&delete, [before.into(), places.into()])).await?.rows_affected())
    }
}
