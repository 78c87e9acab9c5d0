//! Writes many cells of one course: all of them, or none and the name of every wrong one.

use super::cells::{self, NewCell, Roster, Rule, Standing};
use super::write::{self, Book, Written};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{AssessmentId, CourseId, UserId};
use crate::kinds::Role;
use crate::mail::notices;
use crate::validation::clean;
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;
use serde_json::json;

/// The most cells of one request.
pub const MAX_CELLS: usize = 5_000;

/// Puts cells. A number of statements that does not depend on the number of cells; one activity for the request.
///
/// # Errors
/// `Invalid` with every fault, as `cells[17].score`; `Forbidden` for another teacher's course; `NotFound`.
pub async fn put(work: &mut Work, actor: &Actor, course_id: CourseId, cells: &[NewCell]) -> Result<Written> {
    actor.require_staff()?;
    if cells.is_empty() {
        return Err(Error::invalid("cells", "required", "must hold at least one cell"));
    }
    if cells.len() > MAX_CELLS {
        return Err(Error::invalid("cells", "too_many", format!("may hold at most {MAX_CELLS} cells")));
    }
    put_checked(work, actor, course_id, cells, |index| format!("cells[{index}].")).await
}

/// The path that all grades take; `path` names a cell in faults.
pub(super) async fn put_checked(
    work: &mut Work,
    actor: &Actor,
    course_id: CourseId,
    cells: &[NewCell],
    path: impl Fn(usize) -> String,
) -> Result<Written> {
    let book = open_book(work, actor, course_id).await?;
    let ids = cells.iter().filter_map(|cell| cell.student_id).map(|id| id.0).collect();
    let numbers = cells.iter().filter_map(|cell| cell.student_number.as_deref()).map(clean).collect();
    let roster = roster(work, book, ids, numbers).await?;
    let checked = cells::check(cells, &roster, path)?;
    let (written, plan) = write::write(work, book, checked).await?;
    if written.created + written.updated + written.cleared > 0 {
        let detail = json!({
            "created": written.created,
            "updated": written.updated,
            "cleared": written.cleared,
            "unchanged": written.unchanged,
        });
        activity::record(work, actor, Deed::new("grades.put", "course", course_id.0).with(detail)).await?;
    }
    mark::students(work, book.institution_id, &plan.moved()).await?;
    notices::grades_posted(work, book.institution_id, course_id, &plan.posted()).await?;
    Ok(written)
}

#[derive(FromQueryResult)]
struct CourseRow {
    teacher_id: Option<UserId>,
    academic_year: i16,
}

/// Locks the course, so that its graders write one after the other: each compares with what the one before left, and two
/// with overlapping cells never wait for each other in a circle. Readers and computations do not wait.
pub(crate) async fn open_book(work: &Work, actor: &Actor, course_id: CourseId) -> Result<Book> {
    let institution_id = actor.require_staff()?;
    let select = "SELECT teacher_id, academic_year FROM courses WHERE id = $1 AND institution_id = $2 FOR NO KEY UPDATE";
    let found = CourseRow::find_by_statement(sql(select, [course_id.into(), institution_id.into()]));
    let course = found.one(work.tx()).await?.ok_or(Error::NotFound("course"))?;
    check_grader(actor, course.teacher_id)?;
    Ok(Book {
        institution_id,
        course_id,
        academic_year: course.academic_year,
        grader: actor.user_id,
    })
}

/// Passes administrators, and of the teachers the course's own.
pub(crate) fn check_grader(actor: &Actor, teacher_id: Option<UserId>) -> Result<()> {
    if actor.role == Role::Teacher && teacher_id != Some(actor.user_id) {
        return Err(Error::forbidden(
            "not_your_course",
            "Only the course's teacher or an administrator may grade it.",
        ));
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct AssessmentRow {
    id: AssessmentId,
    max_score: Decimal,
    is_active: bool,
}

#[derive(FromQueryResult)]
struct StudentRow {
    id: UserId,
    student_number: String,
    is_active: Option<bool>,
}

/// The course's assessments, and the students who are named by id or by number.
pub(crate) async fn roster(work: &Work, book: Book, ids: Vec<i64>, numbers: Vec<String>) -> Result<Roster> {
    let mut roster = Roster::default();
    for row in assessments(work, book.course_id).await? {
        let rule = Rule {
            max_score: row.max_score,
            is_active: row.is_active,
        };
        roster.assessments.insert(row.id, rule);
    }
    for row in students(work, book, ids, numbers).await? {
        let standing = match row.is_active {
            Some(true) => Standing::Enrolled,
            Some(false) => Standing::Left,
            None => Standing::Stranger,
        };
        roster.standings.insert(row.id, standing);
        roster.numbers.insert(row.student_number, row.id);
    }
    Ok(roster)
}

/// Locked, so that a maximum cannot fall below a score that is being written.
async fn assessments(work: &Work, course_id: CourseId) -> Result<Vec<AssessmentRow>> {
    let select = "SELECT id, max_score, is_active FROM assessments WHERE course_id = $1 ORDER BY id FOR SHARE";
    Ok(AssessmentRow::find_by_statement(sql(select, [course_id.into()]))
        .all(work.tx())
        .await?)
}

/// The students who are named by id or by number.
async fn students(work: &Work, book: Book, mut ids: Vec<i64>, mut numbers: Vec<String>) -> Result<Vec<StudentRow>> {
    let select = "
        SELECT u.id, u.student_number, e.is_active
        FROM (
            SELECT id, student_number FROM users WHERE institution_id = $1 AND role = 'student' AND id = ANY($3)
            UNION
            SELECT id, student_number FROM users WHERE institution_id = $1 AND role = 'student' AND student_number = ANY($4)
        ) u LEFT JOIN enrollments e ON e.student_id = u.id AND e.course_id = $2";
    ids.sort_unstable();
    ids.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    let values = [book.institution_id.into(), book.course_id.into(), ids.into(), numbers.into()];
    Ok(StudentRow::find_by_statement(sql(select, values)).all(work.tx()).await?)
}
