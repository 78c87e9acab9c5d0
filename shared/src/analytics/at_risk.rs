//! Students at risk in a course, and why.

use super::access;
use super::reading::{self, page_of};
use super::results::{shown, with_results};
use super::scope::{Filter, Scope};
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::Result;
use crate::ids::{CourseId, UserId};
use crate::kinds::Semester;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult};

/// Why somebody is at risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskReason {
    /// The grade so far is below the institution's threshold.
    LowGrade,
    /// So many assessments were missed.
    MissedWork,
    /// Such a share of the assessed learning outcomes of the course is below target.
    UnmetOutcomes,
}

/// The reasons as the database tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct RiskReasons {
    low_grade: bool,
    missed_work: bool,
    unmet_outcomes: bool,
}

impl RiskReasons {
    /// One by one; never empty for somebody at risk.
    #[must_use]
    pub fn list(self) -> Vec<RiskReason> {
        let reasons = [
            (self.low_grade, RiskReason::LowGrade),
            (self.missed_work, RiskReason::MissedWork),
            (self.unmet_outcomes, RiskReason::UnmetOutcomes),
        ];
        reasons.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
    }
}

/// A student at risk in a course.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct StudentAtRisk {
    /// The student.
    pub student_id: UserId,
    /// Its number.
    pub student_number: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The course.
    pub course_id: CourseId,
    /// Code of the course.
    pub course_code: String,
    /// Year of the course.
    pub academic_year: AcademicYear,
    /// Part of the year.
    pub semester: Semester,
    /// The grade so far, two places; `None` without one.
    pub grade: Option<Decimal>,
    /// Assessments missed.
    pub missed: i64,
    /// Learning outcomes of the course that are assessed.
    pub outcomes_assessed: i64,
    /// Those of them below target.
    pub outcomes_unmet: i64,
    /// Why.
    #[sea_orm(nested)]
    pub reasons: RiskReasons,
    /// The newest mark, missed due date or computation behind it.
    pub as_of: Option<DateTime<Utc>>,
}

/// Students at risk: most reasons first, then the lowest grade. Without an academic year in the filter, of the newest one in
/// which anybody takes one of the courses. Administrators see the institution, teachers their own courses.
///
/// # Errors
/// `Forbidden` for students and the platform's owner; `Invalid` for an impossible year.
pub async fn list(db: &DatabaseConnection, actor: &Actor, filter: &Filter, request: PageRequest) -> Result<Page<StudentAtRisk>> {
    let (institution_id, teacher_id) = access::own_courses(actor)?;
    let scope = Scope::filtered(institution_id, filter)?.taught_by(teacher_id);
    let snapshot = reading::snapshot(db).await?;
    let scope = scope.in_newest_year(&snapshot).await?;
    let found = page(&snapshot, &scope, request).await?;
    snapshot.commit().await?;
    Ok(found)
}

/// Students at risk in the courses of a scope.
pub(super) async fn page(db: &impl ConnectionTrait, scope: &Scope, request: PageRequest) -> Result<Page<StudentAtRisk>> {
    let with = format!(
        "{with_risks}, listed AS MATERIALIZED (
            SELECT r.student_id, u.student_number, u.first_name, u.last_name, r.course_id, c.code AS course_code, c.academic_year,
                c.semester, r.grade AS exact_grade, {grade} AS grade, r.missed, r.outcomes_assessed, r.outcomes_unmet,
                r.low_grade, r.missed_work, r.unmet_outcomes, r.reasons, r.as_of
            FROM risk r JOIN users u ON u.id = r.student_id JOIN scope c ON c.course_id = r.course_id
        )",
        with_risks = with_risks(),
        grade = shown("r.grade"),
    );
    let order = "reasons DESC, exact_grade NULLS LAST, student_number, course_id";
    let select = page_of(&with, "listed", order, request);
    reading::page(db, sql(&select, scope.values()), request).await
}

/// The `WITH` part that ends with `risk`, one row for each result at risk.
pub(super) fn with_risks() -> String {
    format!(
        "{results}, unmet AS MATERIALIZED (
            SELECT a.student_id, a.course_id, count(a.is_met) AS assessed, count(*) FILTER (WHERE NOT a.is_met) AS unmet,
                max(a.computed_at) AS computed_at
            FROM seat s
            JOIN student_lo_achievements a ON a.student_id = s.student_id AND a.course_id = s.course_id
            GROUP BY a.student_id, a.course_id
        ), judged AS (
            SELECT r.*, COALESCE(u.assessed, 0) AS outcomes_assessed, COALESCE(u.unmet, 0) AS outcomes_unmet,
                COALESCE(r.grade < p.at_risk_percentage, false) AS low_grade,
                r.missed >= p.at_risk_missed AS missed_work,
                COALESCE(u.unmet > 0 AND 100 * u.unmet >= u.assessed * p.at_risk_unmet_percentage, false) AS unmet_outcomes,
                GREATEST(r.moved_at, CASE WHEN u.unmet > 0 THEN u.computed_at END) AS as_of
            FROM result r
            JOIN academic_policies p ON p.institution_id = r.institution_id
            LEFT JOIN unmet u ON u.student_id = r.student_id AND u.course_id = r.course_id
        ), risk AS MATERIALIZED (
            SELECT *, low_grade::integer + missed_work::integer + unmet_outcomes::integer AS reasons
            FROM judged WHERE low_grade OR missed_work OR unmet_outcomes
        )",
        results = with_results()
    )
}
