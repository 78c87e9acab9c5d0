//! Who is enrolled in a course. An inactive enrollment takes the course out of the student's results, and the grades stay;
//! only one without grades, made by mistake, can be deleted. Staff read all of the institution; who may write the course enrolls.

mod bulk;
mod read;

pub use bulk::{BulkEnrolled, NUMBERS_LIMIT, enroll_numbers};
pub use read::{Enrollment, EnrollmentFilter, find, list};

use super::{access, deletion};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Work, sql};
use crate::entity::user;
use crate::error::{Error, Result};
use crate::ids::{CourseId, EnrollmentId, InstitutionId, UserId};
use crate::kinds::Role;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::json;

/// What became of an order to enroll.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Written {
    id: EnrollmentId,
    student_id: UserId,
    /// 1 for a new row: the touch trigger raises it on each change.
    version: i32,
}

/// Enrolls `$3` in `$2`. An active enrollment is left alone and not returned.
const ENROLL: &str = "
    INSERT INTO enrollments (institution_id, course_id, student_id)
    SELECT $1, $2, id FROM unnest($3::bigint[]) AS id ORDER BY id
    ON CONFLICT (student_id, course_id) DO UPDATE SET is_active = true WHERE NOT enrollments.is_active
    RETURNING id, student_id, version";

async fn write(work: &Work, institution_id: InstitutionId, course_id: CourseId, students: &[UserId]) -> Result<Vec<Written>> {
    let ids: Vec<i64> = students.iter().map(|id| id.0).collect();
    let values = [institution_id.into(), course_id.into(), ids.into()];
    Ok(Written::find_by_statement(sql(ENROLL, values)).all(work.tx()).await?)
}

/// Enrolls a student, or brings a former enrollment back.
///
/// # Errors
/// `Invalid` for who is no active student of the institution; `Forbidden` for another teacher's course; `NotFound`;
/// `Conflict` `already_enrolled`.
pub async fn enroll(work: &mut Work, actor: &Actor, course_id: CourseId, student_id: UserId) -> Result<Enrollment> {
    let course = access::writable_course(work, actor, course_id).await?;
    check_student(work, course.institution_id, student_id).await?;
    let written = write(work, course.institution_id, course_id, &[student_id]).await?;
    let Some(row) = written.first() else {
        return Err(Error::conflict(
            "already_enrolled",
            "The student is enrolled in this course already.",
        ));
    };
    let action = if row.version == 1 {
        "enrollment.created"
    } else {
        "enrollment.reactivated"
    };
    activity::record(work, actor, Deed::new(action, "enrollment", row.id.0)).await?;
    mark::students(work, course.institution_id, &[student_id]).await?;
    read::by_id(work.tx(), course.institution_id, row.id).await
}

async fn check_student(work: &Work, institution_id: InstitutionId, id: UserId) -> Result<()> {
    let found = user::Entity::find_by_id(id)
        .filter(user::Column::InstitutionId.eq(institution_id))
        .filter(user::Column::Role.eq(Role::Student));
    match found.one(work.tx()).await? {
        Some(student) if student.is_active => Ok(()),
        Some(_) => Err(Error::invalid(
            "student_id",
            "inactive_student",
            "names a student whose account is closed",
        )),
        None => Err(Error::invalid(
            "student_id",
            "unknown_student",
            "names no student of the institution",
        )),
    }
}

/// Ends an enrollment or brings it back, and marks the student. To what it is already writes nothing.
///
/// # Errors
/// `Forbidden` for another teacher's course; `NotFound`; `Outdated`.
pub async fn set_active(work: &mut Work, actor: &Actor, id: EnrollmentId, expected: &Expected, is_active: bool) -> Result<Enrollment> {
    let before = lock(work, actor, id).await?;
    expected.check(before.version)?;
    if before.is_active == is_active {
        return Ok(before);
    }
    let institution_id = actor.require_staff()?;
    let update = "UPDATE enrollments SET is_active = $3 WHERE institution_id = $1 AND id = $2";
    let update = sql(update, [institution_id.into(), id.into(), is_active.into()]);
    work.tx().execute_raw(update).await?;
    let action = if is_active { "enrollment.reactivated" } else { "enrollment.ended" };
    activity::record(work, actor, Deed::new(action, "enrollment", id.0)).await?;
    mark::students(work, institution_id, &[before.student_id]).await?;
    read::by_id(work.tx(), institution_id, id).await
}

/// Deletes an enrollment that no grade hangs on, and marks the student.
///
/// # Errors
/// `Forbidden` for another teacher's course; `NotFound`; `Conflict` `has_grades`: such an enrollment is ended.
pub async fn delete(work: &mut Work, actor: &Actor, id: EnrollmentId) -> Result<()> {
    let enrollment = lock(work, actor, id).await?;
    let institution_id = actor.require_staff()?;
    let select = "
        SELECT count(*) AS grades FROM grades g JOIN courses c ON c.id = g.course_id AND c.academic_year = g.academic_year
        WHERE g.student_id = $1 AND g.course_id = $2";
    let values = [enrollment.student_id.into(), enrollment.course_id.into()];
    let [(_, grades)] = deletion::count(work, select, values, ["grades"]).await?;
    if grades > 0 {
        let message = format!("The student has grades in this course ({grades}); end the enrollment instead.");
        return Err(Error::conflict("has_grades", message));
    }
    let delete = "DELETE FROM enrollments WHERE institution_id = $1 AND id = $2";
    work.tx().execute_raw(sql(delete, [institution_id.into(), id.into()])).await?;
    let detail = json!({ "course_id": enrollment.course_id, "student_id": enrollment.student_id });
    activity::record(work, actor, Deed::new("enrollment.deleted", "enrollment", id.0).with(detail)).await?;
    mark::students(work, institution_id, &[enrollment.student_id]).await
}

/// The enrollment for somebody who may write its course, with the course locked: nobody grades or ends it meanwhile.
async fn lock(work: &Work, actor: &Actor, id: EnrollmentId) -> Result<Enrollment> {
    let institution_id = actor.require_staff()?;
    let course_id = read::by_id(work.tx(), institution_id, id).await?.course_id;
    access::locked_course(work, actor, course_id).await?;
    // Read again: the lock may have waited for another change.
    read::by_id(work.tx(), institution_id, id).await
}
