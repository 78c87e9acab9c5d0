//! Running a queue: one worker of apalis after another, until the process is told to stop.

use super::connection::Connection;
use super::{Envelope, Queue, QueueBackend, Transport, scripts};
use apalis::layers::limit::GlobalConcurrencyLimitLayer;
use apalis_core::error::WorkerError;
use apalis_core::task::task_id::TaskId;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a handler may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Pause before the first worker that takes a dead one's place; doubled for each that dies soon after.
const RESTART_AFTER: Duration = Duration::from_millis(200);
/// Longest such pause.
const RESTART_AT_MOST: Duration = Duration::from_secs(10);
/// A worker that lived as long as this was sound.
const SOUND_AFTER: Duration = Duration::from_secs(60);
/// How long saying goodbye to Redis may take once no handler runs; what it would have given back is swept later.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// How a queue is run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Who runs it, in the names of the workers; a unique part is added for each start.
    pub worker: String,
    /// How many messages are handled at a time (1 to 2 000). Half as many may wait in this process for a free place.
    pub concurrency: usize,
    /// How long handlers may go on after the order to stop.
    pub grace: Duration,
}

/// How a queue ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Handlers that were still running when the time of grace was over. They were dropped where they waited.
    pub abandoned: usize,
    /// Workers that died and were replaced.
    pub restarts: usize,
}

/// Runs a queue until `shutdown` fires and its handlers have ended, or `grace` is over.
///
/// `handler` gets each message's envelope and its id in Redis. `Ok` removes the message; `Err`, or a panic, brings it again
/// after 2, 4, 8 .. 60 s, `max_deliveries` times. A message may come twice, also at the same time in two processes. Each
/// handler runs as a task of its own, on any core.
///
/// While Redis is away, handlers go on and the worker waits. A worker that dies all the same is replaced after a pause, under
/// a new name; its handlers go on and keep their share of `concurrency`.
///
/// ```no_run
/// # use acurate_shared::transport::{Queue, RunOptions, Transport, run_queue};
/// # use std::time::Duration;
/// # use tokio_util::sync::CancellationToken;
/// # async fn claim_and_work(job: acurate_shared::ids::JobId, worker: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # async fn example(transport: Transport, shutdown: CancellationToken) {
/// let options = RunOptions {
///     worker: "worker-1".to_owned(),
///     concurrency: 8,
///     grace: Duration::from_secs(20),
/// };
/// let handler = |envelope: acurate_shared::transport::Envelope, id: String| async move {
///     match envelope.open() {
///         Ok(message) => Ok(claim_and_work(message.job_id, "worker-1").await?),
///         Err(error) => {
///             tracing::error!(id, %error, "passed over");
///             Ok(())
///         }
///     }
/// };
/// let stopped = run_queue(&transport, Queue::Email, &options, handler, shutdown).await;
/// # }
/// ```
pub async fn run_queue<H, F>(transport: &Transport, queue: Queue, options: &RunOptions, handler: H, shutdown: CancellationToken) -> Stopped
where
    H: Fn(Envelope, String) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    let concurrency = options.concurrency.clamp(1, 2000);
    let crew = Crew {
        transport,
        queue,
        options,
        handler: Arc::new(handler),
        handlers: TaskTracker::new(),
        abandon: CancellationToken::new(),
        places: Arc::new(Semaphore::new(concurrency)),
        batch: concurrency.div_ceil(2),
    };
    crew.work(shutdown).await
}

/// What the workers of a queue, one after another, have in common.
struct Crew<'a, H> {
    transport: &'a Transport,
    queue: Queue,
    options: &'a RunOptions,
    handler: Arc<H>,
    handlers: TaskTracker,
    abandon: CancellationToken,
    places: Arc<Semaphore>,
    /// Messages per fetch. apalis holds `4 * batch` acknowledgements and takes no more while its worker stops: with more than
    /// that many handlers a stop would wait for itself.
    batch: usize,
}

