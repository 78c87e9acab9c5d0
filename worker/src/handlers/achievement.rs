//! Computes the outcomes of marked students anew, in one transaction with the end of the job.

use crate::context::Context;
use crate::executor::{JobResult, Outcome};
use acurate_shared::achievement::compute;
use acurate_shared::ids::UserId;
use acurate_shared::jobs::ledger::{self, Claim};
use serde_json::json;

pub(super) async fn run(context: &Context, claim: &Claim, students: &[UserId]) -> JobResult {
    let work = context.begin(claim).await?;
    let computed = compute::recompute(work.tx(), students).await?;
    let result = json!({ "students": students.len(), "learning_outcomes": computed.learning_outcomes, "program_outcomes": computed.program_outcomes });
    if !ledger::succeed(work.tx(), claim, result).await? {
        work.rollback().await?;
        return Ok(Outcome::Fenced);
    }
    let _nothing_enqueued = work.commit().await?;
    Ok(Outcome::Done)
}
