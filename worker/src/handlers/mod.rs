//! What each kind of job does, one file a kind. A handler ends its job in the transaction of the effects.

mod achievement;
mod import;
mod institution_deletion;
mod mail_delivery;
mod password_reset_email;
mod probe;
mod welcome_email;

use crate::context::Context;
use crate::executor::{JobError, JobResult, Stop};
use acurate_shared::error::Result;
use acurate_shared::jobs::Job;
use acurate_shared::jobs::ledger::Claim;

/// Does a claimed job.
pub(crate) async fn run(context: &Context, claim: &Claim, stop: &Stop) -> JobResult {
    match claim.job().map_err(|error| JobError::Permanent(error.to_string()))? {
        Job::WelcomeEmail { user_id } => welcome_email::run(context, claim, user_id).await,
        Job::PasswordResetEmail { token_id } => password_reset_email::run(context, claim, token_id).await,
        Job::StudentImport { import_id } => import::students::run(context, claim, import_id, stop).await,
        Job::GradeImport { import_id } => import::grades::run(context, claim, import_id, stop).await,
        Job::Achievement { student_ids } | Job::Recalculation { student_ids } => achievement::run(context, claim, &student_ids).await,
        Job::InstitutionDeletion { institution_id } => institution_deletion::run(context, claim, institution_id, stop).await,
        Job::Probe { .. } => probe::run(context, claim).await,
    }
}

/// Tells what belongs to a job that it died.
pub(crate) async fn buried(context: &Context, claim: &Claim, error: &str) -> Result<()> {
    match claim.job() {
        Ok(Job::WelcomeEmail { .. } | Job::PasswordResetEmail { .. }) => mail_delivery::buried(context, claim, error).await,
        // The state of an import is read from its job; marks of students stay until somebody retries.
        _ => Ok(()),
    }
}
