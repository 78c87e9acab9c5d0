//! What each kind of job does, one file a kind. A handler ends its job in the transaction of the effects.

mod achievement;
#[cfg(debug_assertions)]
mod drill;
mod grades_posted_email;
mod import;
mod import_finished_email;
mod institution_deletion;
mod mail_delivery;
mod maintenance;
mod password_changed_email;
mod password_reset_email;
mod probe;
mod recipient;
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
        Job::PasswordChangedEmail { user_id } => password_changed_email::run(context, claim, user_id).await,
        Job::GradesPostedEmail { student_id, course_id } => grades_posted_email::run(context, claim, student_id, course_id).await,
        Job::ImportFinishedEmail { import_id } => import_finished_email::run(context, claim, import_id).await,
        Job::StudentImport { import_id } => import::students::run(context, claim, import_id, stop).await,
        Job::GradeImport { import_id } => import::grades::run(context, claim, import_id, stop).await,
        Job::Achievement { student_ids } | Job::Recalculation { student_ids } => achievement::run(context, claim, &student_ids).await,
        Job::InstitutionDeletion { institution_id } => institution_deletion::run(context, claim, institution_id, stop).await,
        Job::Maintenance { task } => maintenance::run(context, claim, task, stop).await,
        Job::Probe { .. } => probe::run(context, claim).await,
        #[cfg(debug_assertions)]
        Job::Drill(drill) => drill::run(context, claim, drill, stop).await,
    }
}

/// Tells what belongs to a job that it died.
pub(crate) async fn buried(context: &Context, claim: &Claim, error: &str) -> Result<()> {
    match claim.job() {
        Ok(
            Job::WelcomeEmail { .. }
            | Job::PasswordResetEmail { .. }
            | Job::PasswordChangedEmail { .. }
            | Job::GradesPostedEmail { .. }
            | Job::ImportFinishedEmail { .. },
        ) => mail_delivery::buried(context, claim, error).await,
        // The state of an import is read from its job.
        Ok(Job::StudentImport { import_id } | Job::GradeImport { import_id }) => import::buried(context, claim, import_id).await,
        // Marks of students stay until somebody retries.
        _ => Ok(()),
    }
}
