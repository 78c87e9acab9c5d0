//! What the system does for itself, one file for each way of doing it. What time it is says the database.

mod check;
mod purge;

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome, Stop, StopReason};
use acurate_shared::db::{Work, sql};
use acurate_shared::error::Error;
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::maintenance::purge::Purge;
use acurate_shared::maintenance::{Task, partitions};
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

pub(super) async fn run(context: &Context, claim: &Claim, task: Task, stop: &Stop) -> JobResult {
    let now = now(context).await?;
    match Purge::of(task, context.maintenance.keep) {
        Some(purge) => purge::run(context, claim, stop, &purge, now).await,
        None if task == Task::Partitions => make_partitions(context, claim, now).await,
        None => check::run(context, claim, stop).await,
    }
}

async fn now(context: &Context) -> Result<DateTime<Utc>, Error> {
    let row = context.database.orm().query_one_raw(sql("SELECT now() AS now", [])).await?;
    Ok(row
        .ok_or_else(|| Error::internal("the database has no clock"))?
        .try_get("", "now")?)
}

/// Partitions that were made stay, whatever becomes of the job: making them again makes nothing.
async fn make_partitions(context: &Context, claim: &Claim, now: DateTime<Utc>) -> JobResult {
    let made = partitions::ensure(&context.database, now).await?;
    let result = json!({ "activity_log": made.months, "grades": made.years });
    end(context.begin(claim).await?, claim, result).await
}

/// Ends the job in the transaction of what it did last.
async fn end(work: Work, claim: &Claim, result: Value) -> JobResult {
    if !ledger::succeed(work.tx(), claim, result).await? {
        work.rollback().await?;
        return Ok(Outcome::Fenced);
    }
    let _left_to_the_dispatcher = work.commit().await?;
    Ok(Outcome::Done)
}

/// Between batches: whether to stop, and how. `result` is what a job that is ended by request tells.
async fn stopped(context: &Context, claim: &Claim, stop: &Stop, result: Value) -> Result<Option<Outcome>, JobError> {
    match stop.reason() {
        None => Ok(None),
        Some(StopReason::Fenced) => Ok(Some(Outcome::Fenced)),
        Some(StopReason::Shutdown | StopReason::SoftLimit) => Ok(Some(Outcome::Released)),
        Some(StopReason::Cancelled) => {
            let is_ours = ledger::cancelled(context.database.orm(), claim, result).await?;
            Ok(Some(if is_ours { Outcome::Cancelled } else { Outcome::Fenced }))
        }
    }
}
