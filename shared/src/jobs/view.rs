//! Jobs as people see them.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::JobId;
use crate::kinds::{JobState, Role};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;

/// A job and how far it is.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// Runs so far.
    pub attempt: i32,
    /// Failures that it may have.
    pub max_attempts: i32,
    /// Items done.
    pub progress_done: i64,
    /// Items in all, once known.
    pub progress_total: Option<i64>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why the last run failed: the text for the super admin, whose affair the inside is; for others only that it did.
    pub error: Option<String>,
    /// When it runs, or runs again.
    pub run_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it first ran.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl JobView {
    /// Whether it will not change any more by itself.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self.state, JobState::Queued | JobState::Running)
    }
}

/// What people read who cannot do anything about the cause.
const FAILED: &str = "The last run failed.";

/// One job: the super admin sees all, an institution admin its institution's, everybody their own.
///
/// # Errors
/// `NotFound` also for jobs that the actor may not see.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: JobId) -> Result<JobView> {
    let select = "
        SELECT id, kind, state, attempt, max_attempts, progress_done, progress_total, result,
            CASE WHEN $2 OR error IS NULL THEN error ELSE $5 END AS error, run_at, created_at, started_at, finished_at
        FROM jobs WHERE id = $1 AND ($2 OR institution_id = $3 OR created_by = $4)";
    let (all, of_institution) = match actor.role {
        Role::SuperAdmin => (true, None),
        Role::InstitutionAdmin => (false, actor.institution_id),
        Role::Teacher | Role::Student => (false, None),
    };
    let values = [id.into(), all.into(), of_institution.into(), actor.user_id.into(), FAILED.into()];
    let job = JobView::find_by_statement(sql(select, values)).one(db).await?;
    job.ok_or(Error::NotFound("job"))
}
