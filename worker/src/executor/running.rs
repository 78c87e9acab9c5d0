//! The jobs that this process runs now: their leases are renewed together, and each can be asked to stop.

use super::claims::Claims;
use crate::context::Context;
use acurate_shared::db::within;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::transport::Queue;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Why a job is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The worker stops; another one goes on.
    Shutdown,
    /// Somebody cancelled the job.
    Cancelled,
    /// It runs for longer than the soft limit.
    SoftLimit,
    /// Its lease was lost; another worker may run it already.
    Fenced,
}

/// A request to stop, seen by the job between its steps.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    asked: CancellationToken,
    forced: CancellationToken,
    reason: Arc<OnceLock<StopReason>>,
}

impl Stop {
    /// Asks. The first reason counts.
    pub fn ask(&self, reason: StopReason) {
        let _ = self.reason.set(reason);
        self.asked.cancel();
    }

    /// Why the job shall stop, if it shall.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        self.reason.get().copied()
    }

    /// Ends as soon as somebody asks.
    pub async fn asked(&self) {
        self.asked.cancelled().await;
    }

    /// Ends when somebody cancelled the job and it has not ended so long after.
    pub(super) async fn cancelled_and_overdue(&self, patience: Duration) {
        self.asked().await;
        if self.reason() != Some(StopReason::Cancelled) {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(patience).await;
    }

    /// Ends the run without waiting for it.
    fn force(&self) {
        self.forced.cancel();
    }

    pub(super) async fn forced(&self) {
        self.forced.cancelled().await;
    }
}

#[derive(Debug)]
struct Run {
    attempt: i32,
    stop: Stop,
}

/// The jobs that run now.
#[derive(Debug, Default)]
pub struct Running {
    runs: Mutex<HashMap<JobId, Run>>,
    closing: CancellationToken,
    forcing: CancellationToken,
    given_back: AtomicUsize,
    room: Notify,
    claims: Claims,
}

/// Leaves the list when it is dropped, whatever happened to the run.
#[derive(Debug)]
pub(super) struct Entry {
    running: Arc<Running>,
    id: JobId,
    stop: Stop,
}

impl Entry {
    /// A run that begins while the worker stops hears of it, too.
    fn told(self, running: &Running) -> Self {
        if running.closing.is_cancelled() {
            self.stop.ask(StopReason::Shutdown);
        }
        if running.forcing.is_cancelled() {
            self.stop.force();
        }
        self
    }

    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.running.lock().remove(&self.id);
    }
}

impl Running {
    pub(super) fn enter(self: &Arc<Self>, claim: &Claim) -> Entry {
        let stop = Stop::default();
        self.lock().insert(
            claim.id,
            Run {
                attempt: claim.attempt,
                stop: stop.clone(),
            },
        );
        Entry {
            running: Arc::clone(self),
            id: claim.id,
            stop,
        }
        .told(self)
    }

    /// Where the next runs come from.
    pub(super) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// A run has ended and its end is recorded. Bulk work that ends makes room for more of its institution.
    pub(super) fn left(&self, entry: Entry, claim: &Claim, is_given_back: bool) {
        drop(entry);
        if is_given_back && self.is_closing() {
            self.given_back.fetch_add(1, Ordering::Relaxed);
        }
        if claim.queue.parse::<Queue>().is_ok_and(Queue::is_heavy) {
            self.room.notify_one();
        }
    }

    /// Ends when there is room for more bulk work.
    pub async fn room(&self) {
        self.room.notified().await;
    }

    /// Begins nothing new from now on, and asks all jobs to stop.
    pub fn close(&self) {
        self.closing.cancel();
        self.ask_all(StopReason::Shutdown);
    }

    /// Asks all jobs to stop.
    pub fn ask_all(&self, reason: StopReason) {
        self.lock().values().for_each(|run| run.stop.ask(reason));
    }

    /// Whether nothing new may begin.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Ends all jobs; they go back to the queue.
    pub fn force_all(&self) {
        self.forcing.cancel();
        self.lock().values().for_each(|run| run.stop.force());
    }

    /// How many jobs were given back to the queue since the worker began to stop; those that still run count as given back.
    #[must_use]
    pub fn given_back(&self) -> usize {
        self.given_back.load(Ordering::Relaxed) + self.count()
    }

    /// How many jobs run.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// A panic while the lock was held leaves a list that is still right.
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies what the ledger says of our claims.
    fn compare(&self, renewed: &[ledger::Renewed], known: &[(JobId, i32)]) {
        let runs = self.lock();
        for (id, attempt) in known {
            let Some(run) = runs.get(id).filter(|run| run.attempt == *attempt) else {
                continue;
            };
            match renewed.iter().find(|row| row.id == *id && row.attempt == *attempt) {
                None => run.stop.ask(StopReason::Fenced),
                Some(row) if row.cancel_requested => run.stop.ask(StopReason::Cancelled),
                Some(_) => {}
            }
        }
    }
}

/// Renews the leases of this process until `done`; call it beside the queues.
pub async fn heartbeat(context: Arc<Context>, running: Arc<Running>, done: CancellationToken) {
    let mut ticks = tokio::time::interval(context.jobs.heartbeat);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // Only jobs that ran before the query can be judged by its answer.
        let known: Vec<(JobId, i32)> = running.lock().iter().map(|(id, run)| (*id, run.attempt)).collect();
        if known.is_empty() {
            continue;
        }
        // An answer that comes after the leases have run out is of no use.
        let renewal = ledger::renew(&context.database, &context.worker, &known, context.jobs.lease);
        match within(context.jobs.lease, renewal).await {
            Ok(renewed) => running.compare(&renewed, &known),
            Err(error) => tracing::warn!(%error, "leases could not be renewed; trying again"),
        }
    }
}
