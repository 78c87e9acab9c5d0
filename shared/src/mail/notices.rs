//! Asking for the mails that tell somebody of a change, in the change's own transaction.

use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{CourseId, InstitutionId, UserId};
use crate::jobs::{Job, Order, enqueue, enqueue_many};
use sea_orm::ConnectionTrait;

/// Asks for the mail that tells a user of its changed password.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn password_changed(work: &mut Work, institution_id: Option<InstitutionId>, user_id: UserId) -> Result<()> {
    let order = Order {
        institution_id,
        created_by: None,
    };
    enqueue(work, &Job::PasswordChangedEmail { user_id }, order).await?;
    Ok(())
}

/// Asks for mails to those of the students who want to hear of grades, one for each and course however many grades follow soon.
///
/// Whoever also marks students does so first: the locks of both are taken in this order by everybody.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn grades_posted(work: &mut Work, institution_id: InstitutionId, course_id: CourseId, graded: &[UserId]) -> Result<()> {
    if graded.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = graded.iter().map(|id| id.0).collect();
    let select = "SELECT id FROM users WHERE institution_id = $1 AND id = ANY($2) AND mail_grades AND is_active ORDER BY id";
    let rows = work.tx().query_all_raw(sql(select, [institution_id.into(), ids.into()])).await?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        jobs.push(Job::GradesPostedEmail {
            student_id: row.try_get("", "id")?,
            course_id,
        });
    }
    let order = Order {
        institution_id: Some(institution_id),
        created_by: None,
    };
    enqueue_many(work, &jobs, order).await?;
    Ok(())
}
