//! The worker processes.

use super::Tag;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::jobs::workers::{self, WorkerView};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct WorkersApi;

/// What a worker takes of a queue.
#[derive(Debug, Object)]
struct Slots {
    /// Name of the queue.
    queue: String,
    /// How many of its jobs it runs at once.
    slots: u64,
}

/// A worker process.
#[derive(Debug, Object)]
struct Worker {
    /// Its unique name: jobs name it.
    name: String,
    /// Its release.
    version: String,
    /// The queues that it consumes.
    queues: Vec<Slots>,
    /// Jobs that it runs.
    running: i64,
    /// Whether it was heard lately. One that was silent for long vanishes from the list.
    alive: bool,
    /// When it started.
    started_at: DateTime<Utc>,
    /// When it was last heard.
    seen_at: DateTime<Utc>,
    /// Since when it takes no new jobs, because it is about to end.
    stopping_at: Option<DateTime<Utc>>,
}

impl From<WorkerView> for Worker {
    fn from(worker: WorkerView) -> Self {
        let queues = worker.queues.as_object().into_iter().flatten().map(|(queue, slots)| Slots {
            queue: queue.clone(),
            slots: slots.as_u64().unwrap_or_default(),
        });
        Self {
            queues: queues.collect(),
            name: worker.name,
            version: worker.version,
            running: worker.running,
            alive: worker.is_alive,
            started_at: worker.started_at,
            seen_at: worker.seen_at,
            stopping_at: worker.stopping_at,
        }
    }
}

/// All workers.
#[derive(Debug, Object)]
struct Workers {
    /// The oldest first.
    items: Vec<Worker>,
}

#[OpenApi(prefix_path = "/workers", tag = "Tag::Jobs")]
impl WorkersApi {
    /// List the workers
    ///
    /// For super admins: the worker processes that said lately that they live.
    #[oai(path = "/", method = "get", operation_id = "listWorkers")]
    async fn list(&self, state: Data<&AppState>, user: SignedIn) -> Result<Json<Workers>, ReadProblem> {
        let workers = workers::list(state.database.orm(), &user.0.actor, state.jobs.lease).await?;
        Ok(Json(Workers {
            items: workers.into_iter().map(Worker::from).collect(),
        }))
    }
}
