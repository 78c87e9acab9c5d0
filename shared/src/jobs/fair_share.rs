//! Which bulk work is sent next: by turns, one job of each institution after the other, and of none more than may run.
//!
//! One institution's backlog, however deep, neither fills the window of messages nor stands before another's. Looking costs
//! a few index probes for each institution that has something waiting, whatever the depth.

use super::claiming::heavy_queues;
use crate::transport::Queue;

/// The statement for a queue. `$1` seconds until a message counts as lost, `$2` jobs of an institution that may run, `$3`
/// messages wanted. Work of the platform itself belongs to no institution and is not counted.
///
/// The name of the queue stands in the text: as a parameter it would hide the partial indexes from the planner.
pub(super) fn take_due(queue: Queue) -> String {
    let queued = format!("queue = '{queue}' AND state = 'queued'");
    let lost = "jobs.dispatched_at < now() - make_interval(secs => $1 * power(2, LEAST(jobs.dispatches, 6) - 1))";
    let due = format!("jobs.run_at <= now() AND (jobs.dispatched_at IS NULL OR {lost})");
    // The order of `jobs_heavy_due_idx`; of any other index it would have to be sorted.
    let index = "institution_id, run_at, id";
    let heavy = heavy_queues!();
    format!(
        "WITH RECURSIVE institution (id) AS (
            (SELECT institution_id FROM jobs WHERE {queued} AND institution_id IS NOT NULL ORDER BY {index} LIMIT 1)
            UNION ALL
            SELECT (SELECT institution_id FROM jobs WHERE {queued} AND institution_id > institution.id ORDER BY {index} LIMIT 1)
            FROM institution WHERE institution.id IS NOT NULL
        ), room AS MATERIALIZED (
            SELECT institution.id, GREATEST($2 - running.jobs - sent.jobs, 0) AS jobs
            FROM institution
            CROSS JOIN LATERAL (
                SELECT count(*) AS jobs FROM jobs WHERE institution_id = institution.id AND state = 'running' AND queue IN {heavy}
            ) running
            CROSS JOIN LATERAL (
                SELECT count(*) AS jobs FROM jobs WHERE {queued} AND institution_id = institution.id AND dispatched_at IS NOT NULL AND NOT {lost}
            ) sent
            WHERE institution.id IS NOT NULL
        ), turns AS MATERIALIZED (
            SELECT next.id, next.run_at, row_number() OVER (PARTITION BY room.id ORDER BY next.run_at, next.id) AS turn
            FROM room CROSS JOIN LATERAL (
                SELECT id, run_at FROM jobs WHERE {queued} AND institution_id = room.id AND {due} ORDER BY run_at, id LIMIT room.jobs
            ) next
            UNION ALL
            SELECT id, run_at, row_number() OVER (ORDER BY run_at, id) FROM (
                SELECT id, run_at FROM jobs WHERE {queued} AND institution_id IS NULL AND {due} ORDER BY {index} LIMIT $3
            ) platform
        ), due AS MATERIALIZED (
            SELECT id FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM turns ORDER BY turn, run_at, id LIMIT $3)) AND {queued} AND {due}
                AND NOT EXISTS (SELECT FROM queue_controls c WHERE c.queue = '{queue}')
            FOR NO KEY UPDATE SKIP LOCKED
        ), taken AS (
            UPDATE jobs SET dispatched_at = now(), dispatches = dispatches + 1 FROM due WHERE jobs.id = due.id
            RETURNING jobs.id, queue, dispatches
        )
        SELECT taken.id, queue, dispatches FROM taken JOIN turns ON turns.id = taken.id ORDER BY turn, run_at, taken.id"
    )
}
