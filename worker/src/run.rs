//! Starts the parts of a worker and stops them in order: no new jobs first, then the running ones, leases last.

use crate::config::Settings;
use crate::context::Context;
use crate::dispatcher;
use crate::executor::{Running, StopReason, execute, heartbeat};
use crate::schedules;
use acurate_shared::transport::{BoxError, Envelope, Queue, RunOptions, Transport, TransportSettings, run_queue};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Consumes jobs until SIGTERM or SIGINT.
///
/// # Errors
/// When a setting cannot be used.
pub(crate) async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let context = Arc::new(Context::new(&settings).await?);
    let transport = Transport::connect(&TransportSettings::from(&settings.redis)).await?;
    let running = Arc::new(Running::default());
    let (closing, done) = (CancellationToken::new(), CancellationToken::new());
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let mut background = JoinSet::new();
    background.spawn(heartbeat(Arc::clone(&context), Arc::clone(&running), done.clone()));
    background.spawn(dispatcher::dispatch(Arc::clone(&context), transport.clone(), closing.clone()));
    background.spawn(schedules::keep(Arc::clone(&context), closing.clone()));
    let mut queues = JoinSet::new();
    for (queue, concurrency) in &settings.queues {
        queues.spawn(consume(
            Arc::clone(&context),
            Arc::clone(&running),
            transport.clone(),
            *queue,
            options(&context, *concurrency, settings.shutdown_grace),
            closing.clone(),
        ));
    }
    tracing::info!(worker = context.worker, queues = ?settings.queues, "working");

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!(running = running.count(), "stopping: no new jobs, running ones may end");
    closing.cancel();
    running.ask_all(StopReason::Shutdown);
    let ended = tokio::time::timeout(settings.shutdown_grace, async { while queues.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(running = running.count(), "the grace time is over; jobs go back to their queues");
        running.force_all();
        while queues.join_next().await.is_some() {}
    }
    done.cancel();
    while background.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

/// The executor ends what outlives the grace time; the transport only has to wait a little longer than that.
fn options(context: &Context, concurrency: usize, grace: Duration) -> RunOptions {
    RunOptions {
        worker: context.worker.clone(),
        concurrency,
        grace: grace + Duration::from_secs(10),
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
