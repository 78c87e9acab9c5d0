//! What an administrator should look at: outcomes under target, courses under the pass rate, students at risk.

use super::access;
use super::at_risk::{RiskReason, RiskReasons, with_risks};
use super::reading::{self, page_of};
use super::results::shown;
use super::scope::{Filter, PARAMETERS, Scope};
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::Result;
use crate::ids::{CourseId, LearningOutcomeId, ProgramOutcomeId, UserId};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{DatabaseConnection, DeriveActiveEnum, EnumIter, FromQueryResult};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum AlertKind {
    /// The mean of a program outcome is below its target.
    #[sea_orm(string_value = "program_outcome_below_target")]
    ProgramOutcomeBelowTarget,
    /// The mean of a learning outcome is below its target.
    #[sea_orm(string_value = "learning_outcome_below_target")]
    LearningOutcomeBelowTarget,
    /// Of the graded students of a course, a smaller share passes than the institution wants.
    #[sea_orm(string_value = "course_below_pass_rate")]
    CourseBelowPassRate,
    /// A student is at risk in a course.
    #[sea_orm(string_value = "student_at_risk")]
    StudentAtRisk,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Severity {
    /// At least [`CRITICAL_GAP`] percentage points below the threshold; a student for two reasons or more.
    #[sea_orm(string_value = "critical")]
    Critical,
    /// Anything else.
    #[sea_orm(string_value = "warning")]
    Warning,
}

/// From how many percentage points below a threshold on an alert is critical.
pub const CRITICAL_GAP: u32 = 10;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// How much it matters.
    pub severity: Severity,
    /// The program outcome, if it is about one.
    pub program_outcome_id: Option<ProgramOutcomeId>,
    /// The learning outcome, if it is about one.
    pub learning_outcome_id: Option<LearningOutcomeId>,
    /// The course, unless it is about a program outcome.
    pub course_id: Option<CourseId>,
    /// The student at risk.
    pub student_id: Option<UserId>,
    /// Code of the outcome or course; number of the student.
    pub code: String,
    /// Title of the outcome or course; name of the student.
    pub title: String,
    /// Code of the course or program that it belongs to.
    pub context_code: String,
    /// Year of the course.
    pub academic_year: Option<AcademicYear>,
    /// The mean, the pass rate, or the student's grade so far, two places.
    pub value: Option<Decimal>,
    /// What it was to reach; `None` for a student.
    pub threshold: Option<Decimal>,
    /// Students whose values count.
    pub students: i64,
    #[sea_orm(nested)]
    reasons: Option<RiskReasons>,
    /// The figures are of this moment: the oldest computation behind an outcome; the newest mark or missed due date
    /// behind a course or a student.
    pub as_of: Option<DateTime<Utc>>,
}

