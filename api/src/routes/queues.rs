//! The queues: how they go, pausing, resuming and probing them.

use super::Tag;
use super::jobs::Job;
use super::words::Queue;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::error::Error;
use acurate_shared::jobs::queues::{self, QueueView};
use acurate_shared::jobs::{probe, view};
use acurate_shared::transport;
use chrono::{DateTime, Utc};
use futures::future::join_all;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct QueuesApi;

/// What ended lately.
#[derive(Debug, Object)]
struct Throughput {
    /// Jobs that succeeded.
    succeeded: i64,
    /// Runs that failed, or whose worker vanished.
    failed: i64,
    /// Failed runs among both, 0 to 1; absent without any.
    failure_rate: Option<f64>,
}

/// A queue and how it goes.
#[derive(Debug, Object)]
struct QueueStatus {
    /// Its name.
    name: String,
    /// Whether no job of it is begun.
    paused: bool,
    /// Since when.
    paused_at: Option<DateTime<Utc>>,
    /// Why.
    pause_reason: Option<String>,
    /// Jobs that could run now.
    due: i64,
    /// Jobs that wait for their time, e.g. for their next try.
    delayed: i64,
    /// Jobs that run.
    running: i64,
    /// Jobs that died and that nobody has retried or put away.
    dead: i64,
    /// For how long the longest waiting due job has been due, in seconds.
    oldest_due_seconds: Option<f64>,
    /// What ended within the last minute.
    last_minute: Throughput,
    /// What ended within the last hour.
    last_hour: Throughput,
    /// Messages that wait in Redis; absent while Redis is away. Fewer than jobs are due is normal: Redis is filled up to a limit.
    messages: Option<u64>,
    /// Workers that live and consume it.
    workers: i64,
    /// How many of its jobs they run at once, all together.
    slots: i64,
    /// Whether no worker consumes it: its jobs wait until one does.
    unattended: bool,
}

/// All queues.
#[derive(Debug, Object)]
struct Queues {
    /// One item for each queue.
    items: Vec<QueueStatus>,
}

/// Why a queue is paused.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct QueuePause {
    /// 1 to 500 characters; shown to who wonders why nothing happens.
    reason: String,
}

/// A probe is on its way.
#[derive(ApiResponse)]
enum Probed {
    /// The job that is the probe.
    #[oai(status = 202)]
    Sent(
        Json<Job>,
        /// Where the job is followed.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/queues", tag = "Tag::Jobs")]
impl QueuesApi {
    /// List the queues
    ///
    /// For super admins: what waits, runs and died in each, what ended lately, and who consumes it.
    #[oai(path = "/", method = "get", operation_id = "listQueues")]
    async fn list(&self, state: Data<&AppState>, user: SignedIn) -> Result<Json<Queues>, ReadProblem> {
        let actor = &user.0.actor;
        let views = queues::list(state.database.orm(), actor, &transport::Queue::ALL, state.jobs.lease).await?;
        Ok(Json(Queues {
            items: join_all(views.into_iter().map(|view| told(&state, view))).await,
        }))
    }

    /// Pause a queue
    ///
    /// For super admins. No job of it is begun any more; those that run go on, new ones may still be asked for and wait. Pausing a
    /// paused queue changes the reason.
    #[oai(path = "/:queue/pause", method = "post", operation_id = "pauseQueue")]
    async fn pause(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// The queue.
        queue: Path<Queue>,
        body: Json<QueuePause>,
    ) -> Result<Json<QueueStatus>, WriteProblem> {
        let (actor, queue) = (&user.0.actor, queue.0.into());
        let work = state.begin(&context).await?;
        queues::pause(&work, actor, queue, &body.0.reason).await?;
        let view = one(queues::list(work.tx(), actor, &[queue], state.jobs.lease).await?)?;
        state.commit(work).await?;
        Ok(Json(told(&state, view).await))
    }

    /// Resume a queue
    ///
    /// For super admins. Its jobs are begun again at once. A queue that is not paused stays as it is.
    #[oai(path = "/:queue/resume", method = "post", operation_id = "resumeQueue")]
    async fn resume(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// The queue.
        queue: Path<Queue>,
    ) -> Result<Json<QueueStatus>, WriteProblem> {
        let (actor, queue) = (&user.0.actor, queue.0.into());
        let work = state.begin(&context).await?;
        queues::resume(&work, actor, queue).await?;
        let view = one(queues::list(work.tx(), actor, &[queue], state.jobs.lease).await?)?;
        state.commit(work).await?;
        Ok(Json(told(&state, view).await))
    }

    /// Probe a queue
    ///
    /// For super admins. Sends a job that does nothing the whole way of every other: database, Redis, worker, database. It has
    /// succeeded once a worker took it. In a paused queue, or one that nobody consumes, it waits; cancel it there.
    #[oai(path = "/:queue/probe", method = "post", operation_id = "probeQueue")]
    async fn probe(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// The queue.
        queue: Path<Queue>,
    ) -> Result<Probed, WriteProblem> {
        let actor = &user.0.actor;
        let mut work = state.begin(&context).await?;
        let id = probe::send(&mut work, actor, queue.0.into()).await?;
        let body: Job = view::find(work.tx(), actor, id).await?.into();
        let location = format!("/api/jobs/{id}");
        state.commit_answer(&context, work, StatusCode::ACCEPTED, &location, &body).await?;
        Ok(Probed::Sent(Json(body), location))
    }
}

fn one(views: Vec<QueueView>) -> Result<QueueView, Error> {
    views.into_iter().next().ok_or_else(|| Error::internal("a queue has no row"))
}

/// Adds what only Redis knows.
async fn told(state: &AppState, view: QueueView) -> QueueStatus {
    let messages = match view.name.parse() {
        Ok(queue) => state.transport.depth(queue).await.ok(),
        Err(_) => None,
    };
    let [minute, hour] = view.failure_rates();
    QueueStatus {
        paused: view.paused_at.is_some(),
        unattended: view.is_unattended(),
        name: view.name,
        paused_at: view.paused_at,
        pause_reason: view.pause_reason,
        due: view.due,
        delayed: view.delayed,
        running: view.running,
        dead: view.dead,
        oldest_due_seconds: view.oldest_due_seconds,
        last_minute: Throughput {
            succeeded: view.succeeded_minute,
            failed: view.failed_minute,
            failure_rate: minute,
        },
        last_hour: Throughput {
            succeeded: view.succeeded_hour,
            failed: view.failed_hour,
            failure_rate: hour,
        },
        messages,
        workers: view.workers,
        slots: view.slots,
    }
}
