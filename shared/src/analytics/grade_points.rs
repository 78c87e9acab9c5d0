//! The grade point average of a student, overall and by term.
//!
//! Σ(points × credits) ÷ Σ credits, two places, half up. Of several complete offerings of one course code only the latest
//! counts overall, as a repeated course replaces the old attempt; a term counts what was taken in it.

use super::reading::all;
use super::results::{shown, with_results};
use super::scope::Scope;
use crate::academic_year::AcademicYear;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::kinds::Semester;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A grade point average, and what is in it.
#[derive(Clone, Debug, Default, PartialEq, FromQueryResult)]
pub struct GradePoints {
    /// Active enrollments.
    pub courses: i64,
    /// Over complete courses, 0 to 4; `None` when there are none.
    pub average: Option<Decimal>,
    /// Complete courses in it.
    pub counted_courses: i64,
    /// Their credits.
    pub counted_credits: i64,
    /// Over all courses with a grade so far, 0 to 4.
    pub average_to_date: Option<Decimal>,
    /// Courses in it.
    pub courses_to_date: i64,
    /// Their credits.
    pub credits_to_date: i64,
    /// Credits of complete courses that are passed.
    pub earned_credits: i64,
}

/// The same for one part of one year.
#[derive(Clone, Debug, PartialEq)]
pub struct TermGradePoints {
    /// The year.
    pub academic_year: AcademicYear,
    /// Its part.
    pub semester: Semester,
    /// The average.
    pub points: GradePoints,
}

#[derive(FromQueryResult)]
struct Row {
    academic_year: Option<AcademicYear>,
    semester: Option<Semester>,
    #[sea_orm(nested)]
    points: GradePoints,
}

/// The averages of a student: overall, and by term from the oldest.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    institution_id: InstitutionId,
    student_id: UserId,
) -> Result<(GradePoints, Vec<TermGradePoints>)> {
    let scope = Scope::of(institution_id).taken_by(student_id);
    let rows: Vec<Row> = all(db, sql(&select(), scope.values())).await?;
    let mut overall = None;
    let mut terms = Vec::new();
    for row in rows {
        match (row.academic_year, row.semester) {
            (Some(academic_year), Some(semester)) => terms.push(TermGradePoints {
                academic_year,
                semester,
                points: row.points,
            }),
            _ => overall = Some(row.points),
        }
    }
    Ok((overall.ok_or_else(|| Error::internal("a total gave no row"))?, terms))
}

fn select() -> String {
    let average = |condition: &str| {
        shown(&format!(
            "sum(points * credits) FILTER (WHERE {condition}) / NULLIF(sum(credits) FILTER (WHERE points IS NOT NULL AND {condition}), 0)"
        ))
    };
    let credits = |condition: &str| format!("COALESCE(sum(credits) FILTER (WHERE {condition}), 0)");
    format!(
        "{results}, taken AS (
            SELECT r.*, c.credits, c.semester, c.term,
                r.is_complete AND row_number() OVER (PARTITION BY c.code, r.is_complete AND r.grade IS NOT NULL {newest}) = 1 AS is_last_complete,
                row_number() OVER (PARTITION BY c.code, r.grade IS NOT NULL {newest}) = 1 AS is_last_graded
            FROM result r JOIN scope c ON c.course_id = r.course_id
        ), counted AS (
            SELECT NULL::smallint AS academic_year, NULL::text AS semester, NULL::integer AS term, credits, points,
                is_complete AND passed AND is_last_complete AS is_earned,
                points IS NOT NULL AND is_complete AND is_last_complete AS counts,
                points IS NOT NULL AND is_last_graded AS counts_to_date
            FROM taken
            UNION ALL
            SELECT academic_year, semester, term, credits, points,
                is_complete AND passed, points IS NOT NULL AND is_complete, points IS NOT NULL
            FROM taken
        )
        SELECT academic_year, semester, count(credits) AS courses,
            {average} AS average, count(*) FILTER (WHERE counts) AS counted_courses, {counted_credits} AS counted_credits,
            {to_date} AS average_to_date, count(*) FILTER (WHERE counts_to_date) AS courses_to_date, {credits_to_date} AS credits_to_date,
            {earned} AS earned_credits
        FROM (SELECT * FROM counted UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, false, false, false) with_nothing
        GROUP BY academic_year, semester, term
        ORDER BY academic_year NULLS FIRST, term",
        results = with_results(),
        newest = "ORDER BY c.academic_year DESC, c.term DESC, c.section, c.course_id DESC",
        average = average("counts"),
        counted_credits = credits("counts"),
        to_date = average("counts_to_date"),
        credits_to_date = credits("counts_to_date"),
        earned = credits("is_earned"),
    )
}
