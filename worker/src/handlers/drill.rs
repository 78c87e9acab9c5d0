//! Misbehaves on purpose, so that tests see what becomes of the job, of its worker and of the jobs beside it. Debug builds only.

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome, Stop, StopReason};
use acurate_shared::jobs::Drill;
use acurate_shared::jobs::ledger::{self, Claim};
use serde_json::json;

#[expect(clippy::panic, reason = "that is the drill")]
pub(super) async fn run(context: &Context, claim: &Claim, drill: Drill, stop: &Stop) -> JobResult {
    match drill {
        Drill::Panic => panic!("a drill"),
        Drill::Hang => hang(context, claim, stop).await,
        Drill::IgnoreSoftLimit => std::future::pending().await,
        Drill::Allocate { mebibytes } => {
            let memory = Vec::<u8>::with_capacity((mebibytes as usize).saturating_mul(1 << 20));
            finish(context, claim, memory.capacity()).await
        }
    }
}

async fn hang(context: &Context, claim: &Claim, stop: &Stop) -> JobResult {
    stop.asked().await;
    match stop.reason() {
        Some(StopReason::Shutdown) => Ok(Outcome::Released),
        Some(StopReason::Cancelled) => {
            let is_ours = ledger::cancelled(context.database.orm(), claim, json!({})).await?;
            Ok(if is_ours { Outcome::Cancelled } else { Outcome::Fenced })
        }
        Some(StopReason::Fenced) => Ok(Outcome::Fenced),
        // To go on would be to hang again.
        Some(StopReason::SoftLimit) | None => Err(JobError::Retry("a drill, ended at the soft limit".to_owned())),
    }
}

async fn finish(context: &Context, claim: &Claim, bytes: usize) -> JobResult {
    Ok(
        if ledger::succeed(context.database.orm(), claim, json!({ "bytes": bytes })).await? {
            Outcome::Done
        } else {
            Outcome::Fenced
        },
    )
}
