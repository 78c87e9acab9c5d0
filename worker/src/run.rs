//! Starts the parts of a worker and stops them in order: no new jobs first, then the running ones, leases last.

use crate::config::Settings;
use crate::context::Context;
use crate::executor::{Running, decline, execute, heartbeat};
use crate::{dispatcher, presence, schedules};
use acurate_shared::transport::{BoxError, Envelope, Queue, RunOptions, Transport, TransportSettings, run_queue};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long jobs that are ended may take to be written back; what is not runs again when its lease is over.
const FORCED_WITHIN: Duration = Duration::from_secs(10);

/// Consumes jobs until SIGTERM or SIGINT. Returns how many running jobs went back to their queues.
///
/// # Errors
/// When a setting cannot be used.
pub(crate) async fn run(settings: Settings) -> Result<usize, Box<dyn std::error::Error + Send + Sync>> {
    let context = Arc::new(Context::new(&settings).await?);
    let transport = Transport::connect(&TransportSettings::from(&settings.redis)).await?;
    let mut stops = Stops::listen()?;
    let crew = Crew::start(&context, &transport, &settings);
    tracing::info!(worker = context.worker, queues = ?settings.queues, "working");
    stops.next().await;
    Ok(crew.stop(settings.shutdown_grace, &mut stops).await)
}

/// The signals that end a worker.
struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Stops {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The parts of a worker.
struct Crew {
    running: Arc<Running>,
    closing: CancellationToken,
    done: CancellationToken,
    background: JoinSet<()>,
    queues: JoinSet<()>,
}

impl Crew {
    fn start(context: &Arc<Context>, transport: &Transport, settings: &Settings) -> Self {
        let mut crew = Self {
            running: Arc::default(),
            closing: CancellationToken::new(),
            done: CancellationToken::new(),
            background: JoinSet::new(),
            queues: JoinSet::new(),
        };
        let (running, closing, done) = (&crew.running, &crew.closing, &crew.done);
        crew.background
            .spawn(heartbeat(Arc::clone(context), Arc::clone(running), done.clone()));
        let queues = settings.queues.clone();
        crew.background
            .spawn(presence::attend(Arc::clone(context), queues, closing.clone(), done.clone()));
        let dispatching = dispatcher::dispatch(Arc::clone(context), transport.clone(), Arc::clone(running), closing.clone());
        crew.background.spawn(dispatching);
        crew.background.spawn(schedules::keep(Arc::clone(context), closing.clone()));
        for (queue, concurrency) in &settings.queues {
            let options = options(context, *concurrency, settings.shutdown_grace);
            let consuming = consume(
                Arc::clone(context),
                Arc::clone(running),
                transport.clone(),
                *queue,
                options,
                closing.clone(),
            );
            crew.queues.spawn(consuming);
        }
        crew
    }

    /// No new jobs; running ones end, or go back to their queues when the time of grace is over or a second signal comes.
    async fn stop(mut self, grace: Duration, stops: &mut Stops) -> usize {
        tracing::info!(running = self.running.count(), "stopping: no new jobs, running ones may end");
        self.running.close();
        self.closing.cancel();
        let ended = tokio::select! {
            () = all_of(&mut self.queues) => true,
            () = tokio::time::sleep(grace) => false,
            () = stops.next() => false,
        };
        if !ended {
            tracing::warn!(running = self.running.count(), "ending running jobs: they go back to their queues");
            self.running.force_all();
            if tokio::time::timeout(FORCED_WITHIN, all_of(&mut self.queues)).await.is_err() {
                tracing::warn!(
                    running = self.running.count(),
                    "jobs could not be written back; their leases run out"
                );
                self.queues.abort_all();
            }
        }
        let given_back = self.running.given_back();
        self.done.cancel();
        if tokio::time::timeout(FORCED_WITHIN, all_of(&mut self.background)).await.is_err() {
            self.background.abort_all();
        }
        tracing::info!(given_back, "stopped");
        given_back
    }
}

async fn all_of(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// The executor ends what outlives the grace time; the transport only has to wait a little longer than that.
fn options(context: &Context, concurrency: usize, grace: Duration) -> RunOptions {
    RunOptions {
        worker: context.worker.clone(),
        concurrency,
        grace: grace + FORCED_WITHIN,
    }
}

async fn consume(
    context: Arc<Context>,
    running: Arc<Running>,
    transport: Transport,
    queue: Queue,
    options: RunOptions,
    closing: CancellationToken,
) {
    let handler = move |envelope: Envelope, task: String| {
        let (context, running) = (Arc::clone(&context), Arc::clone(&running));
        async move {
            match envelope.open() {
                Ok(message) if running.is_closing() => decline(&context, &message, queue).await.map_err(BoxError::from),
                Ok(message) => execute(context, running, message.job_id).await.map_err(BoxError::from),
                Err(error) => {
                    tracing::error!(task, %error, "a message cannot be read; its job is sent again");
                    Ok(())
                }
            }
        }
    };
    let stopped = run_queue(&transport, queue, &options, handler, closing).await;
    tracing::info!(%queue, restarts = stopped.restarts, abandoned = stopped.abandoned, "queue stopped");
}
