//! What operators do with jobs: run them again, end them, put them away.

use super::super::Tag;
use super::super::words::Queue;
use super::Job;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::WriteProblem;
use crate::state::AppState;
use acurate_shared::actor::Actor;
use acurate_shared::db::Work;
use acurate_shared::ids::{InstitutionId, JobId};
use acurate_shared::jobs::bulk_retry::{self, DeadJobs};
use acurate_shared::jobs::{control, view};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct JobControlApi;

/// Which dead jobs are run again; everything given must hold.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct JobsRetry {
    /// Jobs of exactly this kind only, at most 60 characters.
    kind: Option<String>,
    /// Jobs of this queue only.
    queue: Option<Queue>,
    /// Jobs of this institution only; institution admins may name their own.
    institution_id: Option<i64>,
}

/// What became of dead jobs. The first number is the sum of the others.
#[derive(Debug, Object)]
struct JobsRetried {
    /// Dead jobs that were meant.
    dead: i64,
    /// Wait again, with all their tries.
    retried: i64,
    /// Stay dead: an equal job waits, or was retried in their place.
    equal_job_waits: i64,
    /// Stay dead: their import has ended, or its file was removed.
    import_ended: i64,
    /// Were left because one call takes 10 000: ask again.
    left: i64,
    /// Whether nothing was changed.
    dry_run: bool,
}

#[OpenApi(prefix_path = "/jobs", tag = "Tag::Jobs")]
impl JobControlApi {
    /// Run dead jobs again
    ///
    /// For super admins, and for institution admins on their institution's jobs. `?dry_run=true` counts and changes nothing.
    #[oai(path = "/retry", method = "post", operation_id = "retryJobs")]
    async fn retry_many(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Whether to count only.
        dry_run: Query<Option<bool>>,
        body: Json<JobsRetry>,
    ) -> Result<Json<JobsRetried>, WriteProblem> {
        let which = DeadJobs {
            kind: body.0.kind,
            queue: body.0.queue.map(Into::into),
            institution_id: body.0.institution_id.map(InstitutionId),
        };
        let dry_run = dry_run.0.unwrap_or(false);
        let work = state.begin(&context).await?;
        let retried = bulk_retry::retry_dead(&work, &user.0.actor, &which, dry_run).await?;
        state.commit(work).await?;
        Ok(Json(JobsRetried {
            dead: retried.dead,
            retried: retried.retried,
            equal_job_waits: retried.equal_job_waits,
            import_ended: retried.import_ended,
            left: retried.left,
            dry_run,
        }))
    }

    /// Run a job again
    ///
    /// For super admins and administrators of the job's institution. A dead or cancelled job waits as if it were new, with all its
    /// tries; an import goes on where it stopped. 409 `job_not_retriable` in any other state, `equal_job_waits` when another job
    /// does its work, `import_ended` when its import was told to have ended, `file_removed` when there is nothing left to import.
    #[oai(path = "/:id/retry", method = "post", operation_id = "retryJob")]
    async fn retry(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the job.
        id: Path<i64>,
    ) -> Result<Json<Job>, WriteProblem> {
        let (actor, id) = (&user.0.actor, JobId(id.0));
        let work = state.begin(&context).await?;
        control::retry(&work, actor, id).await?;
        answer(&state, work, actor, id).await
    }

    /// Cancel a job
    ///
    /// For super admins and administrators of the job's institution. One that waits ends at once. One that runs is asked to end
    /// and does so between two steps; when it does not listen, it is ended. What was committed stays. Students whose
    /// achievements it was to compute are asked for anew by the system. 409 `job_ended` when there is nothing to cancel.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelJob")]
    async fn cancel(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the job.
        id: Path<i64>,
    ) -> Result<Json<Job>, WriteProblem> {
        let (actor, id) = (&user.0.actor, JobId(id.0));
        let work = state.begin(&context).await?;
        control::cancel(&work, actor, id).await?;
        answer(&state, work, actor, id).await
    }

    /// Put a dead job away
    ///
    /// For super admins and administrators of the job's institution. Nobody will run it; its mail is given up, its import is
    /// cancelled. It counts as cancelled from then on. 409 `job_not_dead` in any other state.
    #[oai(path = "/:id/discard", method = "post", operation_id = "discardJob")]
    async fn discard(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the job.
        id: Path<i64>,
    ) -> Result<Json<Job>, WriteProblem> {
        let (actor, id) = (&user.0.actor, JobId(id.0));
        let work = state.begin(&context).await?;
        control::discard(&work, actor, id).await?;
        answer(&state, work, actor, id).await
    }
}

/// The job as it is now.
async fn answer(state: &AppState, work: Work, actor: &Actor, id: JobId) -> Result<Json<Job>, WriteProblem> {
    let job = view::find(work.tx(), actor, id).await?;
    state.commit(work).await?;
    Ok(Json(job.into()))
}
