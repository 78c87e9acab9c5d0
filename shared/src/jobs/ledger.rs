//! The life of a job in PostgreSQL: claim, renew, progress, and each way to end. SQL only.
//!
//! A claim is fenced by the attempt's number: whoever lost its lease and wakes up later changes nothing. A run that does not
//! succeed leaves a row in `job_attempts`, written by the statement that ends it; a run that succeeds costs no more than its end.

pub use super::claiming::{claim, claim_free};

use super::belongings;
use super::definitions::{Job, UnreadableJob};
use crate::config::RetryRule;
use crate::db::{Database, sql};
use crate::error::{Result, constraint};
use crate::ids::{InstitutionId, JobId, UserId};
use crate::kinds::AttemptOutcome;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::Value;
use std::time::Duration;

/// Longest error text that is kept, in characters.
const ERROR_LIMIT: usize = 2000;

/// A job that this worker owns for now.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Claim {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Its queue.
    pub queue: String,
    /// Its arguments.
    pub payload: Value,
    /// Number of this run, from 1: the fencing token.
    pub attempt: i32,
    /// Runs that failed before.
    pub failures: i32,
    /// Failures that it may have.
    pub max_attempts: i32,
    /// The institution it works for.
    pub institution_id: Option<InstitutionId>,
    /// Who asked for it.
    pub created_by: Option<UserId>,
    /// Trace context of the request that asked for it.
    pub trace_parent: Option<String>,
}

/// What became of a failed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Waits for its next try.
    Retried,
    /// Was the last try.
    Dead,
    /// An equal job waits and does its work.
    Superseded,
    /// Its end was asked for, so that it is not tried again.
    Cancelled,
    /// The lease was lost meanwhile; nothing was written.
    Fenced,
}

impl Claim {
    /// The typed job.
    ///
    /// # Errors
    /// When this release cannot read it.
    pub fn job(&self) -> Result<Job, UnreadableJob> {
        Job::read(&self.kind, &self.payload)
    }
}

/// One of a worker's claims as the ledger sees it after a renewal.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Renewed {
    /// The job.
    pub id: JobId,
    /// The run.
    pub attempt: i32,
    /// Whether somebody asked for its end.
    pub cancel_requested: bool,
}

/// A row that somebody has locked is passed over until the next time: a job that is just committing must not hold up the
/// leases of all others.
const RENEW: &str = "
    WITH run AS MATERIALIZED (SELECT * FROM unnest($2::bigint[], $3::int[]) AS run (id, attempt)),
    free AS MATERIALIZED (
        SELECT j.id FROM jobs j JOIN run USING (id, attempt) WHERE j.state = 'running' AND j.worker = $1
        FOR NO KEY UPDATE OF j SKIP LOCKED
    ), renewed AS (
        UPDATE jobs SET lease_until = now() + make_interval(secs => $4) FROM free WHERE jobs.id = free.id
    )
    SELECT id, attempt, j.cancel_requested_at IS NOT NULL AS cancel_requested
    FROM jobs j JOIN run USING (id, attempt) WHERE j.state = 'running' AND j.worker = $1";

/// Renews the claims of the runs (job and attempt) that a worker still works on; those that are missing in the answer are
/// lost. A claim that the worker does not know of, because its answer got lost or its outcome could not be written, is not
/// renewed, so that its lease runs out.
///
/// # Errors
/// When the database refuses.
pub async fn renew(database: &Database, worker: &str, runs: &[(JobId, i32)], lease: Duration) -> Result<Vec<Renewed>> {
    let (ids, attempts): (Vec<i64>, Vec<i32>) = runs.iter().map(|(id, attempt)| (id.0, *attempt)).unzip();
    let values = [worker.into(), ids.into(), attempts.into(), lease.as_secs_f64().into()];
    Ok(Renewed::find_by_statement(sql(RENEW, values)).all(database.orm()).await?)
}

/// Records progress in the transaction of a batch. `false`: the claim is lost, and the batch must be rolled back.
///
/// # Errors
/// When the database refuses.
pub async fn progress(tx: &impl ConnectionTrait, claim: &Claim, done: i64, total: Option<i64>) -> Result<bool, DbErr> {
    let update = "
        UPDATE jobs SET progress_done = $3, progress_total = COALESCE($4, progress_total), lost_leases = 0
        WHERE id = $1 AND state = 'running' AND attempt = $2";
    let values = [claim.id.into(), claim.attempt.into(), done.into(), total.into()];
    Ok(tx.execute_raw(sql(update, values)).await?.rows_affected() == 1)
}

