//! Taking a job: once, when it is due, not from a paused queue, and no more bulk work of an institution than it may have.
//!
//! Short jobs take one statement, which may take many of them ([`claim_free`]). Bulk work of an institution is counted under a lock of its own, or two claims at the same
//! time would both find the last place free. A job that is refused goes back to the dispatcher, which sends it again when
//! there is room for it: it is not lost, and nobody asks for it over and over.

use super::belongings;
use super::ledger::Claim;
use crate::config::JobSettings;
use crate::db::{Database, sql};
use crate::error::Result;
use crate::ids::{InstitutionId, JobId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, TransactionTrait, Value};

/// The queues of bulk work as SQL, those of [`Queue::is_heavy`](crate::transport::Queue::is_heavy). The indexes of bulk work
/// are over the same list.
macro_rules! heavy_queues {
    () => {
        "('import', 'recalculation')"
    };
}
pub(super) use heavy_queues;

/// Takes the rows that `$which` selects. The lease begins when the row is to be had, which may be later than the statement:
/// somebody may be touching the row.
macro_rules! take {
    ($which:expr) => {
        concat!(
            "UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = $2,
                lease_until = clock_timestamp() + make_interval(secs => $3), claimed_at = clock_timestamp(),
                started_at = COALESCE(started_at, clock_timestamp())
            WHERE ",
            $which,
            " RETURNING id, kind, queue, payload, attempt, failures, max_attempts, institution_id, created_by, trace_parent"
        )
    };
}

/// What may be taken without being counted.
macro_rules! light {
    () => {
        concat!(
            "state = 'queued' AND run_at <= now() AND cancel_requested_at IS NULL AND (institution_id IS NULL OR queue NOT IN ",
            heavy_queues!(),
            ") AND NOT EXISTS (SELECT FROM queue_controls c WHERE c.queue = jobs.queue)"
        )
    };
}

const TAKE_LIGHT: &str = take!(concat!("id = $1 AND ", light!()));

/// Rows are passed over that somebody is touching: waiting for one while holding others would hold those up, and could go
/// round in a circle.
const TAKE_FREE: &str = concat!(
    "WITH free AS MATERIALIZED (SELECT id FROM jobs WHERE id = ANY($1) AND ",
    light!(),
    " FOR NO KEY UPDATE SKIP LOCKED) ",
    take!("id IN (SELECT id FROM free)")
);

/// `$4` is null for what nobody counts.
const TAKE_COUNTED: &str = take!(concat!(
    "id = $1 AND state = 'queued' AND run_at <= now() AND cancel_requested_at IS NULL AND ($4::bigint IS NULL OR $4 > (
        SELECT count(*) FROM jobs r WHERE r.institution_id = jobs.institution_id AND r.state = 'running' AND r.queue IN ",
    heavy_queues!(),
    "))"
));

/// The row first, then the institution: a claim that waits for a row holds up nobody else.
const LOOK: &str = concat!(
    "SELECT institution_id, queue IN ",
    heavy_queues!(),
    " AS is_heavy, cancel_requested_at IS NOT NULL AS cancel_requested,
        EXISTS (SELECT FROM queue_controls c WHERE c.queue = jobs.queue) AS is_paused
    FROM jobs WHERE id = $1 AND state = 'queued' AND run_at <= now() FOR NO KEY UPDATE"
);

#[derive(FromQueryResult)]
struct Waiting {
    institution_id: Option<InstitutionId>,
    is_heavy: bool,
    cancel_requested: bool,
    is_paused: bool,
}

/// Takes a queued job whose time has come. Waits for a transaction that is just touching the row, so that it sees that change.
///
/// `None`: finished, running elsewhere, not yet due, or gone; its queue is paused; its institution has as much bulk work
/// running as [`JobSettings::heavy_per_institution`] allows. A queued job whose end was asked for ends here, unrun.
///
/// # Errors
/// When the database refuses.
pub async fn claim(database: &Database, settings: &JobSettings, id: JobId, worker: &str) -> Result<Option<Claim>> {
    let values = [id.into(), worker.into(), settings.lease.as_secs_f64().into()];
    let taken = Claim::find_by_statement(sql(TAKE_LIGHT, values.clone()))
        .one(database.orm())
        .await?;
    if taken.is_some() {
        return Ok(taken);
    }
    let tx = database.orm().begin().await?;
    let waiting = Waiting::find_by_statement(sql(LOOK, [id.into()])).one(&tx).await?;
    let taken = match waiting {
        Some(waiting) => judge(&tx, settings, id, waiting, values).await?,
        None => None,
    };
    tx.commit().await?;
    Ok(taken)
}

/// Takes those of several jobs that are to be had at once, without waiting for anybody. Of the others nothing is known: ask for
/// each by [`claim`].
///
/// # Errors
/// When the database refuses; then it may have taken some, whose leases run out.
pub async fn claim_free(database: &Database, settings: &JobSettings, ids: &[JobId], worker: &str) -> Result<Vec<Claim>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let values = [ids.into(), worker.into(), settings.lease.as_secs_f64().into()];
    Ok(Claim::find_by_statement(sql(TAKE_FREE, values)).all(database.orm()).await?)
}

/// The row is locked: nobody else claims it meanwhile.
async fn judge(tx: &DatabaseTransaction, settings: &JobSettings, id: JobId, waiting: Waiting, values: [Value; 3]) -> Result<Option<Claim>> {
    if waiting.cancel_requested {
        let end = "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = $1";
        tx.execute_raw(sql(end, [id.into()])).await?;
        belongings::cancelled(tx, &[id], "cancelled").await?;
        return Ok(None);
    }
    let mut taken = None;
    if !waiting.is_paused {
        let counted = waiting.institution_id.filter(|_| waiting.is_heavy);
        if let Some(institution_id) = counted {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended('heavy_jobs', $1))";
            tx.execute_raw(sql(lock, [institution_id.into()])).await?;
        }
        let limit = counted.map(|_| i64::from(settings.heavy_per_institution));
        let values = values.into_iter().chain([limit.into()]);
        taken = Claim::find_by_statement(sql(TAKE_COUNTED, values)).one(tx).await?;
    }
    if taken.is_none() {
        let hand_back = "UPDATE jobs SET dispatched_at = NULL WHERE id = $1";
        tx.execute_raw(sql(hand_back, [id.into()])).await?;
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use crate::transport::Queue;

    #[test]
    fn the_heavy_queues_in_sql_are_those_of_the_transport() {
        let names: Vec<String> = Queue::ALL
            .into_iter()
            .filter(|queue| queue.is_heavy())
            .map(|queue| format!("'{queue}'"))
            .collect();
        assert_eq!(format!("({})", names.join(", ")), heavy_queues!());
    }
}
