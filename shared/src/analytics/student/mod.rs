//! The dashboard of one student: courses and grades beside the class, grade point averages, outcomes against their
//! targets, strengths and weaknesses. What it says of others is a mean of at least
//! [`super::suppression::SMALLEST_GROUP`] values, whoever reads it.

mod courses;
mod highlights;
mod outcomes;
mod recent;

pub use courses::CourseResult;
pub use highlights::Highlight;
pub use outcomes::OutcomeResult;
pub use recent::RecentGrade;

use super::freshness::Freshness;
use super::grade_points::{self, GradePoints, TermGradePoints};
use super::{access, reading};
use crate::actor::Actor;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use sea_orm::{DatabaseConnection, FromQueryResult};

/// Everything about a student.
#[derive(Clone, Debug, PartialEq)]
pub struct StudentDashboard {
    /// Whose it is.
    pub student: StudentLabel,
    /// Of the outcomes; grades are always up to date.
    pub freshness: Freshness,
    /// The grade point average.
    pub points: GradePoints,
    /// The same by term, from the oldest.
    pub terms: Vec<TermGradePoints>,
    /// Courses that the student takes, the newest first.
    pub courses: Vec<CourseResult>,
    /// The newest marks first.
    pub recent: Vec<RecentGrade>,
    /// By course and code.
    pub learning_outcomes: Vec<OutcomeResult>,
    /// By code.
    pub program_outcomes: Vec<OutcomeResult>,
    /// Outcomes furthest above their target.
    pub strengths: Vec<Highlight>,
    /// Outcomes furthest below their target.
    pub weaknesses: Vec<Highlight>,
}

/// A student and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct StudentLabel {
    /// The student.
    pub student_id: UserId,
    /// Its number.
    pub student_number: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Its program.
    pub program_id: Option<ProgramId>,
    /// Name of the program.
    pub program_name: Option<String>,
    /// 1 to 6.
    pub year_of_study: Option<i16>,
}

/// The dashboard of the signed-in student.
///
/// # Errors
/// `Forbidden` for everybody else.
pub async fn own(db: &DatabaseConnection, actor: &Actor) -> Result<StudentDashboard> {
    access::student(actor)?;
    of_student(db, actor, actor.user_id).await
}

/// The dashboard of a student: for itself, for administrators, and for teachers of a course that it takes.
///
/// # Errors
/// `Forbidden` for other students and teachers, and for the platform's owner; `NotFound`.
pub async fn of_student(db: &DatabaseConnection, actor: &Actor, id: UserId) -> Result<StudentDashboard> {
    let snapshot = reading::snapshot(db).await?;
    let institution_id = access::of_student(&snapshot, actor, id).await?;
    let student = label(&snapshot, institution_id, id).await?;
    let (points, terms) = grade_points::of(&snapshot, institution_id, id).await?;
    let courses = courses::of(&snapshot, institution_id, id).await?;
    let recent = recent::of(&snapshot, institution_id, id).await?;
    let outcomes = outcomes::of(&snapshot, institution_id, id).await?;
    snapshot.commit().await?;
    let (strengths, weaknesses) = highlights::pick(&outcomes.learning_outcomes, &outcomes.program_outcomes);
    Ok(StudentDashboard {
        student,
        freshness: outcomes.freshness,
        points,
        terms,
        courses,
        recent,
        learning_outcomes: outcomes.learning_outcomes,
        program_outcomes: outcomes.program_outcomes,
        strengths,
        weaknesses,
    })
}

async fn label(db: &impl sea_orm::ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<StudentLabel> {
    let select = "
        SELECT u.id AS student_id, u.student_number, u.first_name, u.last_name, u.department_id, u.program_id, p.name AS program_name,
            u.year_of_study
        FROM users u LEFT JOIN programs p ON p.id = u.program_id
        WHERE u.id = $1 AND u.institution_id = $2";
    reading::only(db, sql(select, [id.into(), institution_id.into()])).await
}
