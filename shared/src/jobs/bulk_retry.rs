//! Running dead jobs again by the hundred, as after a fault that killed them all has been mended.

use super::control::{AS_NEW, wake_dispatchers};
use super::view::confined_to;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result, constraint};
use crate::ids::InstitutionId;
use crate::transport::Queue;
use crate::validation::Checks;
use sea_orm::{FromQueryResult, Value};
use serde_json::json;

/// Jobs of one call at most.
pub const LIMIT: i64 = 10_000;

/// Longest kind, in characters.
const KIND_LIMIT: usize = 60;

/// Which dead jobs are meant; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct DeadJobs {
    /// What they do, e.g. `welcome_email`.
    pub kind: Option<String>,
    /// Their queue.
    pub queue: Option<Queue>,
    /// The institution they work for; an administrator may name its own only.
    pub institution_id: Option<InstitutionId>,
}

/// What became, or would become, of dead jobs. The first is the sum of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Retried {
    /// Dead jobs that were meant.
    pub dead: i64,
    /// Wait again, with all their tries.
    pub retried: i64,
    /// Stay dead, because an equal job waits, or was retried in their place.
    pub equal_job_waits: i64,
    /// Stay dead, because their import has ended, or its file was removed.
    pub import_ended: i64,
    /// Were left, because they are more than [`LIMIT`]: ask again.
    pub left: i64,
}

/// The rows are locked in the order of their ids, by everybody.
const JUDGED: &str = "
    WITH dead AS MATERIALIZED (
        SELECT id, dedupe_key FROM jobs
        WHERE state = 'dead' AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR queue = $2) AND ($3::bigint IS NULL OR institution_id = $3)
        ORDER BY id LIMIT $4 FOR NO KEY UPDATE
    ), judged AS MATERIALIZED (
        SELECT id, CASE
            WHEN EXISTS (SELECT FROM imports i WHERE i.job_id = dead.id AND (i.state NOT IN ('queued', 'running') OR i.upload_id IS NULL)) THEN 'ended'
            WHEN dedupe_key IS NOT NULL AND (
                id <> max(id) OVER (PARTITION BY dedupe_key)
                OR EXISTS (SELECT FROM jobs t WHERE t.dedupe_key = dead.dedupe_key AND t.state = 'queued')) THEN 'equal'
            ELSE 'again' END AS verdict
        FROM dead
    )";

const COUNTED: &str = "
    SELECT total.dead, again AS retried, equal AS equal_job_waits, ended AS import_ended, total.dead - again - equal - ended AS left
    FROM (SELECT count(*) FILTER (WHERE verdict = 'again') AS again, count(*) FILTER (WHERE verdict = 'equal') AS equal,
            count(*) FILTER (WHERE verdict = 'ended') AS ended FROM judged) judged,
        (SELECT count(*) AS dead FROM jobs
         WHERE state = 'dead' AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR queue = $2)
            AND ($3::bigint IS NULL OR institution_id = $3)) total";

/// Runs dead jobs again, or tells with `dry_run` what that would do; super admins, and institution admins for their own.
///
/// # Errors
/// `Forbidden`; `NotFound` for an administrator that names another institution; `Invalid` for an impossible kind; `Conflict`
/// with `equal_job_waits` when an equal job was asked for at the same moment: then nothing was changed.
pub async fn retry_dead(work: &Work, actor: &Actor, which: &DeadJobs, dry_run: bool) -> Result<Retried> {
    let own = confined_to(actor)?;
    if let (Some(own), Some(wanted)) = (own, which.institution_id)
        && own != wanted
    {
        return Err(Error::NotFound("institution"));
    }
    let mut checks = Checks::default();
    let kind = checks.optional_text("kind", which.kind.as_deref(), KIND_LIMIT);
    checks.finish()?;
    let institution_id = own.or(which.institution_id);
    let values: [Value; 4] = [
        kind.clone().into(),
        which.queue.map(Queue::as_str).into(),
        institution_id.into(),
        LIMIT.into(),
    ];
    let change = if dry_run {
        String::new()
    } else {
        format!(", again AS (UPDATE jobs SET {AS_NEW} FROM judged WHERE jobs.id = judged.id AND verdict = 'again')")
    };
    let retried = Retried::find_by_statement(sql(&format!("{JUDGED}{change}{COUNTED}"), values))
        .one(work.tx())
        .await;
    let retried = match retried {
        Err(error) if constraint(&error) == Some("jobs_dedupe_key") => {
            let message = "An equal job was asked for at the same moment; nothing was changed. Try again.";
            return Err(Error::conflict("equal_job_waits", message));
        }
        other => other?.ok_or_else(|| Error::internal("a count has no row"))?,
    };
    if dry_run || retried.retried == 0 {
        return Ok(retried);
    }
    wake_dispatchers(work).await?;
    let detail = json!({ "kind": kind, "queue": which.queue.map(Queue::as_str), "jobs": retried.retried });
    let deed = Deed::new("jobs.retried", "job", None).with(detail);
    activity::record_for(work, Some(actor.user_id), institution_id, deed).await?;
    Ok(retried)
}
