//! Sends messages for rows that are due, and takes back rows whose worker vanished: so the system recovers from a lost
//! Redis, a killed worker or a missed push without anybody's help.
//!
//! Every worker has one; `SKIP LOCKED` lets them share the work.

use crate::context::Context;
use crate::executor::Running;
use acurate_shared::achievement::mark;
use acurate_shared::db::within;
use acurate_shared::error::Result;
use acurate_shared::jobs::{ledger, outbox, send};
use acurate_shared::transport::{Queue, Transport};
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The net under notifications.
const POLL: Duration = Duration::from_secs(1);

/// A round that takes longer waits for a server that will not answer. What it took and did not send counts as lost, and is
/// sent again.
const AN_ANSWER: Duration = Duration::from_secs(30);

/// A listener only hears, so it never learns that its server is gone: it is replaced now and then.
const LISTENER_LIFE: Duration = Duration::from_secs(60);

/// Rows of one round.
const ROUND: u64 = 500;

/// Polls between two looks for what was forgotten.
const TIDY_EVERY: u32 = 60;

/// Age at which a mark without a job counts as forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// Dispatches until `done`.
pub async fn dispatch(context: Arc<Context>, transport: Transport, running: Arc<Running>, done: CancellationToken) {
    let mut wake = Wake::default();
    let mut polls: u32 = 0;
    let mut polled = true;
    while !done.is_cancelled() {
        if let Err(error) = within(AN_ANSWER, round(&context, &transport)).await {
            tracing::warn!(%error, "dispatching failed; trying again");
            wake.listener = None;
        }
        if polled && let Err(error) = within(AN_ANSWER, upkeep(&context, &transport, polls)).await {
            tracing::warn!(%error, "upkeep failed; trying again");
        }
        polled = wake.wait(&context, &running, &done).await;
        polls = polls.wrapping_add(u32::from(polled));
    }
}

/// `LISTEN` on a connection of its own, which comes back after a restart of the server.
#[derive(Default)]
struct Wake {
    listener: Option<(PgListener, Instant)>,
}

impl Wake {
    /// Waits for a notification, for room for bulk work, or the poll; `true` when it was the poll.
    async fn wait(&mut self, context: &Context, running: &Running, done: &CancellationToken) -> bool {
        self.listener.take_if(|(_, since)| since.elapsed() > LISTENER_LIFE);
        if self.listener.is_none() {
            let listening = within(AN_ANSWER, async { Ok(listen(context).await?) }).await;
            self.listener = listening.ok().map(|listener| (listener, Instant::now()));
        }
        let notified = async {
            match self.listener.as_mut() {
                Some((listener, _)) => listener.try_recv().await.is_ok_and(|notification| notification.is_some()),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = done.cancelled() => false,
            () = tokio::time::sleep(POLL) => true,
            () = running.room() => false,
            alive = notified => {
                if !alive {
                    self.listener = None;
                    tokio::time::sleep(POLL).await;
                }
                !alive
            }
        }
    }
}

async fn listen(context: &Context) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(context.database.pool()).await?;
    listener.listen("acurate_jobs").await?;
    Ok(listener)
}

async fn round(context: &Context, transport: &Transport) -> Result<()> {
    let rescued = ledger::rescue(&context.database, context.jobs.max_lost_leases).await?;
    if rescued > 0 {
        tracing::warn!(rescued, "took jobs back whose worker vanished");
    }
    for queue in Queue::ALL {
        // Mails that would only be held back stay where they are; another worker may reach the server.
        if queue == Queue::Email && context.mailer.held_for().is_some() {
            continue;
        }
        fill(context, transport, queue).await?;
    }
    Ok(())
}

/// Keeps Redis filled up to the window, and no further.
async fn fill(context: &Context, transport: &Transport, queue: Queue) -> Result<()> {
    loop {
        let Ok(depth) = transport.depth(queue).await else { return Ok(()) };
        let room = context.jobs.window.saturating_sub(depth).min(ROUND);
        if room == 0 {
            return Ok(());
        }
        let due = outbox::take_due(&context.database, &context.jobs, queue.as_str(), room).await?;
        if let Err(unsent) = send(transport, &due).await {
            tracing::warn!(reason = %unsent.reason, jobs = unsent.jobs.len(), "Redis takes no messages; the jobs wait");
            return outbox::give_back(&context.database, &unsent.jobs).await;
        }
        if (due.len() as u64) < room {
            return Ok(());
        }
    }
}

/// What needs doing now and then; each part may be done by several workers at once without harm.
async fn upkeep(context: &Context, transport: &Transport, polls: u32) -> Result<()> {
    if polls.is_multiple_of(TIDY_EVERY) {
        let mut work = acurate_shared::db::Work::begin(&context.database, &context.jobs).await?;
        let requeued = mark::requeue_forgotten(&mut work, FORGOTTEN_AFTER).await?;
        let _left_to_the_next_round = work.commit().await?;
        if requeued > 0 {
            tracing::warn!(requeued, "students were marked but nobody computed them");
        }
        for queue in Queue::ALL {
            if let Err(error) = transport.trim(queue).await {
                tracing::debug!(%error, %queue, "Redis was not tidied");
            }
        }
    }
    Ok(())
}
