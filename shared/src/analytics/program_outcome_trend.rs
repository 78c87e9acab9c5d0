//! Program outcomes of one program by academic year.
//!
//! The value of a student in a year is the program outcome as the achievements define it, taken over the courses of that
//! year alone: Σ(weight × LO) ÷ Σ weight over the active learning outcomes of the active courses of the year that the
//! student is actively enrolled in, as far as they have a value, which enters unrounded. A point of the trend is the mean
//! over the program's present students with a value, each counting once; `met` compares each of these values with the
//! outcome's present target before rounding. All courses in one year, the trend's one point is the mean of the stored
//! achievements.

use super::access;
use super::reading::{all, snapshot};
use super::results::{percentage_of, shown};
use super::standing::Standing;
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, ProgramId, ProgramOutcomeId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult};

/// The outcomes of a program through the years.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramOutcomeTrend {
    /// The program.
    pub program_id: ProgramId,
    /// Its active outcomes by code.
    pub program_outcomes: Vec<OutcomeTrend>,
}

/// An outcome through the years.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeTrend {
    /// Which.
    pub outcome: OutcomeLabel,
    /// Each year in which students of the program took courses, from the oldest.
    pub years: Vec<TrendPoint>,
}

/// A program outcome.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct OutcomeLabel {
    /// The outcome.
    pub program_outcome_id: ProgramOutcomeId,
    /// Its code.
    pub code: String,
    /// What is promised.
    pub title: String,
    /// What is to be reached, 0 to 100.
    pub target_percentage: Decimal,
}

/// An outcome in one year.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct TrendPoint {
    /// The year.
    pub academic_year: AcademicYear,
    /// Students with a value.
    pub students: i64,
    /// Their mean, two places; `None` without a value.
    pub mean: Option<Decimal>,
    /// Whether that reaches the target, before rounding.
    pub mean_met: Option<bool>,
    /// Students who reach the target.
    pub met: i64,
    /// Their share, 0 to 100.
    pub met_share: Option<Decimal>,
}

impl TrendPoint {
    /// How the mean stands to the target.
    #[must_use]
    pub fn standing(&self, target: Decimal) -> Standing {
        Standing::of(self.mean, self.mean_met, target)
    }
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    outcome: OutcomeLabel,
    #[sea_orm(nested)]
    point: Option<TrendPoint>,
}

/// The trend of a program, for administrators.
///
/// # Errors
/// `Forbidden` for everybody else; `NotFound`, also for another institution's program.
pub async fn of(db: &DatabaseConnection, actor: &Actor, program_id: ProgramId) -> Result<ProgramOutcomeTrend> {
    let institution_id = access::institution(actor)?;
    let snapshot = snapshot(db).await?;
    require_program(&snapshot, institution_id, program_id).await?;
    let rows: Vec<Row> = all(&snapshot, sql(&select(), [institution_id.into(), program_id.into()])).await?;
    snapshot.commit().await?;
    let mut program_outcomes: Vec<OutcomeTrend> = Vec::new();
    for Row { outcome, point } in rows {
        match program_outcomes.last_mut() {
            Some(last) if last.outcome.program_outcome_id == outcome.program_outcome_id => last.years.extend(point),
            _ => program_outcomes.push(OutcomeTrend {
                outcome,
                years: point.into_iter().collect(),
            }),
        }
    }
    Ok(ProgramOutcomeTrend {
        program_id,
        program_outcomes,
    })
}

async fn require_program(db: &impl ConnectionTrait, institution_id: InstitutionId, id: ProgramId) -> Result<()> {
    let select = "SELECT id FROM programs WHERE institution_id = $1 AND id = $2";
    let found = db.query_one_raw(sql(select, [institution_id.into(), id.into()])).await?;
    found.map(|_| ()).ok_or(Error::NotFound("program"))
}

fn select() -> String {
    format!(
        "WITH taken AS MATERIALIZED (
            SELECT e.student_id, o.id AS learning_outcome_id, c.academic_year
            FROM users u
            JOIN enrollments e ON e.student_id = u.id AND e.is_active
            JOIN courses c ON c.id = e.course_id AND c.is_active
            JOIN learning_outcomes o ON o.course_id = c.id AND o.is_active
            WHERE u.institution_id = $1 AND u.program_id = $2
        ), item AS MATERIALIZED (
            SELECT m.learning_outcome_id, m.assessment_id, m.weight, round(100 * m.weight, 60) / a.max_score AS share
            FROM assessment_lo m
            JOIN assessments a ON a.id = m.assessment_id AND a.is_active
            WHERE m.learning_outcome_id IN (SELECT learning_outcome_id FROM taken)
        ), mark AS MATERIALIZED (
            SELECT g.student_id, g.assessment_id, g.score
            FROM users u JOIN grades g ON g.student_id = u.id AND g.status = 'scored'
            WHERE u.institution_id = $1 AND u.program_id = $2
        ), lo AS MATERIALIZED (
            SELECT t.student_id, t.academic_year, t.learning_outcome_id, sum(m.score * i.share) / NULLIF(sum(i.weight), 0) AS value
            FROM taken t
            JOIN item i ON i.learning_outcome_id = t.learning_outcome_id
            JOIN mark m ON m.student_id = t.student_id AND m.assessment_id = i.assessment_id
            GROUP BY t.student_id, t.academic_year, t.learning_outcome_id
        ), po AS MATERIALIZED (
            SELECT lo.student_id, lo.academic_year, w.program_outcome_id, round(sum(w.weight * lo.value) / sum(w.weight), 50) AS value
            FROM lo JOIN lo_po w ON w.learning_outcome_id = lo.learning_outcome_id
            WHERE lo.value IS NOT NULL
            GROUP BY lo.student_id, lo.academic_year, w.program_outcome_id
        ), year AS (
            SELECT DISTINCT academic_year FROM taken
        )
        SELECT o.id AS program_outcome_id, o.code, o.title, o.target_percentage, y.academic_year, count(po.value) AS students,
            {mean} AS mean, round(avg(po.value), 40) >= o.target_percentage AS mean_met,
            count(*) FILTER (WHERE po.value >= o.target_percentage) AS met, {met_share} AS met_share
        FROM program_outcomes o
        LEFT JOIN year y ON true
        LEFT JOIN po ON po.program_outcome_id = o.id AND po.academic_year = y.academic_year
        WHERE o.institution_id = $1 AND o.program_id = $2 AND o.is_active
        GROUP BY o.id, y.academic_year
        ORDER BY o.code, o.id, y.academic_year",
        mean = shown("avg(po.value)"),
        met_share = percentage_of("count(*) FILTER (WHERE po.value >= o.target_percentage)", "count(po.value)"),
    )
}
