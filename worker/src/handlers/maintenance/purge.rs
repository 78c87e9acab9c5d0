//! Removes what is old, a batch a transaction, each with its progress. A run that ends anywhere is continued by the next
//! one, which finds only what is left. What is old is `acurate_shared::maintenance::purge`.

use super::{end, stopped};
use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome, Stop};
use acurate_shared::db::sql;
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::maintenance::purge::Purge;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

pub(super) async fn run(context: &Context, claim: &Claim, stop: &Stop, purge: &Purge, now: DateTime<Utc>) -> JobResult {
    let mut removed = removed_before(context, claim).await?;
    loop {
        let result = json!({ "removed": removed });
        if let Some(outcome) = stopped(context, claim, stop, result.clone()).await? {
            return Ok(outcome);
        }
        let work = context.begin(claim).await?;
        let rows = purge.some(work.tx(), now).await?;
        if rows == 0 {
            return end(work, claim, result).await;
        }
        removed += i64::try_from(rows).unwrap_or(i64::MAX);
        if !ledger::progress(work.tx(), claim, removed, None).await? {
            work.rollback().await?;
            return Ok(Outcome::Fenced);
        }
        let _nothing_enqueued = work.commit().await?;
    }
}

/// What earlier runs of the job did counts.
async fn removed_before(context: &Context, claim: &Claim) -> Result<i64, JobError> {
    let select = "SELECT progress_done FROM jobs WHERE id = $1";
    let row = context.database.orm().query_one_raw(sql(select, [claim.id.into()])).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "progress_done"))?)
}
