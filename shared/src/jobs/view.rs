//! Jobs as people see them.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, JobId, UserId};
use crate::kinds::{JobState, Role};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// A job and how far it is.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct JobView {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// The institution it works for.
    pub institution_id: Option<InstitutionId>,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// Where it stands.
    pub state: JobState,
    /// Runs so far.
    pub attempt: i32,
    /// Runs that failed, since it was asked for or retried.
    pub failures: i32,
    /// Failures that it may have.
    pub max_attempts: i32,
    /// Items done.
    pub progress_done: i64,
    /// Items in all, once known.
    pub progress_total: Option<i64>,
    /// What came of it.
    pub result: Option<serde_json::Value>,
    /// Why the last run failed: the text for the super admin, whose affair the inside is; for others only that it did.
    pub error: Option<String>,
    /// When it runs, or runs again.
    pub run_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Whether somebody asked for its end.
    pub cancel_requested: bool,
    /// Which worker ran it last; for the super admin.
    pub worker: Option<String>,
    /// When the last run began.
    pub claimed_at: Option<DateTime<Utc>>,
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

/// The columns of a [`JobView`] of the table `j`; `$1` says whether the reader may see the inside, `$2` is [`FAILED`].
pub(super) const COLUMNS: &str = "
    j.id, j.kind, j.queue, j.institution_id, j.created_by, j.state, j.attempt, j.failures, j.max_attempts, j.progress_done, j.progress_total,
    j.result, CASE WHEN $1 OR j.error IS NULL THEN j.error ELSE $2 END AS error, j.cancel_requested_at IS NOT NULL AS cancel_requested,
    CASE WHEN $1 THEN j.worker END AS worker, j.run_at, j.created_at, j.claimed_at, j.started_at, j.finished_at";

/// The first parameters of statements that use [`COLUMNS`].
pub(super) fn inside(actor: &Actor) -> [Value; 2] {
    [(actor.role == Role::SuperAdmin).into(), FAILED.into()]
}

/// The institution to whose jobs an administrator is confined, `None` for the super admin.
///
/// # Errors
/// `Forbidden` for everybody else.
pub(super) fn confined_to(actor: &Actor) -> Result<Option<InstitutionId>> {
    actor.require(&[Role::SuperAdmin, Role::InstitutionAdmin])?;
    match actor.role {
        Role::SuperAdmin => Ok(None),
        _ => actor.institution().map(Some),
    }
}

/// One job: the super admin sees all, an institution admin its institution's, everybody their own.
///
/// # Errors
/// `NotFound` also for jobs that the actor may not see.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: JobId) -> Result<JobView> {
    let select = format!("SELECT {COLUMNS} FROM jobs j WHERE j.id = $3 AND ($1 OR j.institution_id = $4 OR j.created_by = $5)");
    let of_institution = match actor.role {
        Role::InstitutionAdmin => actor.institution_id,
        Role::SuperAdmin | Role::Teacher | Role::Student => None,
    };
    let values = [id.into(), of_institution.into(), actor.user_id.into()];
    let job = JobView::find_by_statement(sql(&select, inside(actor).into_iter().chain(values)))
        .one(db)
        .await?;
    job.ok_or(Error::NotFound("job"))
}
