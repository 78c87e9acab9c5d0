//! The dashboard of an institution: how large it is, how its newest academic year goes, and how far its program outcomes are
//! reached.

use super::access;
use super::freshness::Freshness;
use super::reading::{self, only};
use super::results::{percentage_of, shown, with_results};
use super::scope::Scope;
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::sql;
use crate::error::Result;
use rust_decimal::Decimal;
use sea_orm::{DatabaseConnection, FromQueryResult};

/// What an administrator sees first.
#[derive(Clone, Debug, PartialEq)]
pub struct InstitutionDashboard {
    /// How large it is.
    pub totals: Totals,
    /// The newest year in which anybody takes a course; `None` when there is none.
    pub academic_year: Option<AcademicYear>,
    /// How that year goes.
    pub year: YearFigures,
    /// How far program outcomes are reached.
    pub program_outcomes: ProgramOutcomeFigures,
    /// Of the program outcomes; grades are always up to date.
    pub freshness: Freshness,
}

/// How large an institution is.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Totals {
    /// Students who may sign in.
    pub students: i64,
    /// Students whose account is closed.
    pub inactive_students: i64,
    /// Teachers who may sign in.
    pub teachers: i64,
    /// Departments.
    pub departments: i64,
    /// Programs that are offered.
    pub programs: i64,
    /// Active courses of all years.
    pub courses: i64,
    /// Active enrollments in them.
    pub enrollments: i64,
}

/// The results of one year.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct YearFigures {
    /// Active courses.
    pub courses: i64,
    /// Different students in them.
    pub students: i64,
    /// Active enrollments in them.
    pub enrollments: i64,
    /// Those with a grade.
    pub graded: i64,
    /// Mean grade, two places; `None` without a grade.
    pub average: Option<Decimal>,
    /// Passing among those with a grade, 0 to 100.
    pub pass_rate: Option<Decimal>,
}

/// Program outcomes of all students together.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct ProgramOutcomeFigures {
    /// Pairs of a student and an active outcome of its program.
    pub total: i64,
    /// Those that are assessed.
    pub assessed: i64,
    /// Mean of the assessed ones, two places.
    pub mean: Option<Decimal>,
    /// Those that reach their target.
    pub met: i64,
    /// Their share of the assessed ones, 0 to 100.
    pub met_share: Option<Decimal>,
}

const TOTALS: &str = "
    SELECT count(*) FILTER (WHERE role = 'student' AND is_active) AS students,
        count(*) FILTER (WHERE role = 'student' AND NOT is_active) AS inactive_students,
        count(*) FILTER (WHERE role = 'teacher' AND is_active) AS teachers,
        (SELECT count(*) FROM departments WHERE institution_id = $1) AS departments,
        (SELECT count(*) FROM programs WHERE institution_id = $1 AND is_active) AS programs,
        (SELECT count(*) FROM courses WHERE institution_id = $1 AND is_active) AS courses,
        (SELECT count(*) FROM courses c JOIN enrollments e ON e.course_id = c.id AND e.is_active
         WHERE c.institution_id = $1 AND c.is_active) AS enrollments
    FROM users WHERE institution_id = $1";

const FRESHNESS: &str = "
    SELECT EXISTS (SELECT FROM achievement_marks WHERE institution_id = $1) AS stale,
        (SELECT min(a.computed_at) FROM student_po_achievements a JOIN program_outcomes o ON o.id = a.program_outcome_id
         WHERE o.institution_id = $1) AS computed_at";

/// The dashboard of the signed-in administrator's institution.
///
/// # Errors
/// `Forbidden` for everybody else.
pub async fn own(db: &DatabaseConnection, actor: &Actor) -> Result<InstitutionDashboard> {
    let institution_id = access::institution(actor)?;
    let snapshot = reading::snapshot(db).await?;
    let statement = |text: &str| sql(text, [institution_id.into()]);
    let scope = Scope::of(institution_id).in_newest_year(&snapshot).await?;
    let dashboard = InstitutionDashboard {
        totals: only(&snapshot, statement(TOTALS)).await?,
        academic_year: scope.academic_year,
        year: only(&snapshot, sql(&select_year(), scope.values())).await?,
        program_outcomes: only(&snapshot, statement(&select_program_outcomes())).await?,
        freshness: only(&snapshot, statement(FRESHNESS)).await?,
    };
    snapshot.commit().await?;
    Ok(dashboard)
}

fn select_year() -> String {
    format!(
        "{} SELECT (SELECT count(*) FROM scope) AS courses, count(DISTINCT student_id) AS students, count(*) AS enrollments,
            count(grade) AS graded, {} AS average, {} AS pass_rate
        FROM result",
        with_results(),
        shown("avg(grade)"),
        percentage_of("count(*) FILTER (WHERE passed)", "count(grade)"),
    )
}

fn select_program_outcomes() -> String {
    format!(
        "SELECT count(*) AS total, count(a.percentage) AS assessed, {} AS mean, count(*) FILTER (WHERE a.is_met) AS met, {} AS met_share
        FROM program_outcomes o JOIN student_po_achievements a ON a.program_outcome_id = o.id
        WHERE o.institution_id = $1 AND o.is_active",
        shown("avg(a.percentage)"),
        percentage_of("count(*) FILTER (WHERE a.is_met)", "count(a.is_met)"),
    )
}
