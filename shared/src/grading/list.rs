//! Reads the grade book of a course, a page of students at a time.

use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::{Error, Result};
use crate::ids::{AssessmentId, CourseId, UserId};
use crate::kinds::{GradeStatus, Role};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

/// Which part of the grade book is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only the cells of this assessment.
    pub assessment_id: Option<AssessmentId>,
    /// Only this student.
    pub student_id: Option<UserId>,
}

/// One line of the grade book: a student who is or was enrolled.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The student.
    pub student: EnrolledStudent,
    /// Its cells by assessment; what is not graded yet is not among them.
    pub grades: Vec<Grade>,
}

/// The student of a line.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct EnrolledStudent {
    /// The student.
    pub student_id: UserId,
    /// Its number.
    pub student_number: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Whether the enrollment still counts; the marks stay either way.
    pub is_active: bool,
}

/// A cell that is not empty.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Grade {
    /// The student.
    pub student_id: UserId,
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// Whether there is a score, and if not, why.
    pub status: GradeStatus,
    /// 0 to the assessment's maximum, two decimal places.
    pub score: Option<Decimal>,
    /// Words for the student.
    pub feedback: Option<String>,
    /// Nobody wrote words here: they are those of the assessment's range, if one matches.
    pub feedback_by_range: bool,
    /// Who wrote it last.
    pub graded_by: Option<UserId>,
    /// When.
    pub graded_at: DateTime<Utc>,
    /// Rises with each change.
    pub version: i32,
}

const WHO: &str = "
    FROM enrollments e JOIN users u ON u.id = e.student_id
    WHERE e.course_id = $1 AND e.institution_id = $2 AND ($3::bigint IS NULL OR e.student_id = $3)";

/// Lists students of a course by number, with their cells. Administrators and the course's teacher see everybody, a student
/// itself alone.
///
/// # Errors
/// `NotFound` when the institution has no such course, or the student is not in it; `Forbidden` for other teachers and for
/// the platform's owner.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    course_id: CourseId,
    filter: Filter,
    request: PageRequest,
) -> Result<Page<Line>> {
    let institution_id = actor.institution()?;
    let academic_year = year(db, actor, course_id).await?;
    let student_id = match actor.role {
        Role::Student if filter.student_id.is_some_and(|id| id != actor.user_id) => {
            return Err(Error::forbidden("not_yours", "A student sees only the own grades."));
        }
        Role::Student => Some(actor.user_id),
        _ => filter.student_id,
    };
    let who = [course_id.into(), institution_id.into(), student_id.into()];
    let count = db
        .query_one_raw(sql(&format!("SELECT count(*) AS total {WHO}"), who.clone()))
        .await?;
    let total: i64 = count.ok_or_else(|| Error::internal("a count gave no row"))?.try_get("", "total")?;
    let select = format!(
        "SELECT e.student_id, u.student_number, u.first_name, u.last_name, e.is_active {WHO}
        ORDER BY u.student_number, u.id LIMIT {} OFFSET {}",
        request.page_size,
        request.offset()
    );
    let students = EnrolledStudent::find_by_statement(sql(&select, who)).all(db).await?;
    let mut grades = grades(db, course_id, academic_year, &students, filter.assessment_id).await?;
    let items = students.into_iter().map(|student| Line {
        grades: grades.remove(&student.student_id).unwrap_or_default(),
        student,
    });
    Ok(Page {
        items: items.collect(),
        request,
        total: u64::try_from(total).unwrap_or_default(),
    })
}

/// The course's academic year; a student must be enrolled in the course, or have been, a teacher must teach it.
async fn year(db: &impl ConnectionTrait, actor: &Actor, course_id: CourseId) -> Result<i16> {
    let select = "
        SELECT c.academic_year, c.teacher_id FROM courses c WHERE c.id = $1 AND c.institution_id = $2
            AND ($3::bigint IS NULL OR EXISTS (SELECT FROM enrollments e WHERE e.course_id = c.id AND e.student_id = $3))";
    let myself = (actor.role == Role::Student).then_some(actor.user_id);
    let values = [course_id.into(), actor.institution()?.into(), myself.into()];
    let row = db.query_one_raw(sql(select, values)).await?.ok_or(Error::NotFound("course"))?;
    if actor.role == Role::Teacher && row.try_get::<Option<UserId>>("", "teacher_id")? != Some(actor.user_id) {
        return Err(Error::forbidden(
            "not_your_course",
            "Teachers see the grades of their own courses; ask the course's teacher or an administrator.",
        ));
    }
    Ok(row.try_get("", "academic_year")?)
}

async fn grades(
    db: &impl ConnectionTrait,
    course_id: CourseId,
    academic_year: i16,
    students: &[EnrolledStudent],
    assessment_id: Option<AssessmentId>,
) -> Result<HashMap<UserId, Vec<Grade>>> {
    let select = "
        SELECT student_id, assessment_id, status, score, feedback, feedback_by_range, graded_by, graded_at, version FROM grades
        WHERE course_id = $1 AND academic_year = $2 AND student_id = ANY($3) AND ($4::bigint IS NULL OR assessment_id = $4)
        ORDER BY student_id, assessment_id";
    let ids: Vec<i64> = students.iter().map(|student| student.student_id.0).collect();
    let values = [course_id.into(), academic_year.into(), ids.into(), assessment_id.into()];
    let mut grades: HashMap<UserId, Vec<Grade>> = HashMap::with_capacity(students.len());
    for grade in Grade::find_by_statement(sql(select, values)).all(db).await? {
        grades.entry(grade.student_id).or_default().push(grade);
    }
    Ok(grades)
}