/// Ends a job well, in the transaction of its effects. `false`: the claim is lost, and the effects must be rolled back.
///
/// # Errors
/// When the database refuses.
pub async fn succeed(tx: &impl ConnectionTrait, claim: &Claim, result: Value) -> Result<bool, DbErr> {
    let update = "
        UPDATE jobs SET state = 'succeeded', lease_until = NULL, finished_at = now(), result = $3, error = NULL
        WHERE id = $1 AND state = 'running' AND attempt = $2";
    Ok(tx
        .execute_raw(sql(update, [claim.id.into(), claim.attempt.into(), result.into()]))
        .await?
        .rows_affected()
        == 1)
}

/// A statement that ends a run by `update` of the row `j`, and keeps how the run ended. Each refers to the row as the update
/// left it; `lead` is what comes before.
fn noted(lead: &str, update: &str, outcome: AttemptOutcome, error: &str) -> String {
    format!(
        "WITH {lead} ended AS ({update} RETURNING j.id, j.attempt, j.worker, j.claimed_at, j.started_at, j.state, j.error),
        noted AS (
            INSERT INTO job_attempts (job_id, attempt, worker, started_at, outcome, error)
            SELECT id, attempt, worker, COALESCE(claimed_at, started_at, now()), '{outcome}', {error} FROM ended
        )
        SELECT state FROM ended"
    )
}

/// Whether an equal job waits.
const TWIN: &str = "
    (SELECT EXISTS (SELECT FROM jobs t JOIN jobs o ON t.dedupe_key = o.dedupe_key WHERE o.id = $1 AND t.state = 'queued') AS waits) twin";

/// Where a run goes that is not the last one.
const BACK: &str = "WHEN j.cancel_requested_at IS NOT NULL THEN 'cancelled' WHEN twin.waits THEN 'superseded' ELSE 'queued'";

/// Ends a job by request, in the transaction of what it did last. `false`: the claim is lost.
///
/// # Errors
/// When the database refuses.
pub async fn cancelled(tx: &impl ConnectionTrait, claim: &Claim, result: Value) -> Result<bool, DbErr> {
    let update = "
        UPDATE jobs j SET state = 'cancelled', lease_until = NULL, finished_at = now(), result = $3
        WHERE id = $1 AND state = 'running' AND attempt = $2";
    let statement = noted("", update, AttemptOutcome::Cancelled, "NULL");
    let values = [claim.id.into(), claim.attempt.into(), result.into()];
    Ok(tx.query_one_raw(sql(&statement, values)).await?.is_some())
}

/// Records a failed run: retried after the rule's wait while tries are left and `retry` says so, else dead.
///
/// # Errors
/// When the database refuses.
pub async fn fail(database: &Database, claim: &Claim, error: &str, retry: Option<&RetryRule>) -> Result<Failed> {
    let failures = claim.failures.saturating_add(1);
    let wait = match retry {
        Some(rule) if failures < claim.max_attempts => Some(wait(rule, failures)),
        _ => None,
    };
    let update = format!(
        "UPDATE jobs j SET failures = LEAST(failures + 1, max_attempts), lease_until = NULL, error = $3,
            state = CASE WHEN $4::float8 IS NULL THEN 'dead' {BACK} END,
            finished_at = CASE WHEN $4::float8 IS NULL OR twin.waits OR j.cancel_requested_at IS NOT NULL THEN now() END,
            run_at = CASE WHEN $4::float8 IS NULL THEN run_at ELSE now() + make_interval(secs => $4) END,
            dispatched_at = NULL
        FROM {TWIN}
        WHERE j.id = $1 AND j.state = 'running' AND j.attempt = $2"
    );
    // PostgreSQL refuses the character zero in a text, and an error that cannot be written would be lost.
    let text: String = error.chars().filter(|character| *character != '\0').take(ERROR_LIMIT).collect();
    let values = [
        claim.id.into(),
        claim.attempt.into(),
        text.into(),
        wait.map(|wait| wait.as_secs_f64()).into(),
    ];
    back_to_queue(database, &noted("", &update, AttemptOutcome::Failed, "error"), &values).await
}

/// Gives a job back without counting the run, e.g. when the worker stops. `Retried`, `Superseded`, `Cancelled` or `Fenced`.
///
/// # Errors
/// When the database refuses.
pub async fn release(database: &Database, claim: &Claim) -> Result<Failed> {
    let update = format!(
        "UPDATE jobs j SET lease_until = NULL, dispatched_at = NULL, state = CASE {BACK} END,
            finished_at = CASE WHEN twin.waits OR j.cancel_requested_at IS NOT NULL THEN now() END
        FROM {TWIN}
        WHERE j.id = $1 AND j.state = 'running' AND j.attempt = $2"
    );
    let statement = noted("", &update, AttemptOutcome::Released, "NULL");
    back_to_queue(database, &statement, &[claim.id.into(), claim.attempt.into()]).await
}

