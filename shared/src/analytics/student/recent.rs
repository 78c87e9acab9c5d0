//! The newest marks of a student.

use crate::analytics::reading::all;
use crate::analytics::results::{PERCENTAGE, shown};
use crate::analytics::suppression::for_student;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{AssessmentId, CourseId, InstitutionId, UserId};
use crate::kinds::{AssessmentType, GradeStatus};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How many are shown.
pub(super) const RECENT_GRADES: u32 = 10;

/// A mark and the assessment that it is for.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct RecentGrade {
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// Its title.
    pub title: String,
    /// Its form.
    pub assessment_type: AssessmentType,
    /// Its relative weight in the course grade.
    pub weight: Decimal,
    /// The best possible score.
    pub max_score: Decimal,
    /// Its course.
    pub course_id: CourseId,
    /// Code of the course.
    pub course_code: String,
    /// Whether there is a score, and if not, why.
    pub status: GradeStatus,
    /// The score.
    pub score: Option<Decimal>,
    /// Score ÷ maximum × 100, two places.
    pub percentage: Option<Decimal>,
    /// Words of the teacher.
    pub feedback: Option<String>,
    /// When it was last given.
    pub graded_at: DateTime<Utc>,
    /// Scores of the class.
    pub class_graded: i64,
    /// Mean percentage of the class; `None` of too few.
    pub class_average: Option<Decimal>,
}

/// Marks in the active courses of a student, the newest first.
pub(super) async fn of(db: &impl ConnectionTrait, institution_id: InstitutionId, student_id: UserId) -> Result<Vec<RecentGrade>> {
    let select = format!(
        "WITH newest AS MATERIALIZED (
            SELECT g.assessment_id, g.academic_year, g.status, g.score, g.feedback, g.graded_at,
                a.title, a.assessment_type, a.weight, a.max_score, c.id AS course_id, c.code AS course_code
            FROM grades g
            JOIN assessments a ON a.id = g.assessment_id AND a.is_active
            JOIN courses c ON c.id = g.course_id AND c.is_active
            JOIN enrollments e ON e.student_id = g.student_id AND e.course_id = g.course_id AND e.is_active
            WHERE g.student_id = $1 AND g.institution_id = $2
            ORDER BY g.graded_at DESC, g.assessment_id DESC LIMIT {RECENT_GRADES}
        )
        SELECT a.assessment_id, a.title, a.assessment_type, a.weight, a.max_score, a.course_id, a.course_code, a.status, a.score,
            round(round(100 * a.score, 60) / a.max_score, 2) AS percentage, a.feedback, a.graded_at,
            class.graded AS class_graded, class.average AS class_average
        FROM newest a
        CROSS JOIN LATERAL (
            SELECT count(*) AS graded, {average} AS average
            FROM grades g JOIN enrollments e ON e.student_id = g.student_id AND e.course_id = g.course_id AND e.is_active
            WHERE g.assessment_id = a.assessment_id AND g.academic_year = a.academic_year AND g.status = 'scored'
        ) class
        ORDER BY a.graded_at DESC, a.assessment_id DESC",
        average = shown(&format!("avg({PERCENTAGE})")),
    );
    let found: Vec<RecentGrade> = all(db, sql(&select, [student_id.into(), institution_id.into()])).await?;
    let suppressed = |grade: RecentGrade| RecentGrade {
        class_average: for_student(grade.class_graded, grade.class_average),
        ..grade
    };
    Ok(found.into_iter().map(suppressed).collect())
}
