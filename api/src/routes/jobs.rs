//! Background work and its progress.

use super::Tag;
use super::words::JobState;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::actor::Actor;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::view::{self, JobView};
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use poem::web::Data;
use poem::web::sse::Event;
use poem_openapi::param::Path;
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
    /// What it does: `student_import`, `grade_import`, `welcome_email`, `password_reset_email`, `achievement`,
    /// `institution_deletion`, `maintenance`.
    kind: String,
    /// Where it stands.
    state: JobState,
    /// How far it is.
    progress: Progress,
    /// Runs so far.
    attempt: i32,
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
            state: job.state.into(),
            progress: Progress {
                done: job.progress_done,
                total: job.progress_total,
            },
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            result: job.result,
            error: job.error,
            run_at: job.run_at,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
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
