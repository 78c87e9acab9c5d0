//! Deletes an institution, batch by batch; each batch is one transaction with its progress.
//!
//! A run that ends anywhere is continued by the next one, which finds only what is left. What is deleted and in which order
//! is `platform::deletion`.

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome, Stop, StopReason};
use acurate_shared::db::{Work, sql};
use acurate_shared::error::Error;
use acurate_shared::ids::InstitutionId;
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::platform::deletion::{self, Doomed, STAGES, Stage};
use sea_orm::ConnectionTrait;
use serde_json::json;

pub(super) async fn run(context: &Context, claim: &Claim, id: InstitutionId, stop: &Stop) -> JobResult {
    match deletion::doomed(context.database.orm(), id).await {
        Ok(Some(doomed)) => {
            let mut run = Run {
                context,
                claim,
                stop,
                doomed,
                done: 0,
            };
            run.start().await?;
            run.sweep().await
        }
        Ok(None) => {
            let work = context.begin(claim).await?;
            end(work, claim, 0).await
        }
        Err(Error::Conflict { message, .. }) => Err(JobError::Permanent(message)),
        Err(error) => Err(error.into()),
    }
}

async fn end(work: Work, claim: &Claim, rows: i64) -> JobResult {
    if !ledger::succeed(work.tx(), claim, json!({ "deleted_rows": rows })).await? {
        work.rollback().await?;
        return Ok(Outcome::Fenced);
    }
    let _nothing_enqueued = work.commit().await?;
    Ok(Outcome::Done)
}

struct Run<'a> {
    context: &'a Context,
    claim: &'a Claim,
    stop: &'a Stop,
    doomed: Doomed,
    /// Rows deleted so far, those of earlier runs included.
    done: i64,
}

impl Run<'_> {
    /// What earlier runs did counts.
    async fn start(&mut self) -> Result<(), JobError> {
        let select = "SELECT progress_done FROM jobs WHERE id = $1";
        let row = self
            .context
            .database
            .orm()
            .query_one_raw(sql(select, [self.claim.id.into()]))
            .await?;
        self.done = row.map_or(Ok(0), |row| row.try_get("", "progress_done"))?;
        Ok(())
    }

    async fn sweep(mut self) -> JobResult {
        let work = self.context.begin(self.claim).await?;
        deletion::cancel_jobs(work.tx(), self.doomed.id).await?;
        let total = self.done + deletion::remaining(work.tx(), self.doomed.id).await?;
        if !self.keep(work, 0, Some(total)).await? {
            return Ok(Outcome::Fenced);
        }
        loop {
            for stage in STAGES {
                if let Some(outcome) = self.empty(stage).await? {
                    return Ok(outcome);
                }
            }
            let work = self.context.begin(self.claim).await?;
            let swept = deletion::finish(&work, &self.doomed, self.claim.created_by, self.done).await?;
            if swept == 0 {
                ledger::progress(work.tx(), self.claim, self.done, Some(self.done)).await?;
                return end(work, self.claim, self.done).await;
            }
            if !self.keep(work, swept, None).await? {
                return Ok(Outcome::Fenced);
            }
        }
    }

    /// Batch after batch until the table has nothing of the institution; an outcome when the run has to stop before.
    async fn empty(&mut self, stage: &Stage) -> Result<Option<Outcome>, JobError> {
        loop {
            if let Some(outcome) = self.stopped().await? {
                return Ok(Some(outcome));
            }
            let work = self.context.begin(self.claim).await?;
            let deleted = deletion::delete_some(work.tx(), self.doomed.id, stage).await?;
            if deleted == 0 {
                work.rollback().await?;
                return Ok(None);
            }
            if !self.keep(work, deleted, None).await? {
                return Ok(Some(Outcome::Fenced));
            }
        }
    }

    /// Commits a batch with its progress. `false`: the claim is lost and nothing of the batch was kept.
    async fn keep(&mut self, work: Work, deleted: u64, total: Option<i64>) -> Result<bool, JobError> {
        let done = self.done + i64::try_from(deleted).unwrap_or(i64::MAX);
        if !ledger::progress(work.tx(), self.claim, done, total).await? {
            work.rollback().await?;
            return Ok(false);
        }
        let _nothing_enqueued = work.commit().await?;
        self.done = done;
        Ok(true)
    }

    /// Between batches: whether to stop, and how. What is deleted stays deleted; asking for the deletion again goes on.
    async fn stopped(&self) -> Result<Option<Outcome>, JobError> {
        match self.stop.reason() {
            None => Ok(None),
            Some(StopReason::Fenced) => Ok(Some(Outcome::Fenced)),
            Some(StopReason::Shutdown | StopReason::SoftLimit) => Ok(Some(Outcome::Released)),
            Some(StopReason::Cancelled) => {
                let result = json!({ "deleted_rows": self.done });
                let is_ours = ledger::cancelled(self.context.database.orm(), self.claim, result).await?;
                Ok(Some(if is_ours { Outcome::Cancelled } else { Outcome::Fenced }))
            }
        }
    }
}
