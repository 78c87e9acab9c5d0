//! A student's courses with the grade so far, beside the class.

use crate::analytics::course_figures::CourseLabel;
use crate::analytics::reading::all;
use crate::analytics::results::{shown, with_results};
use crate::analytics::scope::{PARAMETERS, Scope};
use crate::analytics::suppression::for_student;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{CourseId, InstitutionId, UserId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A course that the student takes.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct CourseResult {
    /// Which.
    #[sea_orm(nested)]
    pub course: CourseLabel,
    /// The grade so far, 0 to 100; `None` without a mark that counts.
    pub grade: Option<Decimal>,
    /// Its letter; `None` without a grade, or a grading scheme for the year.
    pub letter: Option<String>,
    /// The letter's points, 0 to 4.
    pub points: Option<Decimal>,
    /// Whether it passes as things stand; `None` without a grade.
    pub passed: Option<bool>,
    /// Whether every assessment that counts is settled.
    pub is_complete: bool,
    /// Active assessments.
    pub assessments: i64,
    /// Those with a score.
    pub scored: i64,
    /// Those marked absent.
    pub absent: i64,
    /// Those excused.
    pub excused: i64,
    /// Those marked as attended too little.
    pub non_attendance: i64,
    /// Everybody in the class.
    pub class_size: i64,
    /// Those of the class with a grade.
    pub class_graded: i64,
    /// Their mean grade; `None` of too few.
    pub class_average: Option<Decimal>,
}

/// The active courses of a student, the newest first.
pub(super) async fn of(db: &impl ConnectionTrait, institution_id: InstitutionId, student_id: UserId) -> Result<Vec<CourseResult>> {
    let select = "
        SELECT e.course_id FROM enrollments e JOIN courses c ON c.id = e.course_id AND c.is_active
        WHERE e.student_id = $1 AND e.institution_id = $2 AND e.is_active";
    let rows = db.query_all_raw(sql(select, [student_id.into(), institution_id.into()])).await?;
    let courses = rows
        .iter()
        .map(|row| row.try_get("", "course_id"))
        .collect::<Result<Vec<CourseId>, _>>()?;
    let scope = Scope::of_courses(institution_id, courses);
    let found: Vec<CourseResult> = all(
        db,
        sql(&select_beside_class(), scope.values().into_iter().chain([student_id.into()])),
    )
    .await?;
    let suppressed = |course: CourseResult| CourseResult {
        class_average: for_student(course.class_graded, course.class_average),
        ..course
    };
    Ok(found.into_iter().map(suppressed).collect())
}

fn select_beside_class() -> String {
    format!(
        "{results}, class AS (
            SELECT course_id, count(*) AS size, count(grade) AS graded, {average} AS average FROM result GROUP BY course_id
        )
        SELECT c.course_id, c.code, c.title, c.credits, c.academic_year, c.semester, c.section, c.department_id, c.teacher_id,
            t.first_name || ' ' || t.last_name AS teacher_name, {grade} AS grade, r.letter, r.points, r.passed, r.is_complete,
            r.assessments, r.scored, r.absent, r.excused, r.non_attendance,
            k.size AS class_size, k.graded AS class_graded, k.average AS class_average
        FROM result r
        JOIN scope c ON c.course_id = r.course_id
        JOIN class k ON k.course_id = r.course_id
        LEFT JOIN users t ON t.id = c.teacher_id
        WHERE r.student_id = ${student}
        ORDER BY c.academic_year DESC, c.term DESC, c.code, c.section, c.course_id",
        results = with_results(),
        average = shown("avg(grade)"),
        grade = shown("r.grade"),
        student = PARAMETERS + 1,
    )
}
