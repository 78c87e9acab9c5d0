//! Deleting courses that nobody was graded in, with everything in them; and telling beforehand what would go.

use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::{access, deletion};
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::CourseId;
use sea_orm::{ConnectionTrait, ModelTrait};
use serde_json::json;

/// What belongs to a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belongings {
    /// Learning outcomes.
    pub learning_outcomes: i64,
    /// Assessments.
    pub assessments: i64,
    /// Weights between these two.
    pub assessment_weights: i64,
    /// Weights between learning outcomes and program outcomes.
    pub program_weights: i64,
    /// Enrollments, active and former ones.
    pub enrollments: i64,
    /// Cells of the grade book; when there are some, the course stays.
    pub grades: i64,
}

const COUNTS: &str = "
    SELECT (SELECT count(*) FROM learning_outcomes WHERE course_id = $1) AS learning_outcomes,
        (SELECT count(*) FROM assessments WHERE course_id = $1) AS assessments,
        (SELECT count(*) FROM assessment_lo WHERE course_id = $1) AS assessment_weights,
        (SELECT count(*) FROM lo_po m JOIN learning_outcomes o ON o.id = m.learning_outcome_id WHERE o.course_id = $1) AS program_weights,
        (SELECT count(*) FROM enrollments WHERE course_id = $1) AS enrollments,
        (SELECT count(*) FROM grades WHERE course_id = $1 AND academic_year = $2) AS grades";

/// Tells what a deletion would take along, and changes nothing.
///
/// # Errors
/// `Forbidden` for another teacher's course; `NotFound`.
pub async fn rehearse_delete(work: &Work, actor: &Actor, id: CourseId) -> Result<Belongings> {
    let course = access::writable_course(work, actor, id).await?;
    count(work, id, course.academic_year.first()).await
}

/// Deletes a course with its outcomes, assessments, weights and enrollments, and marks who was enrolled. Returns what went.
///
/// # Errors
/// `Forbidden` for another teacher's course; `NotFound`; `Conflict` `has_grades`: such a course is deactivated.
pub async fn delete(work: &mut Work, actor: &Actor, id: CourseId) -> Result<Belongings> {
    let course = access::locked_course(work, actor, id).await?;
    let found = count(work, id, course.academic_year.first()).await?;
    if found.grades > 0 {
        let message = format!("The course has grades ({}); deactivate it instead.", found.grades);
        return Err(Error::conflict("has_grades", message));
    }
    mark::course(work, course.institution_id, id).await?;
    // Weights and results go with the outcomes and assessments that they belong to.
    for delete in [
        "DELETE FROM enrollments WHERE course_id = $1",
        "DELETE FROM assessments WHERE course_id = $1",
        "DELETE FROM learning_outcomes WHERE course_id = $1",
    ] {
        work.tx().execute_raw(sql(delete, [id.into()])).await?;
    }
    let detail = json!({
        "code": course.code,
        "learning_outcomes": found.learning_outcomes,
        "assessments": found.assessments,
        "enrollments": found.enrollments,
    });
    course.delete(work.tx()).await?;
    activity::record(work, actor, Deed::new("course.deleted", "course", id.0).with(detail)).await?;
    Ok(found)
}

async fn count(work: &Work, id: CourseId, academic_year: i16) -> Result<Belongings> {
    let names = [
        "learning_outcomes",
        "assessments",
        "assessment_weights",
        "program_weights",
        "enrollments",
        "grades",
    ];
    let values = [id.into(), academic_year.into()];
    let counts = deletion::count(work, COUNTS, values, names).await?.map(|(_, count)| count);
    let [
        learning_outcomes,
        assessments,
        assessment_weights,
        program_weights,
        enrollments,
        grades,
    ] = counts;
    Ok(Belongings {
        learning_outcomes,
        assessments,
        assessment_weights,
        program_weights,
        enrollments,
        grades,
    })
}
