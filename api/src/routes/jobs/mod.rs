//! Background work and its progress. What is done with jobs is [`control`].

pub mod control;

use super::Tag;
use super::paging::{PageOf, wanted};
use super::words::{AttemptOutcome, JobState, Queue};
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::actor::Actor;
use acurate_shared::ids::{InstitutionId, JobId};
use acurate_shared::jobs::listing::{self, AttemptView, JobFilter};
use acurate_shared::jobs::view::{self, JobView};
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use poem::web::Data;
use poem::web::sse::Event;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{EventStream, Json};
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;
use std::time::Duration;

/// How often a stream of events looks at the job.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// How often a silent stream says that it lives, so that proxies keep it open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A stream ends after this; a client that wants more asks again.
const LOOKS: usize = 12_000;

/// The operations.
#[derive(Debug)]
pub struct JobsApi;

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Progress {
    /// Items done.
    done: i64,
    /// Items in all, once known.
    total: Option<i64>,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Job {
    /// Its id.
    id: i64,
    /// What it does: `student_import`, `grade_import`, `welcome_email`, `password_reset_email`, `password_changed_email`,
    /// `grades_posted_email`, `import_finished_email`, `achievement`, `recalculation`, `institution_deletion`, `maintenance`, `probe`.
    kind: String,
    /// Its queue: `email`, `import`, `achievement`, `recalculation`, `maintenance`.
    queue: String,
    /// The institution it works for; absent for the platform's own work.
    institution_id: Option<i64>,
    /// Who asked for it; absent for what the system asked for.
    created_by: Option<i64>,
    /// Where it stands.
    state: JobState,
    /// How far it is.
    progress: Progress,
    /// Runs so far.
    attempt: i32,
    /// Runs that failed since it was asked for, or retried.
    failures: i32,
    /// Failures that it may have.
    max_attempts: i32,
    /// What came of it.
    result: Option<Value>,
    /// Why the last run failed.
    error: Option<String>,
    /// When it runs, or runs again.
    run_at: DateTime<Utc>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// Whether somebody asked for its end.
    cancel_requested: bool,
    /// Which worker ran it last; for super admins.
    worker: Option<String>,
    /// When the last run began.
    claimed_at: Option<DateTime<Utc>>,
    /// When it first ran.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
}

impl From<JobView> for Job {
    fn from(job: JobView) -> Self {
        Self {
            id: job.id.0,
            kind: job.kind,
            queue: job.queue,
            institution_id: job.institution_id.map(|id| id.0),
            created_by: job.created_by.map(|id| id.0),
            state: job.state.into(),
            progress: Progress {
                done: job.progress_done,
                total: job.progress_total,
            },
            attempt: job.attempt,
            failures: job.failures,
            max_attempts: job.max_attempts,
            result: job.result,
            error: job.error,
            run_at: job.run_at,
            created_at: job.created_at,
            cancel_requested: job.cancel_requested,
            worker: job.worker,
            claimed_at: job.claimed_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
        }
    }
}

/// A run of a job that did not succeed.
#[derive(Clone, Debug, PartialEq, Object)]
struct JobAttempt {
    /// Number of the run, from 1.
    attempt: i32,
    /// Which worker ran it; for super admins.
    worker: Option<String>,
    /// When it began.
    started_at: DateTime<Utc>,
    /// When it ended.
    ended_at: DateTime<Utc>,
    /// How it ended.
    outcome: AttemptOutcome,
    /// What went wrong; for institution admins only that something did.
    error: Option<String>,
}

impl From<AttemptView> for JobAttempt {
    fn from(attempt: AttemptView) -> Self {
        Self {
            attempt: attempt.attempt,
            worker: attempt.worker,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            outcome: attempt.outcome.into(),
            error: attempt.error,
        }
    }
}

/// The stream of a job's events.
#[derive(ApiResponse)]
enum JobEvents {
    /// One event `job` for each change, the last one with a final state.
    #[oai(status = 200)]
    Events(EventStream<BoxStream<'static, Job>>),
}

#[OpenApi(prefix_path = "/jobs", tag = "Tag::Jobs")]
impl JobsApi {
    /// List jobs
    ///
    /// All for super admins, those of the own institution for institution admins; the newest first. Finished jobs are kept for
    /// a time only.
    #[oai(path = "/", method = "get", operation_id = "listJobs")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The job with this id only.
        search: Query<Option<String>>,
        /// Jobs of exactly this kind only, e.g. `student_import`; at most 60 characters.
        kind: Query<Option<String>>,
        /// Jobs that stand here only.
        #[oai(name = "state")]
        in_state: Query<Option<JobState>>,
        /// Jobs of this queue only.
        queue: Query<Option<Queue>>,
        /// Jobs of this institution only; institution admins may name their own.
        institution_id: Query<Option<i64>>,
        /// Asked for at this instant or later, RFC 3339.
        created_from: Query<Option<DateTime<Utc>>>,
        /// Asked for before this instant, RFC 3339.
        created_until: Query<Option<DateTime<Utc>>>,
        /// Ended at this instant or later, RFC 3339.
        finished_from: Query<Option<DateTime<Utc>>>,
        /// Ended before this instant, RFC 3339.
        finished_until: Query<Option<DateTime<Utc>>>,
        /// `id`, `created_at`, `run_at`, `started_at`, `finished_at`, `kind`, `queue`, `state`, `attempt`, `failures`, several with
        /// commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Job>>, ReadProblem> {
        let filter = JobFilter {
            kind: kind.0,
            state: in_state.0.map(Into::into),
            queue: queue.0.map(Into::into),
            institution_id: institution_id.0.map(InstitutionId),
            created_from: created_from.0,
            created_until: created_until.0,
            finished_from: finished_from.0,
            finished_until: finished_until.0,
            search: search.0,
            sort: sort.0,
        };
        let page = listing::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(page.into()))
    }

    /// List the runs of a job that did not succeed
    ///
    /// For super admins and administrators of the job's institution; the newest first. The run under way, and the one that
    /// succeeded, are told by the job itself.
    #[oai(path = "/:id/attempts", method = "get", operation_id = "listJobAttempts")]
    async fn attempts(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the job.
        id: Path<i64>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<JobAttempt>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let page = listing::attempts(state.database.orm(), &user.0.actor, JobId(id.0), request).await?;
        Ok(Json(page.into()))
    }

    /// Read a job
    ///
    /// For who asked for it, administrators of its institution, and the super admin.
    #[oai(path = "/:id", method = "get", operation_id = "getJob")]
    async fn get(&self, state: Data<&AppState>, user: SignedIn, id: Path<i64>) -> Result<Json<Job>, ReadProblem> {
        let job = view::find(state.database.orm(), &user.0.actor, JobId(id.0)).await?;
        Ok(Json(job.into()))
    }

    /// Follow a job to its end
    ///
    /// Server-sent events: one at once and one for each change; the stream ends with the job.
    #[oai(path = "/:id/events", method = "get", operation_id = "followJob")]
    async fn follow(&self, state: Data<&AppState>, user: SignedIn, id: Path<i64>) -> Result<JobEvents, ReadProblem> {
        let job = view::find(state.database.orm(), &user.0.actor, JobId(id.0)).await?;
        let stream = changes(state.0.clone(), user.0.actor, job).map(Job::from).boxed();
        let events = EventStream::new(stream)
            .keep_alive(KEEP_ALIVE)
            .to_event(|job| Event::message(job.to_json_string()).event_type("job"));
        Ok(JobEvents::Events(events))
    }
}

/// A database that is away for a moment ends no stream.
fn changes(state: AppState, actor: Actor, first: JobView) -> impl Stream<Item = JobView> + Send {
    async_stream::stream! {
        let mut last = first;
        yield last.clone();
        for _ in 0..LOOKS {
            if last.is_final() {
                break;
            }
            tokio::time::sleep(LOOK_EVERY).await;
            match view::find(state.database.orm(), &actor, last.id).await {
                Ok(now) if now != last => {
                    last = now;
                    yield last.clone();
                }
                Ok(_) | Err(acurate_shared::error::Error::Unavailable(_)) => {}
                Err(_) => break,
            }
        }
    }
}
