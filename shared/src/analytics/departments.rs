//! Departments with their people, courses, grades and program outcomes.

use super::access;
use super::reading::{self, all, page_of};
use super::results::{percentage_of, shown, with_results};
use super::scope::{Filter, PARAMETERS, Scope};
use super::standing::Standing;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::Result;
use crate::ids::{DepartmentId, InstitutionId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult};

/// A department and what is reached in it.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct DepartmentFigures {
    /// The department.
    pub department_id: DepartmentId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its students who may sign in; the same whatever the year.
    pub students: i64,
    /// Its teachers who may sign in; the same whatever the year.
    pub teachers: i64,
    /// Its active courses.
    pub courses: i64,
    /// Active enrollments in them.
    pub enrollments: i64,
    /// Those with a grade.
    pub graded: i64,
    /// Mean grade, two places; `None` without a grade.
    pub average: Option<Decimal>,
    /// Passing among those with a grade, 0 to 100.
    pub pass_rate: Option<Decimal>,
    /// Program outcomes of students of its programs that are assessed, over all years.
    pub outcomes_assessed: i64,
    /// Their mean.
    pub outcome_mean: Option<Decimal>,
    /// The share of them that reach their target, 0 to 100.
    pub outcome_met_share: Option<Decimal>,
    mean_target: Option<Decimal>,
    mean_met: Option<bool>,
}

impl DepartmentFigures {
    /// How the mean of the program outcomes stands to the mean of their targets.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.mean_target
            .map_or(Standing::NoData, |target| Standing::of(self.outcome_mean, self.mean_met, target))
    }
}

/// Departments by code, for administrators. Year and part of the year narrow courses and grades.
///
/// # Errors
/// `Forbidden` for everybody else; `Invalid` for an impossible year.
pub async fn list(db: &DatabaseConnection, actor: &Actor, filter: &Filter, request: PageRequest) -> Result<Page<DepartmentFigures>> {
    let institution_id = access::institution(actor)?;
    let scope = Scope::filtered(institution_id, filter)?;
    let snapshot = reading::snapshot(db).await?;
    let wanted = page(&snapshot, institution_id, filter.department_id, request).await?;
    let scope = Scope {
        departments: Some(wanted.items.clone()),
        ..scope
    };
    let ids: Vec<i64> = wanted.items.iter().map(|id| id.0).collect();
    let figures = all(&snapshot, sql(&select(), scope.values().into_iter().chain([ids.into()]))).await?;
    snapshot.commit().await?;
    Ok(Page {
        items: figures,
        request,
        total: wanted.total,
    })
}

/// Which departments are on the page: their figures are computed for these alone.
async fn page(
    db: &impl ConnectionTrait,
    institution_id: InstitutionId,
    department_id: Option<DepartmentId>,
    request: PageRequest,
) -> Result<Page<DepartmentId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: DepartmentId,
    }
    let with = "
        WITH department AS (
            SELECT id, code FROM departments WHERE institution_id = $1 AND ($2::bigint IS NULL OR id = $2)
        )";
    let select = page_of(with, "department", "code, id", request);
    let rows: Page<Row> = reading::page(db, sql(&select, [institution_id.into(), department_id.into()]), request).await?;
    Ok(rows.map(|row| row.id))
}

fn select() -> String {
    format!(
        "{results}, taught AS (
            SELECT c.department_id, count(DISTINCT c.course_id) AS courses, count(r.student_id) AS enrollments, count(r.grade) AS graded,
                {average} AS average, {pass_rate} AS pass_rate
            FROM scope c LEFT JOIN result r ON r.course_id = c.course_id
            GROUP BY c.department_id
        ), promised AS (
            SELECT p.department_id, count(a.percentage) AS assessed, avg(a.percentage) AS mean,
                avg(o.target_percentage) FILTER (WHERE a.percentage IS NOT NULL) AS target, {met_share} AS met_share
            FROM programs p
            JOIN program_outcomes o ON o.program_id = p.id AND o.is_active
            JOIN student_po_achievements a ON a.program_outcome_id = o.id
            WHERE p.institution_id = $1 AND p.department_id = ANY(${ids})
            GROUP BY p.department_id
        ), people AS (
            SELECT department_id, count(*) FILTER (WHERE role = 'student') AS students, count(*) FILTER (WHERE role = 'teacher') AS teachers
            FROM users WHERE institution_id = $1 AND department_id = ANY(${ids}) AND is_active
            GROUP BY department_id
        )
        SELECT d.id AS department_id, d.code, d.name, COALESCE(u.students, 0) AS students, COALESCE(u.teachers, 0) AS teachers,
            COALESCE(t.courses, 0) AS courses, COALESCE(t.enrollments, 0) AS enrollments, COALESCE(t.graded, 0) AS graded,
            t.average, t.pass_rate, COALESCE(p.assessed, 0) AS outcomes_assessed, {outcome_mean} AS outcome_mean,
            p.met_share AS outcome_met_share, {target} AS mean_target, p.mean >= p.target AS mean_met
        FROM departments d
        LEFT JOIN people u ON u.department_id = d.id
        LEFT JOIN taught t ON t.department_id = d.id
        LEFT JOIN promised p ON p.department_id = d.id
        WHERE d.institution_id = $1 AND d.id = ANY(${ids})
        ORDER BY d.code, d.id",
        results = with_results(),
        ids = PARAMETERS + 1,
        average = shown("avg(r.grade)"),
        pass_rate = percentage_of("count(*) FILTER (WHERE r.passed)", "count(r.grade)"),
        met_share = percentage_of("count(*) FILTER (WHERE a.is_met)", "count(a.is_met)"),
        outcome_mean = shown("p.mean"),
        target = shown("p.target"),
    )
}
