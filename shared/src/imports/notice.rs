//! Asking for the mail that tells of an import's end. What the mail says is the worker's affair.

use super::ledger::ImportRow;
use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{ImportId, InstitutionId, UserId};
use crate::jobs::{Job, Order, enqueue};
use crate::kinds::ImportMode;
use crate::transport::Queue;
use sea_orm::FromQueryResult;
use std::time::Duration;

/// Asks for the mail to whoever asked for the import. Whoever tries a file out looks at the result without being told.
///
/// # Errors
/// When the database refuses.
pub async fn ask_for(work: &mut Work, import: &ImportRow) -> Result<()> {
    match import.created_by {
        Some(user_id) if import.mode == ImportMode::Apply => order(work, import.id, import.institution_id, user_id).await,
        _ => Ok(()),
    }
}

/// Whoever is told of a death is told by a job that is younger than the one that died, so that few rows are looked at.
const UNTOLD: &str = "
    SELECT i.id, i.institution_id, i.created_by FROM jobs died JOIN imports i ON i.job_id = died.id
    WHERE died.state = 'dead' AND died.queue = $1 AND i.mode = 'apply' AND i.created_by IS NOT NULL
        AND died.finished_at BETWEEN now() - interval '1 day' AND now() - make_interval(secs => $2)
        AND NOT EXISTS (
            SELECT FROM jobs told WHERE told.id > died.id AND told.kind = $3
                AND told.payload @> jsonb_build_object('import_id', i.id) AND told.created_at >= died.finished_at)
    ORDER BY i.id LIMIT 100";

#[derive(FromQueryResult)]
struct Untold {
    id: ImportId,
    institution_id: InstitutionId,
    created_by: UserId,
}

/// Asks for the mails of imports whose job died at least `age` ago and of which nobody has told: its workers vanished, or the
/// last one did so before it could ask. Returns how many. To be called now and then by whoever dispatches jobs.
///
/// # Errors
/// When the database refuses.
pub async fn ask_for_forgotten(work: &mut Work, age: Duration) -> Result<usize> {
    let values = [
        Queue::Import.as_str().into(),
        age.as_secs_f64().into(),
        Job::IMPORT_FINISHED_EMAIL.into(),
    ];
    let untold = Untold::find_by_statement(sql(UNTOLD, values)).all(work.tx()).await?;
    for import in &untold {
        order(work, import.id, import.institution_id, import.created_by).await?;
    }
    Ok(untold.len())
}

async fn order(work: &mut Work, import_id: ImportId, institution_id: InstitutionId, user_id: UserId) -> Result<()> {
    let order = Order {
        institution_id: Some(institution_id),
        created_by: Some(user_id),
    };
    enqueue(work, &Job::ImportFinishedEmail { import_id }, order).await?;
    Ok(())
}