impl<H, F> Crew<'_, H>
where
    H: Fn(Envelope, String) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    async fn work(&self, shutdown: CancellationToken) -> Stopped {
        let start = uuid::Uuid::new_v4().simple();
        let mut restarts = 0;
        let mut pause = RESTART_AFTER;
        while !shutdown.is_cancelled() {
            let context = WorkerContext::new(&format!("{}-{start}-{restarts}", self.options.worker));
            let started = Instant::now();
            let mut worker = Box::pin(self.one_worker(&context));
            let reason = tokio::select! {
                // First, so that the worker has started when it is told to stop.
                biased;
                ended = &mut worker => ended,
                () = shutdown.cancelled() => {
                    // Refused only to a worker that has ended.
                    let _ = context.stop();
                    return Stopped { abandoned: self.wind_up(worker).await, restarts };
                }
            };
            drop(worker);
            if started.elapsed() >= SOUND_AFTER {
                pause = RESTART_AFTER;
            }
            tracing::error!(queue = %self.queue, worker = context.name(), reason, ?pause, "a worker died; another takes its place");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.cancelled() => {}
            }
            pause = (pause * 2).min(RESTART_AT_MOST);
            restarts += 1;
        }
        let abandoned = self.wind_up(std::future::ready(String::new())).await;
        Stopped { abandoned, restarts }
    }

    /// Ends with the reason of its end.
    async fn one_worker(&self, context: &WorkerContext) -> String {
        let connection = match self.transport.worker_connection() {
            Ok(connection) => connection,
            Err(error) => return error.to_string(),
        };
        let backend = self.transport.backend(connection.clone(), self.queue, self.batch);
        let worker = AssertUnwindSafe(self.apalis_worker(context, backend)).catch_unwind();
        let reason = tokio::select! {
            ended = worker => match ended {
                Ok(Ok(())) => "it stopped".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(panic) => format!("panic: {}", panic_text(&*panic)),
            },
            never = self.keep_alive(connection.clone(), context.name()) => match never {},
        };
        if !context.is_shutting_down() {
            // What it fetched and did not start goes to others now, not when the sweep finds it.
            self.sign_off(connection, context.name()).await;
        }
        reason
    }

    fn apalis_worker(
        &self,
        context: &WorkerContext,
        backend: QueueBackend,
    ) -> impl Future<Output = Result<(), WorkerError>> + Send + use<H, F> {
        let (handler, abandon, handlers) = (self.handler.clone(), self.abandon.clone(), self.handlers.clone());
        WorkerBuilder::new(context)
            .backend(backend)
            // Outermost: the place is freed when the handler ends, not when the worker that began it does.
            .parallelize(move |delivery| handlers.spawn(delivery))
            .layer(GlobalConcurrencyLimitLayer::with_semaphore(self.places.clone()))
            .build(move |envelope: Envelope, id: TaskId| deliver(handler.clone(), abandon.clone(), envelope, id))
            .run()
            .boxed()
    }

    /// Heartbeats beside apalis's own, which pause while fetched messages wait for a free place: a worker whose handlers take
    /// minutes would be taken for dead.
    async fn keep_alive(&self, mut connection: Connection, worker: &str) -> std::convert::Infallible {
        let config = self.transport.config(self.queue, 1);
        loop {
            tokio::time::sleep(self.transport.settings.heartbeat).await;
            let beat: Result<(), _> = scripts::KEEP_ALIVE
                .key(config.workers_set())
                .arg(0)
                .arg(worker)
                .invoke_async(&mut connection)
                .await;
            if let Err(error) = beat {
                tracing::warn!(%error, worker, "Redis refused a heartbeat");
            }
        }
    }

    async fn sign_off(&self, mut connection: Connection, worker: &str) {
        let config = self.transport.config(self.queue, 1);
        let mut goodbye = scripts::CLOSE.key(config.workers_set());
        goodbye
            .key(format!("{}:{worker}", config.inflight_jobs_set()))
            .key(config.active_jobs_list())
            .arg(worker);
        let outcome = tokio::time::timeout(CLOSE_WITHIN, goodbye.invoke_async::<u64>(&mut connection)).await;
        if !matches!(outcome, Ok(Ok(_))) {
            tracing::warn!(worker, "could not sign off; its messages are taken back by the sweep");
        }
    }

    /// Lets the handlers end, and the worker that is told to stop; returns how many handlers did not.
    async fn wind_up(&self, worker: impl Future<Output = String>) -> usize {
        self.handlers.close();
        let mut all = std::pin::pin!(async { tokio::join!(worker, self.handlers.wait()) });
        let goodbye_takes_too_long = async {
            self.handlers.wait().await;
            tokio::time::sleep(CLOSE_WITHIN).await;
        };
        tokio::select! {
            _ = &mut all => return 0,
            () = goodbye_takes_too_long => return 0,
            () = tokio::time::sleep(self.options.grace) => {}
        }
        let abandoned = self.handlers.len();
        tracing::warn!(queue = %self.queue, abandoned, "the time of grace is over");
        self.abandon.cancel();
        // The worker still gives their messages back.
        let _ = tokio::time::timeout(CLOSE_WITHIN, all).await;
        abandoned
    }
}

/// Runs the handler for one message and says in the log how it failed.
async fn deliver<H, F>(handler: Arc<H>, abandon: CancellationToken, envelope: Envelope, id: TaskId) -> Result<(), BoxError>
where
    H: Fn(Envelope, String) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    let id = id.to_string();
    let handling = AssertUnwindSafe(async { handler(envelope, id.clone()).await }).catch_unwind();
    let error: BoxError = match abandon.run_until_cancelled(handling).await {
        Some(Ok(Ok(()))) => return Ok(()),
        Some(Ok(Err(error))) => error,
        Some(Err(panic)) => format!("panic: {}", panic_text(&*panic)).into(),
        None => "dropped: the time of grace is over".into(),
    };
    tracing::error!(task = id, %error, "a message was not handled; it comes again");
    Err(error)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("of an unknown kind")
}
