//! What belongs to a job and has to be told when nobody will do the job any more: its import, its mail.
//!
//! The marks of students stay: whoever looks after forgotten marks asks for their computation anew.

use crate::db::sql;
use crate::ids::JobId;
use sea_orm::{ConnectionTrait, DbErr};

/// Longest reason that a mail keeps, in characters.
const REASON_LIMIT: usize = 1000;

/// Jobs that died: their mails are given up. The state of an import is read from its job while it is open.
///
/// # Errors
/// When the database refuses.
pub async fn died(db: &impl ConnectionTrait, jobs: &[JobId], reason: &str) -> Result<(), DbErr> {
    let update = "UPDATE email_deliveries SET state = 'failed', last_error = $2 WHERE job_id = ANY ($1) AND state = 'sending'";
    let reason: String = reason.chars().take(REASON_LIMIT).collect();
    db.execute_raw(sql(update, [ids(jobs).into(), reason.into()])).await?;
    Ok(())
}

/// Jobs that were ended by request: their imports are cancelled, and count what was committed; their mails are given up.
///
/// # Errors
/// When the database refuses.
pub async fn cancelled(db: &impl ConnectionTrait, jobs: &[JobId], reason: &str) -> Result<(), DbErr> {
    let update = "
        UPDATE imports SET state = 'cancelled', finished_at = now() WHERE job_id = ANY ($1) AND state IN ('queued', 'running')";
    db.execute_raw(sql(update, [ids(jobs).into()])).await?;
    died(db, jobs, reason).await
}

fn ids(jobs: &[JobId]) -> Vec<i64> {
    jobs.iter().map(|id| id.0).collect()
}