impl Alert {
    /// Why the student is at risk; empty for other kinds.
    #[must_use]
    pub fn reasons(&self) -> Vec<RiskReason> {
        self.reasons.map(RiskReasons::list).unwrap_or_default()
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Of which courses. Without an academic year, of the newest one in which anybody takes a course.
    pub courses: Filter,
    /// Only alerts of this kind.
    pub kind: Option<AlertKind>,
    /// Only alerts of this severity.
    pub severity: Option<Severity>,
}

/// Alerts of the institution: critical ones first, then by kind, then the furthest from the threshold; for administrators.
/// Program outcomes are judged by the students who take one of the courses.
///
/// # Errors
/// `Forbidden` for everybody else; `Invalid` for an impossible year.
pub async fn list(db: &DatabaseConnection, actor: &Actor, filter: &AlertFilter, request: PageRequest) -> Result<Page<Alert>> {
    let scope = Scope::filtered(access::institution(actor)?, &filter.courses)?;
    let snapshot = reading::snapshot(db).await?;
    let scope = scope.in_newest_year(&snapshot).await?;
    let select = page_of(&with_alerts(), "alert", "severity, rank, gap DESC, subject_id, course_id", request);
    let word = |word: Option<String>| word.into();
    let wanted = [
        word(filter.kind.map(|kind| sea_orm::ActiveEnum::to_value(&kind))),
        word(filter.severity.map(|severity| sea_orm::ActiveEnum::to_value(&severity))),
    ];
    let found = reading::page(&snapshot, sql(&select, scope.values().into_iter().chain(wanted)), request).await?;
    snapshot.commit().await?;
    Ok(found)
}

/// The columns that differ from kind to kind come first; each kind says what it lacks.
const KINDS: &str = "
    , program_outcome AS (
        SELECT o.id, o.code, o.title, o.target_percentage, p.code AS context_code, avg(a.percentage) AS value,
            count(a.percentage) AS students, min(a.computed_at) AS as_of
        FROM (SELECT DISTINCT student_id FROM seat) s
        JOIN student_po_achievements a ON a.student_id = s.student_id
        JOIN program_outcomes o ON o.id = a.program_outcome_id AND o.is_active
        JOIN programs p ON p.id = o.program_id
        GROUP BY o.id, p.code
    ), learning_outcome AS (
        SELECT o.id, o.code, o.title, o.target_percentage, c.course_id, c.code AS context_code, c.academic_year,
            avg(a.percentage) AS value, count(a.percentage) AS students, min(a.computed_at) AS as_of
        FROM scope c
        JOIN learning_outcomes o ON o.course_id = c.course_id AND o.is_active
        JOIN student_lo_achievements a ON a.learning_outcome_id = o.id
        GROUP BY o.id, c.course_id, c.code, c.academic_year
    ), course AS (
        SELECT c.course_id, c.code, c.title, c.academic_year, p.course_pass_rate,
            100 * (count(*) FILTER (WHERE r.passed))::numeric / NULLIF(count(r.grade), 0) AS value,
            count(r.grade) AS students, max(r.moved_at) AS as_of
        FROM result r
        JOIN scope c ON c.course_id = r.course_id
        JOIN academic_policies p ON p.institution_id = r.institution_id
        GROUP BY c.course_id, c.code, c.title, c.academic_year, p.course_pass_rate
    ), found AS (
        SELECT 'program_outcome_below_target' AS kind, 1 AS rank, id AS subject_id, id AS program_outcome_id,
            NULL::bigint AS learning_outcome_id, NULL::bigint AS course_id, NULL::bigint AS student_id, code, title, context_code,
            NULL::smallint AS academic_year, value, target_percentage AS threshold, target_percentage - value AS gap, students,
            NULL::boolean AS low_grade, NULL::boolean AS missed_work, NULL::boolean AS unmet_outcomes, as_of
        FROM program_outcome WHERE value < target_percentage
        UNION ALL
        SELECT 'learning_outcome_below_target', 2, id, NULL, id, course_id, NULL, code, title, context_code,
            academic_year, value, target_percentage, target_percentage - value, students, NULL, NULL, NULL, as_of
        FROM learning_outcome WHERE value < target_percentage
        UNION ALL
        SELECT 'course_below_pass_rate', 3, course_id, NULL, NULL, course_id, NULL, code, title, code,
            academic_year, value, course_pass_rate, course_pass_rate - value, students, NULL, NULL, NULL, as_of
        FROM course WHERE value < course_pass_rate
        UNION ALL
        SELECT 'student_at_risk', 4, r.student_id, NULL, NULL, r.course_id, r.student_id, u.student_number,
            u.first_name || ' ' || u.last_name, c.code, c.academic_year, r.grade, NULL, r.reasons, 1,
            r.low_grade, r.missed_work, r.unmet_outcomes, r.as_of
        FROM risk r JOIN users u ON u.id = r.student_id JOIN scope c ON c.course_id = r.course_id
    )";

/// The `WITH` part that ends with `alert`.
fn with_alerts() -> String {
    format!(
        "{risks}{KINDS}, judged_alert AS (
            SELECT *, CASE WHEN gap >= CASE rank WHEN 4 THEN 2 ELSE {CRITICAL_GAP} END THEN 'critical' ELSE 'warning' END AS severity
            FROM found
        ), alert AS MATERIALIZED (
            SELECT kind, severity, rank, gap, subject_id, program_outcome_id, learning_outcome_id, course_id, student_id, code, title,
                context_code, academic_year, {value} AS value, threshold, students, low_grade, missed_work, unmet_outcomes, as_of
            FROM judged_alert
            WHERE (${kind}::text IS NULL OR kind = ${kind}) AND (${severity}::text IS NULL OR severity = ${severity})
        )",
        risks = with_risks(),
        value = shown("value"),
        kind = PARAMETERS + 1,
        severity = PARAMETERS + 2,
    )
}
