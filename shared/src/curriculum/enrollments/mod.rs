//! Who is enrolled in a course. An enrollment is never deleted: an inactive one takes the course out of the student's
//! results, and the grades stay. Staff read all of the institution; who may write the course enrolls.

mod bulk;

pub use bulk::{BulkEnrolled, NUMBERS_LIMIT, enroll_numbers};

use super::access;
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Work, sql};
use crate::entity::user;
use crate::error::{Error, Result};
use crate::ids::{CourseId, EnrollmentId, InstitutionId, UserId};
use crate::kinds::Role;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Value};

const COLUMNS: &str =
    "e.id, e.course_id, e.student_id, u.student_number, u.first_name, u.last_name, e.is_active, e.enrolled_at, e.updated_at";

/// A student in a course.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// The course.
    pub course_id: CourseId,
    /// The student.
    pub student_id: UserId,
    /// Number of the student.
    pub student_number: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Whether the student takes the course.
    pub is_active: bool,
    /// When the student first came.
    pub enrolled_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

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
    read(work.tx(), course.institution_id, row.id).await
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
/// `Forbidden` for another teacher's course; `NotFound`.
pub async fn set_active(work: &mut Work, actor: &Actor, id: EnrollmentId, is_active: bool) -> Result<Enrollment> {
    let institution_id = actor.require_staff()?;
    let course_id = read(work.tx(), institution_id, id).await?.course_id;
    access::writable_course(work, actor, course_id).await?;
    let update = "UPDATE enrollments SET is_active = $3 WHERE institution_id = $1 AND id = $2 AND is_active <> $3";
    let update = sql(update, [institution_id.into(), id.into(), is_active.into()]);
    let changed = work.tx().execute_raw(update).await?.rows_affected() > 0;
    let enrollment = read(work.tx(), institution_id, id).await?;
    if changed {
        let action = if is_active { "enrollment.reactivated" } else { "enrollment.ended" };
        activity::record(work, actor, Deed::new(action, "enrollment", id.0)).await?;
        mark::students(work, institution_id, &[enrollment.student_id]).await?;
    }
    Ok(enrollment)
}

/// One enrollment; staff only.
///
/// # Errors
/// `Forbidden` for students; `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: EnrollmentId) -> Result<Enrollment> {
    read(db, actor.require_staff()?, id).await
}

async fn read(db: &impl ConnectionTrait, institution_id: InstitutionId, id: EnrollmentId) -> Result<Enrollment> {
    let select =
        format!("SELECT {COLUMNS} FROM enrollments e JOIN users u ON u.id = e.student_id WHERE e.institution_id = $1 AND e.id = $2");
    let found = Enrollment::find_by_statement(sql(&select, [institution_id.into(), id.into()]));
    found.one(db).await?.ok_or(Error::NotFound("enrollment"))
}

/// Enrollments of a course by student number, active and former ones or only one sort of them; staff only.
///
/// # Errors
/// `Forbidden` for students; `NotFound` for a course that is none of the institution.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    course_id: CourseId,
    is_active: Option<bool>,
    request: PageRequest,
) -> Result<Page<Enrollment>> {
    let institution_id = actor.require_staff()?;
    access::visible_course(db, actor, course_id).await?;
    let of_course = "e.institution_id = $1 AND e.course_id = $2 AND ($3::boolean IS NULL OR e.is_active = $3)";
    let values: [Value; 3] = [institution_id.into(), course_id.into(), is_active.into()];
    let count = sql(
        &format!("SELECT count(*) AS total FROM enrollments e WHERE {of_course}"),
        values.clone(),
    );
    let total: i64 = match db.query_one_raw(count).await? {
        Some(row) => row.try_get("", "total")?,
        None => return Err(Error::internal("a count has no row")),
    };
    let select = format!(
        "SELECT {COLUMNS} FROM enrollments e JOIN users u ON u.id = e.student_id WHERE {of_course}
         ORDER BY u.student_number LIMIT $4 OFFSET $5"
    );
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Enrollment::find_by_statement(sql(&select, values.into_iter().chain(bounds)));
    Ok(Page {
        items: items.all(db).await?,
        request,
        total: total.unsigned_abs(),
    })
}
