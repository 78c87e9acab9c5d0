//! One message becomes at most one run: claim the row, do the job under its limits, record how it ended.
//!
//! It knows nothing of Redis and nothing of what jobs do.

mod claims;
mod outcome;
mod running;

pub use outcome::{JobError, JobResult, Outcome};
pub use running::{Running, Stop, StopReason, heartbeat};

use crate::context::Context;
use crate::handlers;
use acurate_shared::db::within;
use acurate_shared::error::Result;
#[cfg(debug_assertions)]
use acurate_shared::fault;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger::{self, Claim, Failed};
use acurate_shared::jobs::{belongings, outbox};
use acurate_shared::transport::{Message, Queue};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tracing::Instrument;

/// Recording an outcome that takes longer waits for a server that will not answer. The job's lease runs out then.
const AN_ANSWER: Duration = Duration::from_secs(30);

/// How long a run that is ended may take to let go. A handler that blocks its thread never does; it is left behind, fenced off.
const LET_GO_WITHIN: Duration = Duration::from_secs(5);

/// Gives a job that a message names back to the dispatchers of other workers: this one stops and begins nothing new.
///
/// # Errors
/// When the row could not be written: then its message counts as lost and is sent again.
pub async fn decline(context: &Context, message: &Message, queue: Queue) -> Result<()> {
    let message = outbox::Dispatched {
        job_id: message.job_id,
        queue: queue.to_string(),
        dispatch: message.dispatch,
    };
    within(AN_ANSWER, outbox::give_back(&context.database, &[message])).await
}

/// Does the job that a message names, if it still waits.
///
/// # Errors
/// Only when the row could not be read or written: then the lease runs out and the job runs again.
pub async fn execute(context: Arc<Context>, running: Arc<Running>, id: JobId) -> Result<()> {
    // A claim that is answered after its lease is somebody else's.
    let claiming = running.claims().claim(&context, id);
    let Some(claim) = within(context.jobs.lease, claiming).await? else {
        return Ok(());
    };
    let trace = claim.trace_parent.clone().unwrap_or_default();
    let span = tracing::info_span!("job", id = %claim.id, kind = %claim.kind, attempt = claim.attempt, trace);
    run_claimed(context, running, claim).instrument(span).await
}

async fn run_claimed(context: Arc<Context>, running: Arc<Running>, claim: Claim) -> Result<()> {
    let started = Instant::now();
    let entry = running.enter(&claim);
    #[cfg(debug_assertions)]
    fault::reach(fault::Point::JobClaimed).await;
    let result = supervise(Arc::clone(&context), claim.clone(), entry.stop().clone()).await;
    let is_given_back = matches!(result, Ok(Outcome::Released));
    let ended = within(AN_ANSWER, settle(&context, &claim, result)).await;
    running.left(entry, &claim, is_given_back);
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    match &ended {
        Ok(ended) => tracing::info!(milliseconds, ended, "job"),
        Err(error) => tracing::error!(milliseconds, %error, "the outcome of a job could not be recorded; its lease will run out"),
    }
    ended.map(|_| ())
}

/// Runs the handler in a task of its own, so that a panic ends only this job, and ends it at the hard limit.
async fn supervise(context: Arc<Context>, claim: Claim, stop: Stop) -> JobResult {
    let (soft, hard, patience) = (context.jobs.soft_limit, context.jobs.hard_limit, context.jobs.cancel_grace);
    let task_stop = stop.clone();
    let mut task = tokio::spawn(async move { handlers::run(&context, &claim, &task_stop).await }.in_current_span());
    let soft_limit = tokio::time::sleep(soft);
    tokio::pin!(soft_limit);
    let hard_limit = tokio::time::sleep(hard);
    tokio::pin!(hard_limit);
    let does_not_listen = stop.cancelled_and_overdue(patience);
    tokio::pin!(does_not_listen);
    let mut asked = false;
    loop {
        tokio::select! {
            joined = &mut task => return joined.unwrap_or_else(|error| Err(JobError::Retry(panic_text(error)))),
            () = &mut soft_limit, if !asked => {
                asked = true;
                stop.ask(StopReason::SoftLimit);
            }
            () = &mut hard_limit => return abort(task, Err(JobError::Retry(format!("ended at the hard limit of {hard:?}")))).await,
            () = &mut does_not_listen => return abort(task, Ok(Outcome::Forced)).await,
            () = stop.forced() => return abort(task, Ok(Outcome::Released)).await,
        }
    }
}

/// A job that finished while it was being ended keeps its outcome.
async fn abort(task: JoinHandle<JobResult>, outcome: JobResult) -> JobResult {
    task.abort();
    match tokio::time::timeout(LET_GO_WITHIN, task).await {
        Ok(Ok(finished)) => finished,
        Ok(Err(_aborted)) => outcome,
        Err(_) => {
            tracing::warn!("a handler does not yield; it is left behind and can write nothing any more");
            outcome
        }
    }
}

fn panic_text(error: tokio::task::JoinError) -> String {
    if !error.is_panic() {
        return "the run was ended".to_owned();
    }
    let payload = error.into_panic();
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "without words".to_owned()))
}

/// Writes what the handler did not write itself. Returns a word for the log.
async fn settle(context: &Context, claim: &Claim, result: JobResult) -> Result<&'static str> {
    match result {
        Ok(Outcome::Done) => Ok("succeeded"),
        Ok(Outcome::Cancelled) => Ok("cancelled"),
        Ok(Outcome::Fenced) => Ok("fenced"),
        Ok(Outcome::Forced) => force(context, claim).await,
        Ok(Outcome::Released) => {
            let released = ledger::release(&context.database, claim).await?;
            tell(context, claim, released, "cancelled").await?;
            Ok("released")
        }
        Ok(Outcome::Postponed(wait)) => {
            let postponed = ledger::postpone(&context.database, claim, wait).await?;
            tell(context, claim, postponed, "cancelled").await?;
            Ok("postponed")
        }
        Err(error) => {
            let (text, rule) = match error {
                JobError::Retry(text) => (text, claim.job().ok().map(|job| *job.retry_rule(&context.jobs))),
                JobError::Permanent(text) => (text, None),
            };
            let failed = ledger::fail(&context.database, claim, &text, rule.as_ref()).await?;
            tracing::warn!(error = text, ?failed, "a run failed");
            tell(context, claim, failed, &text).await?;
            Ok(match failed {
                Failed::Retried => "retried",
                Failed::Dead => "dead",
                Failed::Superseded => "superseded",
                Failed::Cancelled => "cancelled",
                Failed::Fenced => "fenced",
            })
        }
    }
}

/// Ends a run by request that did not end itself.
async fn force(context: &Context, claim: &Claim) -> Result<&'static str> {
    let work = context.begin(claim).await?;
    if !ledger::cancelled(work.tx(), claim, json!({ "ended": "by force" })).await? {
        work.rollback().await?;
        return Ok("fenced");
    }
    belongings::cancelled(work.tx(), &[claim.id], "cancelled").await?;
    let _nothing_enqueued = work.commit().await?;
    Ok("cancelled by force")
}

/// Tells what belongs to a job that it will not be run again.
async fn tell(context: &Context, claim: &Claim, failed: Failed, reason: &str) -> Result<()> {
    match failed {
        Failed::Dead => handlers::buried(context, claim, reason).await,
        Failed::Cancelled => Ok(belongings::cancelled(context.database.orm(), &[claim.id], reason).await?),
        Failed::Retried | Failed::Superseded | Failed::Fenced => Ok(()),
    }
}
