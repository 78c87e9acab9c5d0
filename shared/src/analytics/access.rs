//! Who may see which view: the one place where it is decided.
//!
//! Students see themselves and figures of the courses that they take, teachers their own courses and the students in
//! them, administrators their institution, and the platform's owner the platform without any grade. What another
//! institution owns is not found.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{CourseId, InstitutionId, UserId};
use crate::kinds::Role;
use sea_orm::ConnectionTrait;

/// The institution of somebody who may see everything about a student: the student itself, an administrator, or a
/// teacher of a course that the student takes.
pub(super) async fn of_student(db: &impl ConnectionTrait, actor: &Actor, student_id: UserId) -> Result<InstitutionId> {
    let institution_id = actor.institution()?;
    if actor.role == Role::Student && actor.user_id != student_id {
        return Err(Error::forbidden("not_yours", "A student sees only the own results."));
    }
    let select = "
        SELECT EXISTS (
            SELECT FROM enrollments e JOIN courses c ON c.id = e.course_id
            WHERE e.student_id = u.id AND e.is_active AND c.teacher_id = $3) AS taught
        FROM users u WHERE u.id = $1 AND u.institution_id = $2 AND u.role = 'student'";
    let values = [student_id.into(), institution_id.into(), actor.user_id.into()];
    let row = db.query_one_raw(sql(select, values)).await?.ok_or(Error::NotFound("student"))?;
    if actor.role == Role::Teacher && !row.try_get::<bool>("", "taught")? {
        return Err(Error::forbidden(
            "not_your_student",
            "Teachers see the results of students in their own courses; ask an administrator.",
        ));
    }
    Ok(institution_id)
}

/// The institution of somebody who may see figures of a course: an administrator, its teacher, or a student who takes it.
pub(super) async fn of_course(db: &impl ConnectionTrait, actor: &Actor, course_id: CourseId) -> Result<InstitutionId> {
    let institution_id = actor.institution()?;
    let select = "
        SELECT c.teacher_id, EXISTS (
            SELECT FROM enrollments e WHERE e.course_id = c.id AND e.student_id = $3 AND e.is_active) AS taken
        FROM courses c WHERE c.id = $1 AND c.institution_id = $2";
    let values = [course_id.into(), institution_id.into(), actor.user_id.into()];
    let row = db.query_one_raw(sql(select, values)).await?.ok_or(Error::NotFound("course"))?;
    match actor.role {
        Role::Student if !row.try_get::<bool>("", "taken")? => Err(Error::NotFound("course")),
        Role::Teacher if row.try_get::<Option<UserId>>("", "teacher_id")? != Some(actor.user_id) => Err(not_your_course()),
        _ => Ok(institution_id),
    }
}

/// The institution of somebody who may see what one student did in one course, and that the student is or was in it.
pub(super) async fn of_student_in_course(
    db: &impl ConnectionTrait,
    actor: &Actor,
    student_id: UserId,
    course_id: CourseId,
) -> Result<InstitutionId> {
    let institution_id = actor.institution()?;
    if actor.role == Role::Student && actor.user_id != student_id {
        return Err(Error::forbidden("not_yours", "A student sees only the own results."));
    }
    let select = "
        SELECT c.teacher_id FROM courses c JOIN enrollments e ON e.course_id = c.id
        WHERE c.id = $1 AND c.institution_id = $2 AND e.student_id = $3";
    let values = [course_id.into(), institution_id.into(), student_id.into()];
    let row = db.query_one_raw(sql(select, values)).await?.ok_or(Error::NotFound("enrollment"))?;
    if actor.role == Role::Teacher && row.try_get::<Option<UserId>>("", "teacher_id")? != Some(actor.user_id) {
        return Err(not_your_course());
    }
    Ok(institution_id)
}

/// Figures of a whole institution: its administrators.
pub(super) fn institution(actor: &Actor) -> Result<InstitutionId> {
    actor.require_admin()
}

/// Figures of the platform: its owner.
pub(super) fn platform(actor: &Actor) -> Result<()> {
    actor.require(&[Role::SuperAdmin])
}

/// The own dashboard of a teacher.
pub(super) fn teacher(actor: &Actor) -> Result<InstitutionId> {
    actor.require(&[Role::Teacher])?;
    actor.institution()
}

/// The own dashboard of a student.
pub(super) fn student(actor: &Actor) -> Result<InstitutionId> {
    actor.require(&[Role::Student])?;
    actor.institution()
}

/// A list of courses or of their students: all of the institution for administrators, the own ones for teachers.
pub(super) fn own_courses(actor: &Actor) -> Result<(InstitutionId, Option<UserId>)> {
    let institution_id = actor.require_staff()?;
    Ok((institution_id, (actor.role == Role::Teacher).then_some(actor.user_id)))
}

fn not_your_course() -> Error {
    Error::forbidden(
        "not_your_course",
        "Teachers see the figures of their own courses; ask the course's teacher or an administrator.",
    )
}
