//! Says with every heartbeat that this worker lives and which queues it consumes, and complains of queues that nobody does.
//!
//! Nothing depends on it but what operators see: jobs are kept by their leases.

use crate::context::Context;
use acurate_shared::error::Result;
use acurate_shared::jobs::workers::{self, Presence};
use acurate_shared::transport::Queue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often the same complaint is made.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// How long a goodbye may take; a worker that cannot say it is forgotten.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Tells until `done`, then takes this worker off the list. From `closing` on it says that it takes no new jobs.
pub async fn attend(context: Arc<Context>, queues: Vec<(Queue, usize)>, closing: CancellationToken, done: CancellationToken) {
    let presence = Presence {
        name: context.worker.clone(),
        version: env!("CARGO_PKG_VERSION"),
        queues,
    };
    let mut ticks = tokio::time::interval(context.jobs.heartbeat);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut complaints = Complaints::default();
    let mut told = false;
    while !done.is_cancelled() {
        tokio::select! {
            () = done.cancelled() => break,
            () = closing.cancelled(), if !told => told = true,
            _ = ticks.tick() => {}
        }
        if let Err(error) = tell(&context, &presence, closing.is_cancelled(), &mut complaints).await {
            tracing::warn!(%error, "could not say that this worker lives; trying again");
        }
    }
    let goodbye = tokio::time::timeout(LEAVE_WITHIN, workers::leave(&context.database, &presence.name));
    if !matches!(goodbye.await, Ok(Ok(()))) {
        tracing::warn!("could not say goodbye; this worker is taken off the list when it was silent for long");
    }
}

async fn tell(context: &Context, presence: &Presence, stopping: bool, complaints: &mut Complaints) -> Result<()> {
    workers::attend(&context.database, presence, stopping, context.jobs.lease).await?;
    if !stopping {
        complaints.about(&workers::unattended(context.database.orm(), context.jobs.lease).await?);
    }
    Ok(())
}

/// What was complained of, and when.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<(Vec<Queue>, Instant)>,
}

impl Complaints {
    /// Complains at once when something has changed, and again while nothing does.
    fn about(&mut self, unattended: &[Queue]) {
        let is_known = self
            .last
            .as_ref()
            .is_some_and(|(queues, at)| queues == unattended && at.elapsed() < COMPLAIN_EVERY);
        if is_known {
            return;
        }
        for queue in unattended {
            tracing::warn!(
                %queue,
                "NO WORKER CONSUMES THIS QUEUE: its jobs wait. Start a worker that does, e.g. acurate-worker run --queues {queue}=1"
            );
        }
        self.last = Some((unattended.to_vec(), Instant::now()));
    }
}
