//! One message becomes at most one run: claim the row, do the job under its limits, record how it ended.
//!
//! It knows nothing of Redis and nothing of what jobs do.

mod outcome;
mod running;

pub use outcome::{JobError, JobResult, Outcome};
pub use running::{Running, Stop, StopReason, heartbeat};

use crate::context::Context;
use crate::handlers;
use acurate_shared::error::Result;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger::{self, Claim, Failed};
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// Does the job that a message names, if it still waits.
///
/// # Errors
/// Only when the row could not be read or written: then the lease runs out and the job runs again.
pub async fn execute(context: Arc<Context>, running: Arc<Running>, id: JobId) -> Result<()> {
    let Some(claim) = ledger::claim(&context.database, id, &context.worker, context.jobs.lease).await? else {
        return Ok(());
    };
    let trace = claim.trace_parent.clone().unwrap_or_default();
    let span = tracing::info_span!("job", id = %claim.id, kind = %claim.kind, attempt = claim.attempt, trace);
    run_claimed(context, running, claim).instrument(span).await
}

async fn run_claimed(context: Arc<Context>, running: Arc<Running>, claim: Claim) -> Result<()> {
    let started = Instant::now();
    let entry = running.enter(&claim);
    let result = supervise(Arc::clone(&context), claim.clone(), entry.stop().clone()).await;
    let ended = settle(&context, &claim, result).await;
    drop(entry);
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    match &ended {
        Ok(ended) => tracing::info!(milliseconds, ended, "job"),
        Err(error) => tracing::error!(milliseconds, %error, "the outcome of a job could not be recorded; its lease will run out"),
    }
    ended.map(|_| ())
}

/// Runs the handler in a task of its own, so that a panic ends only this job, and ends it at the hard limit.
async fn supervise(context: Arc<Context>, claim: Claim, stop: Stop) -> JobResult {
    let (soft, hard) = (context.jobs.soft_limit, context.jobs.hard_limit);
    let task_stop = stop.clone();
    let mut task = tokio::spawn(async move { handlers::run(&context, &claim, &task_stop).await }.in_current_span());
    let soft_limit = tokio::time::sleep(soft);
    tokio::pin!(soft_limit);
    let hard_limit = tokio::time::sleep(hard);
    tokio::pin!(hard_limit);
    let mut asked = false;
    loop {
        tokio::select! {
            joined = &mut task => return joined.unwrap_or_else(|error| Err(JobError::Retry(panic_text(error)))),
            () = &mut soft_limit, if !asked => {
                asked = true;
                stop.ask(StopReason::SoftLimit);
            }
            () = &mut hard_limit => return abort(task, JobError::Retry(format!("ended at the hard limit of {hard:?}"))).await,
            () = stop.forced() => return abort_released(task).await,
        }
    }
}

async fn abort(task: tokio::task::JoinHandle<JobResult>, error: JobError) -> JobResult {
    task.abort();
    task.await.unwrap_or(Err(error))
}

/// A job that finished while it was being ended keeps its outcome.
async fn abort_released(task: tokio::task::JoinHandle<JobResult>) -> JobResult {
    task.abort();
    task.await.unwrap_or(Ok(Outcome::Released))
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
        Ok(Outcome::Released) => ledger::release(&context.database, claim).await.map(|_| "released"),
        Ok(Outcome::Postponed(wait)) => ledger::postpone(&context.database, claim, wait).await.map(|_| "postponed"),
        Err(error) => {
            let (text, rule) = match error {
                JobError::Retry(text) => (text, claim.job().ok().map(|job| *job.retry_rule(&context.jobs))),
                JobError::Permanent(text) => (text, None),
            };
            let failed = ledger::fail(&context.database, claim, &text, rule.as_ref()).await?;
            tracing::warn!(error = text, ?failed, "a run failed");
            if failed == Failed::Dead {
                handlers::buried(context, claim, &text).await?;
            }
            Ok(match failed {
                Failed::Retried => "retried",
                Failed::Dead => "dead",
                Failed::Superseded => "superseded",
                Failed::Fenced => "fenced",
            })
        }
    }
}
