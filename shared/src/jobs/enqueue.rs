//! Asking for a job, inside the transaction of the change that needs it. There is no other way to ask.

use super::definitions::Job;
use super::outbox::Dispatched;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, JobId, UserId};
use sea_orm::{ConnectionTrait, QueryResult, Value};

/// More messages than these of one transaction are left to the dispatcher, which keeps the backlog in Redis small.
const FAST_PATH: usize = 20;

/// Rows of one INSERT.
const CHUNK: usize = 5000;

/// On whose behalf a job is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order {
    /// The institution it works for.
    pub institution_id: Option<InstitutionId>,
    /// Who asked.
    pub created_by: Option<UserId>,
}

/// A conflict touches the waiting row: its lock keeps a claim out until this transaction ends, so that the job runs on
/// the new data; ignoring it would let the job run on the old data now, and the change would never be computed.
///
/// A row that was backing off runs now, under a new message: its old one is gone. A row whose end was asked for is wanted
/// again. `COLLATE "C"` is the order of the sort below, which no collation of a database changes.
const INSERT: &str = "
    INSERT INTO jobs (kind, queue, payload, dedupe_key, max_attempts, institution_id, created_by, trace_parent, run_at, dispatches, dispatched_at)
    SELECT $1, $2, t.payload::jsonb, NULLIF(t.dedupe_key, ''), $3, $4, $5, $6, now() + make_interval(secs => $10), CASE WHEN $7 THEN 1 ELSE 0 END, CASE WHEN $7 THEN now() END
    FROM unnest($8::text[], $9::text[]) AS t (payload, dedupe_key)
    ORDER BY t.dedupe_key COLLATE \"C\"
    ON CONFLICT (dedupe_key) WHERE state = 'queued' DO UPDATE SET
        run_at = LEAST(jobs.run_at, excluded.run_at),
        cancel_requested_at = NULL,
        dispatches = jobs.dispatches + CASE WHEN jobs.run_at > now() THEN excluded.dispatches ELSE 0 END,
        dispatched_at = CASE WHEN jobs.run_at > now() THEN excluded.dispatched_at ELSE jobs.dispatched_at END
    RETURNING id, queue, dispatches, COALESCE(dispatched_at = now(), false) AS fresh";

/// Asks for one job.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(work: &mut Work, job: &Job, order: Order) -> Result<JobId> {
    let ids = enqueue_many(work, std::slice::from_ref(job), order).await?;
    ids.first().copied().ok_or_else(|| Error::internal("an enqueued job has no id"))
}

/// Asks for jobs of one kind. A burst of equal jobs waits as one. Ids come in no particular order.
///
/// A transaction that needs many jobs with keys asks for them in one call: locks taken by several calls are in no order.
///
/// # Errors
/// When the database refuses, or the jobs are of several kinds.
pub async fn enqueue_many(work: &mut Work, jobs: &[Job], order: Order) -> Result<Vec<JobId>> {
    let Some(first) = jobs.first() else { return Ok(Vec::new()) };
    if jobs.iter().any(|job| job.kind() != first.kind()) {
        return Err(Error::internal("jobs of several kinds enqueued at once"));
    }
    // Rows are locked in one order by everybody, or two imports could deadlock.
    let mut rows: Vec<(String, Option<String>)> = jobs.iter().map(|job| (job.payload().to_string(), job.dedupe_key())).collect();
    rows.sort_by(|a, b| a.1.cmp(&b.1));
    rows.dedup_by(|a, b| a.1.is_some() && a.1 == b.1);
    let now = first.delay(work.job_settings()).is_zero();
    let fast = now && work.sends_messages() && work.messages() + rows.len() <= FAST_PATH;
    let mut ids = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let inserted = work
            .tx()
            .query_all_raw(sql(INSERT, values(work, first, order, chunk, fast)))
            .await?;
        for row in inserted {
            ids.push(note(work, &row)?);
        }
    }
    Ok(ids)
}

fn values(work: &Work, first: &Job, order: Order, rows: &[(String, Option<String>)], fast: bool) -> [Value; 10] {
    let payloads: Vec<String> = rows.iter().map(|row| row.0.clone()).collect();
    let keys: Vec<String> = rows.iter().map(|row| row.1.clone().unwrap_or_default()).collect();
    let attempts = i32::try_from(first.retry_rule(work.job_settings()).max_attempts).unwrap_or(i32::MAX);
    [
        first.kind().into(),
        first.queue().into(),
        attempts.into(),
        order.institution_id.into(),
        order.created_by.into(),
        work.trace_parent().map(str::to_owned).into(),
        fast.into(),
        payloads.into(),
        keys.into(),
        first.delay(work.job_settings()).as_secs_f64().into(),
    ]
}

fn note(work: &mut Work, row: &QueryResult) -> Result<JobId> {
    let id: JobId = row.try_get("", "id")?;
    if row.try_get::<bool>("", "fresh")? {
        work.remember(Dispatched {
            job_id: id,
            queue: row.try_get("", "queue")?,
            dispatch: row.try_get("", "dispatches")?,
        });
    }
    Ok(id)
}