/// Gives a job back that could not be begun, to run again after `wait`: what it needs outside is not to be had. That is neither
/// a try nor a failure of the job, nor a run that its history would keep. `Retried`, `Superseded`, `Cancelled` or `Fenced`.
///
/// # Errors
/// When the database refuses.
pub async fn postpone(database: &Database, claim: &Claim, wait: Duration) -> Result<Failed> {
    let update = format!(
        "UPDATE jobs j SET lease_until = NULL, dispatched_at = NULL, run_at = now() + make_interval(secs => $3), state = CASE {BACK} END,
            finished_at = CASE WHEN twin.waits OR j.cancel_requested_at IS NOT NULL THEN now() END
        FROM {TWIN}
        WHERE j.id = $1 AND j.state = 'running' AND j.attempt = $2
        RETURNING j.state"
    );
    let values = [claim.id.into(), claim.attempt.into(), wait.as_secs_f64().into()];
    back_to_queue(database, &update, &values).await
}

/// At `$3` lost leases the job is dead. A row that somebody has locked is not waited for: its worker lives after all, or
/// is gone when the server notices, and meanwhile nothing else would be rescued or dispatched.
const LOST: &str = "
    lost AS MATERIALIZED (
        SELECT id, lost_leases + 1 >= $3 AS dies FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'running' AND lease_until < now()
        FOR NO KEY UPDATE SKIP LOCKED
    ),";

fn rescue_statement() -> String {
    let update = format!(
        "UPDATE jobs j SET lease_until = NULL, dispatched_at = NULL, lost_leases = lost_leases + 1,
            state = CASE WHEN lost.dies THEN 'dead' {BACK} END,
            finished_at = CASE WHEN lost.dies OR twin.waits OR j.cancel_requested_at IS NOT NULL THEN now() END,
            error = format('the worker %s vanished during run %s', worker, attempt)
        FROM lost, {TWIN}
        WHERE j.id = lost.id"
    );
    noted(LOST, &update, AttemptOutcome::Lost, "error")
}

#[derive(FromQueryResult)]
struct Expired {
    id: JobId,
    attempt: i32,
}

/// Takes jobs back whose worker let the lease run out. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn rescue(database: &Database, max_lost_leases: u32) -> Result<usize> {
    let select = "SELECT id, attempt FROM jobs WHERE state = 'running' AND lease_until < now() ORDER BY lease_until LIMIT 500";
    let expired = Expired::find_by_statement(sql(select, [])).all(database.orm()).await?;
    let max = i32::try_from(max_lost_leases).unwrap_or(i32::MAX);
    let statement = rescue_statement();
    let mut rescued = 0;
    for job in expired {
        match back_to_queue(database, &statement, &[job.id.into(), job.attempt.into(), max.into()]).await? {
            Failed::Fenced => continue,
            Failed::Dead => belongings::died(database.orm(), &[job.id], "its worker vanished too often").await?,
            Failed::Cancelled => belongings::cancelled(database.orm(), &[job.id], "cancelled").await?,
            Failed::Retried | Failed::Superseded => {}
        }
        rescued += 1;
    }
    Ok(rescued)
}

/// An equal job may be enqueued between the look for a twin and the update; the second try sees it.
async fn back_to_queue(database: &Database, update: &str, values: &[sea_orm::Value]) -> Result<Failed> {
    let mut tries = 0;
    loop {
        tries += 1;
        return match database.orm().query_one_raw(sql(update, values.to_vec())).await {
            Ok(None) => Ok(Failed::Fenced),
            Ok(Some(row)) => Ok(match row.try_get::<String>("", "state")?.as_str() {
                "dead" => Failed::Dead,
                "superseded" => Failed::Superseded,
                "cancelled" => Failed::Cancelled,
                _ => Failed::Retried,
            }),
            Err(error) if tries < 5 && constraint(&error) == Some("jobs_dedupe_key") => continue,
            Err(error) => Err(error.into()),
        };
    }
}

/// Wait before retry number `failures`, with up to a tenth of jitter so that retries spread.
fn wait(rule: &RetryRule, failures: i32) -> Duration {
    let doubled = if rule.doubles { 1_u32 << (failures - 1).clamp(0, 12) } else { 1 };
    let wait = (rule.delay * doubled).min(Duration::from_secs(3600).max(rule.delay));
    wait.mul_f64(1.0 + rand::random::<f64>() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubling_wait_grows_to_one_hour_and_no_further() {
        let rule = RetryRule {
            max_attempts: 20,
            delay: Duration::from_secs(5),
            doubles: true,
        };
        assert!((5.0..=5.5).contains(&wait(&rule, 1).as_secs_f64()));
        assert!((10.0..=11.0).contains(&wait(&rule, 2).as_secs_f64()));
        assert!((3600.0..=3960.0).contains(&wait(&rule, 15).as_secs_f64()));
    }

    #[test]
    fn a_steady_wait_stays() {
        let rule = RetryRule {
            max_attempts: 4,
            delay: Duration::from_secs(60),
            doubles: false,
        };
        assert!((60.0..=66.0).contains(&wait(&rule, 3).as_secs_f64()));
    }
}
