//! Deleting a teacher's account, as long as nothing that is taught depends on it.

use super::read;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, count, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use sea_orm::ConnectionTrait;

/// Deletes a teacher without courses; administrators only. Marks that it gave stay, without its name. Whoever has taught is
/// better deactivated.
///
/// # Errors
/// `NotFound`, also for another institution's; `Conflict` with `teacher_has_courses`, of whatever year.
pub async fn delete(work: &Work, actor: &Actor, id: UserId) -> Result<()> {
    let institution_id = actor.require_admin()?;
    read::lock_whole(work.tx(), institution_id, id).await?;
    let taught = "FROM courses WHERE institution_id = $1 AND teacher_id = $2";
    let courses = count(work.tx(), taught, [institution_id.into(), id.into()]).await?;
    if courses > 0 {
        let noun = if courses == 1 { "course" } else { "courses" };
        return Err(Error::conflict(
            "teacher_has_courses",
            format!("The teacher has {courses} {noun}; assign them to somebody else, or deactivate the account instead."),
        ));
    }
    let delete = "DELETE FROM users WHERE institution_id = $1 AND id = $2";
    work.tx().execute_raw(sql(delete, [institution_id.into(), id.into()])).await?;
    activity::record(work, actor, Deed::new("teacher.deleted", "user", id.0)).await
}
