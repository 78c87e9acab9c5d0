//! The end of an institution: with everything in it, asked for by name, done by a job in batches.
//!
//! Suspension comes first and can be taken back; deletion cannot. The job deletes table by table, children before parents,
//! each batch a transaction of its own, so that a run that dies anywhere is continued by the next one. What others write
//! meanwhile, an import for example, is fenced off or swept up: the institution's row goes last, under a lock that keeps
//! new rows out, and only after a pass that found nothing. The activity log stays.

mod batches;
mod contents;

pub use batches::{STAGES, Stage, cancel_jobs, delete_some, finish, remaining};
pub use contents::{Contents, contents};

use super::institutions::lock;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::entity::institution;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, JobId};
use crate::jobs::{Job, Order, enqueue};
use crate::kinds::Role;
use crate::validation::clean;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

/// Asks for the end of a suspended institution and returns the job; super admins only. Asking again while the job waits or
/// runs is the same job; after a job that died it is a new one, which goes on.
///
/// # Errors
/// `Invalid` when `confirm` is not the exact name; `NotFound`; `Conflict` with `institution_not_suspended`.
pub async fn request(work: &mut Work, actor: &Actor, id: InstitutionId, confirm: Option<&str>) -> Result<JobId> {
    actor.require(&[Role::SuperAdmin])?;
    let institution = lock(work, id).await?;
    if confirm.map(clean) != Some(institution.name) {
        return Err(Error::invalid(
            "confirm",
            "does_not_match",
            "must be the exact name of the institution that is to be deleted",
        ));
    }
    if institution.is_active {
        return Err(Error::conflict(
            "institution_not_suspended",
            "Suspend the institution first: a deletion cannot be taken back.",
        ));
    }
    if let Some(job_id) = under_way(work, institution.deletion_job_id).await? {
        return Ok(job_id);
    }
    // The job belongs to the platform: the institution's own jobs go with it.
    let order = Order {
        institution_id: None,
        created_by: Some(actor.user_id),
    };
    let job_id = enqueue(work, &Job::InstitutionDeletion { institution_id: id }, order).await?;
    let update = "
        UPDATE institutions SET deletion_requested_at = COALESCE(deletion_requested_at, now()), deletion_job_id = $2 WHERE id = $1";
    work.tx().execute_raw(sql(update, [id.into(), job_id.into()])).await?;
    let deed = Deed::new("institution.deletion_requested", "institution", id.0).with(json!({ "job_id": job_id }));
    activity::record_for(work, Some(actor.user_id), Some(id), deed).await?;
    Ok(job_id)
}

async fn under_way(work: &Work, job_id: Option<JobId>) -> Result<Option<JobId>> {
    let select = "SELECT id FROM jobs WHERE id = $1 AND state IN ('queued', 'running') AND cancel_requested_at IS NULL";
    let row = work.tx().query_one_raw(sql(select, [job_id.into()])).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

/// An institution whose end was asked for, as its job sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// The institution.
    pub id: InstitutionId,
    /// Its name, for the log.
    pub name: String,
}

/// The institution that a job is to delete; `None` when it is gone already.
///
/// # Errors
/// `Conflict` with `deletion_not_requested`: no job deletes what nobody asked to delete.
pub async fn doomed(db: &impl ConnectionTrait, id: InstitutionId) -> Result<Option<Doomed>> {
    let Some(found) = institution::Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    if found.deletion_requested_at.is_none() {
        return Err(Error::conflict(
            "deletion_not_requested",
            "Nobody asked for the end of this institution.",
        ));
    }
    Ok(Some(Doomed { id, name: found.name }))
}
