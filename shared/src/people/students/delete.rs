//! Deleting a student's account, as long as there is no result in it.

use super::read;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, count, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use sea_orm::ConnectionTrait;
use serde_json::json;

/// Deletes a student without grades, and its enrollments; administrators only. Whoever was graded is deactivated.
///
/// # Errors
/// `NotFound`, also for another institution's; `Conflict` with `student_has_grades`.
pub async fn delete(work: &Work, actor: &Actor, id: UserId) -> Result<()> {
    let institution_id = actor.require_admin()?;
    read::lock_whole(work.tx(), institution_id, id).await?;
    // A grade refers to an enrollment: with these locked, no grade can come in between the count and the end.
    let lock = "SELECT id FROM enrollments WHERE institution_id = $1 AND student_id = $2 ORDER BY id FOR UPDATE";
    work.tx().execute_raw(sql(lock, [institution_id.into(), id.into()])).await?;
    let graded = "FROM grades WHERE institution_id = $1 AND student_id = $2";
    let grades = count(work.tx(), graded, [institution_id.into(), id.into()]).await?;
    if grades > 0 {
        let noun = if grades == 1 { "grade" } else { "grades" };
        return Err(Error::conflict(
            "student_has_grades",
            format!("The student has {grades} {noun}, which would be lost; deactivate the account instead."),
        ));
    }
    let leave = "DELETE FROM enrollments WHERE institution_id = $1 AND student_id = $2";
    let left = work
        .tx()
        .execute_raw(sql(leave, [institution_id.into(), id.into()]))
        .await?
        .rows_affected();
    let delete = "DELETE FROM users WHERE institution_id = $1 AND id = $2";
    work.tx().execute_raw(sql(delete, [institution_id.into(), id.into()])).await?;
    let deed = Deed::new("student.deleted", "user", id.0).with(json!({ "enrollments": left }));
    activity::record(work, actor, deed).await
}
