//! What operators do with a job: run it again, end it, put it away.
//!
//! The super admin steers all jobs, an institution admin its institution's. The row is locked first, so that a worker that is
//! just taking or ending it and the operator come one after the other.

use super::belongings;
use super::view::confined_to;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result, constraint};
use crate::ids::{InstitutionId, JobId};
use crate::kinds::{ImportState, JobState};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

#[derive(FromQueryResult)]
struct Steered {
    kind: String,
    state: JobState,
    institution_id: Option<InstitutionId>,
    twin_waits: bool,
}

/// Runs a job again that died or was cancelled: it waits as if it were new, with all its tries.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `job_not_retriable` in other states, `equal_job_waits` when an equal one does its
/// work, `import_ended` when its import was told that it has ended, `file_removed` when there is nothing left to import.
pub async fn retry(work: &Work, actor: &Actor, id: JobId) -> Result<()> {
    let job = lock(work, actor, id).await?;
    if let Some(reason) = why_not_again(job.state) {
        return Err(Error::conflict("job_not_retriable", reason));
    }
    refuse_ended_import(work, id).await?;
    if job.twin_waits {
        return Err(equal_job_waits());
    }
    let update = format!("UPDATE jobs SET {AS_NEW} WHERE id = $1");
    match work.tx().execute_raw(sql(&update, [id.into()])).await {
        Err(error) if constraint(&error) == Some("jobs_dedupe_key") => return Err(equal_job_waits()),
        other => other?,
    };
    wake_dispatchers(work).await?;
    record(work, actor, &job, "job.retried", id).await
}

/// What a job has when it waits as if it were new. The number of its runs goes on: it fences earlier ones.
pub(super) const AS_NEW: &str = "
    state = 'queued', failures = 0, lost_leases = 0, run_at = now(), finished_at = NULL, cancel_requested_at = NULL, dispatched_at = NULL,
    result = NULL";

/// Lets the dispatchers look now.
pub(super) async fn wake_dispatchers(work: &Work) -> Result<()> {
    work.tx().execute_raw(sql("SELECT pg_notify('acurate_jobs', '')", [])).await?;
    Ok(())
}

fn why_not_again(state: JobState) -> Option<&'static str> {
    match state {
        JobState::Dead | JobState::Cancelled => None,
        JobState::Queued => Some("The job waits already; it runs when its time has come."),
        JobState::Running => Some("The job runs; cancel it first, or wait for its end."),
        JobState::Succeeded => Some("The job is done; ask for what it does anew instead."),
        JobState::Superseded => Some("An equal job took the place of this one; look at that one."),
    }
}

fn equal_job_waits() -> Error {
    Error::conflict("equal_job_waits", "An equal job waits already and does what this one would do.")
}

/// What an import has counted once is not opened again.
async fn refuse_ended_import(work: &Work, id: JobId) -> Result<()> {
    let select = "SELECT state, upload_id IS NULL AS file_removed FROM imports WHERE job_id = $1 FOR NO KEY UPDATE";
    let Some(import) = work.tx().query_one_raw(sql(select, [id.into()])).await? else {
        return Ok(());
    };
    let state: ImportState = import.try_get("", "state")?;
    if !matches!(state, ImportState::Queued | ImportState::Running) {
        let message = format!("The import of this job has ended as {state}; what it counted stays. Ask for a new import.");
        return Err(Error::conflict("import_ended", message));
    }
    if import.try_get("", "file_removed")? {
        return Err(Error::conflict(
            "file_removed",
            "The file of the import was removed; upload it again.",
        ));
    }
    Ok(())
}

/// Asks for the end of a job. One that waits ends at once; one that runs ends between two steps, or is ended when it does not
/// listen. What was committed stays. A job that is already to end is left to it.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `job_ended`.
pub async fn cancel(work: &Work, actor: &Actor, id: JobId) -> Result<()> {
    let job = lock(work, actor, id).await?;
    end(work, id, job.state, "cancelled by an operator").await?;
    record(work, actor, &job, "job.cancelled", id).await
}

/// Ends a locked job that is in the given state, or asks its worker to.
pub(crate) async fn end(work: &Work, id: JobId, state: JobState, reason: &str) -> Result<()> {
    match state {
        JobState::Queued => {
            let update = "
                UPDATE jobs SET state = 'cancelled', cancel_requested_at = now(), finished_at = now(),
                    result = (SELECT '{\"import\": \"cancelled\"}'::jsonb FROM imports WHERE job_id = $1)
                WHERE id = $1";
            work.tx().execute_raw(sql(update, [id.into()])).await?;
            Ok(belongings::cancelled(work.tx(), &[id], reason).await?)
        }
        JobState::Running => {
            let update = "UPDATE jobs SET cancel_requested_at = COALESCE(cancel_requested_at, now()) WHERE id = $1";
            work.tx().execute_raw(sql(update, [id.into()])).await?;
            Ok(())
        }
        JobState::Succeeded | JobState::Dead | JobState::Cancelled | JobState::Superseded => Err(Error::conflict(
            "job_ended",
            format!("The job has ended as {state}; there is nothing to cancel."),
        )),
    }
}

/// Puts a dead job away: nobody will run it, and what belongs to it is told. It counts as cancelled from then on.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `job_not_dead`.
pub async fn discard(work: &Work, actor: &Actor, id: JobId) -> Result<()> {
    let job = lock(work, actor, id).await?;
    if job.state != JobState::Dead {
        let message = format!("Only a dead job is put away; this one is {}.", job.state);
        return Err(Error::conflict("job_not_dead", message));
    }
    let update = "UPDATE jobs SET state = 'cancelled', cancel_requested_at = now(), result = $2 WHERE id = $1";
    let result = json!({ "discarded": true });
    work.tx().execute_raw(sql(update, [id.into(), result.into()])).await?;
    belongings::cancelled(work.tx(), &[id], "put away by an operator").await?;
    record(work, actor, &job, "job.discarded", id).await
}

async fn lock(work: &Work, actor: &Actor, id: JobId) -> Result<Steered> {
    let own = confined_to(actor)?;
    let select = "
        SELECT kind, state, institution_id,
            EXISTS (SELECT FROM jobs t WHERE t.dedupe_key = jobs.dedupe_key AND t.state = 'queued' AND t.id <> jobs.id) AS twin_waits
        FROM jobs WHERE id = $1 AND ($2::bigint IS NULL OR institution_id = $2) FOR NO KEY UPDATE";
    let found = Steered::find_by_statement(sql(select, [id.into(), own.into()]))
        .one(work.tx())
        .await?;
    found.ok_or(Error::NotFound("job"))
}

async fn record(work: &Work, actor: &Actor, job: &Steered, action: &'static str, id: JobId) -> Result<()> {
    let deed = Deed::new(action, "job", id.0).with(json!({ "kind": job.kind, "state": job.state }));
    activity::record_for(work, Some(actor.user_id), job.institution_id, deed).await
}
