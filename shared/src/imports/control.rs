//! What people do with an import that they have asked for: end it early, or do in earnest what a dry run has shown.

use super::ledger;
use super::request::{Accepted, NewImport, may_grade, register};
use super::view;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{CourseId, ImportId, InstitutionId};
use crate::kinds::{ImportKind, ImportMode, ImportState, JobState};
use sea_orm::ConnectionTrait;
use serde_json::json;

/// Asks for the end of an import. One that waits ends at once; one that runs ends behind the batch it is at. What was
/// committed stays, and the counts say how much that is. An import that is already to end is left to it.
///
/// # Errors
/// `Conflict` when it has ended; `NotFound` for imports that the actor does not see; `Forbidden` when it brings grades to a course that the
/// actor may not grade.
pub async fn cancel(work: &Work, actor: &Actor, id: ImportId) -> Result<()> {
    let import = view::find(work.tx(), actor, id).await?;
    may_import(work, actor, import.kind, import.course_id).await?;
    // The lock on the job's row makes a worker that is just taking it wait.
    let select = "SELECT state FROM jobs WHERE id = $1 FOR NO KEY UPDATE";
    let row = work.tx().query_one_raw(sql(select, [import.job_id.into()])).await?;
    let state: JobState = row.ok_or_else(|| Error::internal("an import has no job"))?.try_get("", "state")?;
    match state {
        JobState::Queued => {
            ledger::cancel(work.tx(), id).await?;
            let update = "
                UPDATE jobs SET state = 'cancelled', cancel_requested_at = now(), finished_at = now(), result = $2 WHERE id = $1";
            let result = json!({ "import": ImportState::Cancelled });
            work.tx().execute_raw(sql(update, [import.job_id.into(), result.into()])).await?;
        }
        JobState::Running => {
            let update = "UPDATE jobs SET cancel_requested_at = COALESCE(cancel_requested_at, now()) WHERE id = $1";
            work.tx().execute_raw(sql(update, [import.job_id.into()])).await?;
        }
        JobState::Succeeded | JobState::Dead | JobState::Cancelled | JobState::Superseded => {
            return Err(Error::conflict("import_ended", "The import has ended; there is nothing to cancel."));
        }
    }
    activity::record(work, actor, Deed::new("import.cancelled", "import", id.0)).await
}

/// Asks for a new import of the file of a dry run that has completed, with the same options, that writes.
///
/// # Errors
/// `Conflict` when it is no dry run, has not completed, or its file was removed; otherwise as [`cancel`].
pub async fn apply(work: &mut Work, actor: &Actor, id: ImportId) -> Result<Accepted> {
    let import = view::find(work.tx(), actor, id).await?;
    let institution_id = may_import(work, actor, import.kind, import.course_id).await?;
    if import.mode != ImportMode::DryRun {
        return Err(Error::conflict(
            "not_a_dry_run",
            "The import is no dry run; it has written already.",
        ));
    }
    if import.state != ImportState::Completed {
        return Err(Error::conflict(
            "dry_run_not_completed",
            "Only a dry run that has read its whole file can be applied.",
        ));
    }
    let upload_id = import
        .upload_id
        .ok_or_else(|| Error::conflict("file_removed", "The file of the dry run was removed; upload it again."))?;
    let new = NewImport {
        institution_id,
        kind: import.kind,
        upload_id,
        mode: ImportMode::Apply,
        on_existing: import.on_existing,
        send_welcome: import.send_welcome,
        course_id: import.course_id,
        layout: import.layout,
        rehearsal_id: Some(id),
    };
    register(work, actor, new).await
}

/// Passes who may ask for such an import.
async fn may_import(work: &Work, actor: &Actor, kind: ImportKind, course_id: Option<CourseId>) -> Result<InstitutionId> {
    match (kind, course_id) {
        (ImportKind::Students, _) => actor.require_admin(),
        (ImportKind::Grades, Some(course_id)) => may_grade(work.tx(), actor, course_id).await,
        (ImportKind::Grades, None) => Err(Error::NotFound("course")),
    }
}
