//! Sends messages for rows that are due, and takes back rows whose worker vanished: so the system recovers from a lost
//! Redis, a killed worker or a missed push without anybody's help.
//!
//! Every worker has one; `SKIP LOCKED` lets them share the work.

use crate::context::Context;
use crate::executor::Running;
use acurate_shared::achievement::mark;
use acurate_shared::db::within;
use acurate_shared::error::Result;
use acurate_shared::imports::notice;
use acurate_shared::jobs::{ledger, outbox, send};
use acurate_shared::transport::{Queue, Transport};
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// The net under notifications.
const POLL: Duration = Duration::from_secs(1);

/// A round that takes longer waits for a server that will not answer. What it took and did not send counts as lost, and is
/// sent again.
const AN_ANSWER: Duration = Duration::from_secs(30);

/// A listener only hears, so it never learns that its server is gone: it is replaced now and then.
const LISTENER_LIFE: Duration = Duration::from_secs(60);
/// The next look at a queue that has more to do than its window holds.
const REFILL: Duration = Duration::from_millis(50);

/// Rows of one round.
const ROUND: u64 = 500;

/// Polls between two looks for what was forgotten.
const TIDY_EVERY: u32 = 60;

/// Age at which a mark without a job, or a dead import of which nobody told, counts as forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);

/// Dispatches until `done`.
pub async fn dispatch(context: Arc<Context>, transport: Transport, running: Arc<Running>, done: CancellationToken) {
    let mut wake = Wake::new();
    let mut polls: u32 = 0;
    let mut polled = true;
    while !done.is_cancelled() {
        let more_waits = within(AN_ANSWER, round(&context, &transport)).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "dispatching failed; trying again");
            wake.listener = None;
            false
        });
        if polled && let Err(error) = within(AN_ANSWER, upkeep(&context, &transport, polls)).await {
            tracing::warn!(%error, "upkeep failed; trying again");
        }
        polled = wake.wait(&context, &running, more_waits, &done).await;
        polls = polls.wrapping_add(u32::from(polled));
    }
}

/// `LISTEN` on a connection of its own, which comes back after a restart of the server.
struct Wake {
    listener: Option<(PgListener, Instant)>,
    poll: Interval,
}

impl Wake {
    fn new() -> Self {
        let mut poll = tokio::time::interval_at(Instant::now() + POLL, POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { listener: None, poll }
    }

    /// Waits for a notification, for room for bulk work, for room in Redis where more waits for it, or the poll; `true` when
    /// it was the poll.
    async fn wait(&mut self, context: &Context, running: &Running, more_waits: bool, done: &CancellationToken) -> bool {
        self.listener.take_if(|(_, since)| since.elapsed() > LISTENER_LIFE);
        if self.listener.is_none() {
            let listening = within(AN_ANSWER, async { Ok(listen(context).await?) }).await;
            self.listener = listening.ok().map(|listener| (listener, Instant::now()));
        }
        let notified = async {
            match self.listener.as_mut() {
                Some((listener, _)) => heard(listener).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = done.cancelled() => false,
            _ = self.poll.tick() => true,
            () = running.room() => false,
            () = tokio::time::sleep(REFILL), if more_waits => false,
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

/// Waits for a notification, and takes those along that came meanwhile: one look is enough for all. `false`: the connection broke.
async fn heard(listener: &mut PgListener) -> bool {
    let is_alive = listener.try_recv().await.is_ok_and(|notification| notification.is_some());
    while let Some(_same) = listener.next_buffered() {}
    is_alive
}

async fn listen(context: &Context) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(context.database.pool()).await?;
    listener.listen("acurate_jobs").await?;
    Ok(listener)
}

/// Whether more waits than Redis is to hold.
async fn round(context: &Context, transport: &Transport) -> Result<bool> {
    let rescued = ledger::rescue(&context.database, context.jobs.max_lost_leases).await?;
    if rescued > 0 {
        tracing::warn!(rescued, "took jobs back whose worker vanished");
    }
    let mut more_waits = false;
    for queue in Queue::ALL {
        // Mails that would only be held back stay where they are; another worker may reach the server.
        if queue == Queue::Email && context.mailer.held_for().is_some() {
            continue;
        }
        more_waits |= fill(context, transport, queue).await?;
    }
    Ok(more_waits)
}

/// Keeps Redis filled up to the window, and no further. Whether it is full; what little room there is then is left for later,
/// as a look for a few rows costs as much as one for many.
async fn fill(context: &Context, transport: &Transport, queue: Queue) -> Result<bool> {
    let window = context.jobs.window;
    loop {
        let Ok(depth) = transport.depth(queue).await else {
            return Ok(false);
        };
        if depth > window - window / 4 || depth >= window {
            return Ok(true);
        }
        let room = window.saturating_sub(depth).min(ROUND);
        let due = outbox::take_due(&context.database, &context.jobs, queue.as_str(), room).await?;
        if let Err(unsent) = send(transport, &due).await {
            tracing::warn!(reason = %unsent.reason, jobs = unsent.jobs.len(), "Redis takes no messages; the jobs wait");
            outbox::give_back(&context.database, &unsent.jobs).await?;
            return Ok(false);
        }
        if (due.len() as u64) < room {
            return Ok(false);
        }
    }
}

/// What needs doing now and then; each part may be done by several workers at once without harm.
async fn upkeep(context: &Context, transport: &Transport, polls: u32) -> Result<()> {
    if polls.is_multiple_of(TIDY_EVERY) {
        let mut work = acurate_shared::db::Work::begin(&context.database, &context.jobs).await?;
        let requeued = mark::requeue_forgotten(&mut work, FORGOTTEN_AFTER).await?;
        notice::ask_for_forgotten(&mut work, FORGOTTEN_AFTER).await?;
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
