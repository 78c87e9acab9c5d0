//! The jobs that this process runs now: their leases are renewed together, and each can be asked to stop.

use crate::context::Context;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger::{self, Claim};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
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
}

/// Leaves the list when it is dropped, whatever happened to the run.
#[derive(Debug)]
pub(super) struct Entry {
    running: Arc<Running>,
    id: JobId,
    stop: Stop,
}

impl Entry {
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
    }

    /// Asks all jobs to stop.
    pub fn ask_all(&self, reason: StopReason) {
        self.lock().values().for_each(|run| run.stop.ask(reason));
    }

    /// Ends all jobs; they go back to the queue.
    pub fn force_all(&self) {
        self.lock().values().for_each(|run| run.stop.force());
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
        match ledger::renew(&context.database, &context.worker, &known, context.jobs.lease).await {
            Ok(renewed) => running.compare(&renewed, &known),
            Err(error) => tracing::warn!(%error, "leases could not be renewed; trying again"),
        }
    }
}
