//! Jobs as people see them.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, JobId, UserId};
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
    /// Why the last run failed.
    pub error: Option<String>,
    /// When it runs, or runs again.
    pub run_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it first ran.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    institution_id: Option<InstitutionId>,
    created_by: Option<UserId>,
}

impl JobView {
    /// Whether it will not change any more by itself.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self.state, JobState::Queued | JobState::Running)
    }

    /// The super admin sees all, an institution admin its institution's, everybody their own.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        match actor.role {
            Role::SuperAdmin => true,
            Role::InstitutionAdmin => self.institution_id.is_some() && self.institution_id == actor.institution_id,
            Role::Teacher | Role::Student => self.created_by == Some(actor.user_id),
        }
    }
}

/// One job.
///
/// # Errors
/// `NotFound` also for jobs that the actor may not see.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: JobId) -> Result<JobView> {
    let select = "
        SELECT id, kind, state, attempt, max_attempts, progress_done, progress_total, result, error, run_at, created_at, started_at, finished_at,
            institution_id, created_by
        FROM jobs WHERE id = $1";
    let job = JobView::find_by_statement(sql(select, [id.into()])).one(db).await?;
    job.filter(|job| job.is_visible_to(actor)).ok_or(Error::NotFound("job"))
}
