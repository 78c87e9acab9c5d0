//! Writes one cell, by the path that many take.

use super::bulk;
use super::cells::{Entry, NewCell};
use super::write::Written;
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::entity::grade;
use crate::error::{Error, Result};
use crate::ids::{AssessmentId, CourseId, UserId};
use sea_orm::{ConnectionTrait, EntityTrait};

/// Puts a score, or the reason for having none, into a cell. Returns what it holds now.
///
/// # Errors
/// `Invalid` with every fault; `Forbidden` for another teacher's course; `NotFound` for the assessment and the student.
pub async fn put(work: &mut Work, actor: &Actor, assessment_id: AssessmentId, student_id: UserId, entry: Entry) -> Result<grade::Model> {
    if entry.clear {
        return Err(Error::invalid("clear", "not_here", "is not possible here; delete the grade"));
    }
    let (_, academic_year) = write(work, actor, assessment_id, student_id, entry).await?;
    let stored = grade::Entity::find_by_id((academic_year, student_id, assessment_id)).one(work.tx());
    stored
        .await?
        .ok_or_else(|| Error::internal("a grade that was just written is not there"))
}

/// Empties a cell.
///
/// # Errors
/// As [`put`]; `NotFound` also when the cell is empty.
pub async fn clear(work: &mut Work, actor: &Actor, assessment_id: AssessmentId, student_id: UserId) -> Result<()> {
    let entry = Entry {
        clear: true,
        ..Entry::default()
    };
    match write(work, actor, assessment_id, student_id, entry).await? {
        (Written { cleared: 0, .. }, _) => Err(Error::NotFound("grade")),
        _ => Ok(()),
    }
}

async fn write(work: &mut Work, actor: &Actor, assessment_id: AssessmentId, student_id: UserId, entry: Entry) -> Result<(Written, i16)> {
    let institution_id = actor.require_staff()?;
    let select = "SELECT course_id, academic_year FROM assessments WHERE id = $1 AND institution_id = $2";
    let found = work.tx().query_one_raw(sql(select, [assessment_id.into(), institution_id.into()]));
    let row = found.await?.ok_or(Error::NotFound("assessment"))?;
    let course_id: CourseId = row.try_get("", "course_id")?;
    let cell = NewCell {
        assessment_id,
        student_id: Some(student_id),
        student_number: None,
        entry,
    };
    let written = bulk::put_checked(work, actor, course_id, std::slice::from_ref(&cell), |_| String::new()).await;
    Ok((written.map_err(named_by_path)?, row.try_get("", "academic_year")?))
}

/// The student is part of the address here: one that the institution does not have is not found.
fn named_by_path(error: Error) -> Error {
    match error {
        Error::Invalid(faults) if faults.iter().any(|fault| fault.code == "unknown_student") => Error::NotFound("student"),
        other => other,
    }
}
