//! A student's outcomes against their targets, beside everybody else who is measured by them.

use crate::analytics::freshness::Freshness;
use crate::analytics::reading::{all, only};
use crate::analytics::results::shown;
use crate::analytics::standing::Standing;
use crate::analytics::suppression::for_student;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{CourseId, InstitutionId, LearningOutcomeId, ProgramOutcomeId, UserId};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// An outcome of either kind.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct OutcomeResult {
    /// The learning outcome, if it is one.
    pub learning_outcome_id: Option<LearningOutcomeId>,
    /// The program outcome, if it is one.
    pub program_outcome_id: Option<ProgramOutcomeId>,
    /// Course of the learning outcome.
    pub course_id: Option<CourseId>,
    /// Code of that course.
    pub course_code: Option<String>,
    /// Code of the outcome.
    pub code: String,
    /// What is to be reached.
    pub title: String,
    /// 0 to 100, two places; `None`: not assessed.
    pub percentage: Option<Decimal>,
    /// What is to be reached, 0 to 100.
    pub target_percentage: Decimal,
    /// Whether it is, compared before rounding; `None`: not assessed.
    pub met: Option<bool>,
    /// How many of `total_count` have a value.
    pub graded_count: i32,
    /// Assessments of a learning outcome; learning outcomes of a program outcome.
    pub total_count: i32,
    /// Students for whom the outcome is assessed.
    pub class_assessed: i64,
    /// Their mean; `None` of too few.
    pub class_average: Option<Decimal>,
}

impl OutcomeResult {
    /// How it stands to its target.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::of(self.percentage, self.met, self.target_percentage)
    }

    /// Percentage points above the target, or below it when negative; `None`: not assessed.
    #[must_use]
    pub fn margin(&self) -> Option<Decimal> {
        self.percentage.map(|percentage| percentage - self.target_percentage)
    }
}

/// Both kinds of outcomes.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) freshness: Freshness,
    pub(super) learning_outcomes: Vec<OutcomeResult>,
    pub(super) program_outcomes: Vec<OutcomeResult>,
}

/// The stored achievements of a student, and the means over everybody's.
pub(super) async fn of(db: &impl ConnectionTrait, institution_id: InstitutionId, student_id: UserId) -> Result<Outcomes> {
    #[derive(FromQueryResult)]
    struct Row {
        computed_at: DateTime<Utc>,
        #[sea_orm(nested)]
        outcome: OutcomeResult,
    }
    let marks = "SELECT EXISTS (SELECT FROM achievement_marks WHERE student_id = $1 AND institution_id = $2) AS stale, NULL::timestamptz AS computed_at";
    let values = [student_id.into(), institution_id.into()];
    let marked: Freshness = only(db, sql(marks, values.clone())).await?;
    let rows: Vec<Row> = all(db, sql(&select(), values)).await?;
    let computed_at = rows.iter().map(|row| row.computed_at).min();
    let suppressed = |row: Row| OutcomeResult {
        class_average: for_student(row.outcome.class_assessed, row.outcome.class_average),
        ..row.outcome
    };
    let (learning_outcomes, program_outcomes) = rows
        .into_iter()
        .map(suppressed)
        .partition(|outcome| outcome.learning_outcome_id.is_some());
    Ok(Outcomes {
        freshness: Freshness { computed_at, ..marked },
        learning_outcomes,
        program_outcomes,
    })
}

fn select() -> String {
    let average = shown("avg(b.percentage)");
    format!(
        "SELECT o.id AS learning_outcome_id, NULL::bigint AS program_outcome_id, c.id AS course_id, c.code AS course_code, o.code, o.title,
            a.percentage, o.target_percentage, a.is_met AS met, a.graded_count, a.total_count, a.computed_at,
            class.assessed AS class_assessed, class.average AS class_average
        FROM student_lo_achievements a
        JOIN learning_outcomes o ON o.id = a.learning_outcome_id
        JOIN courses c ON c.id = o.course_id
        CROSS JOIN LATERAL (
            SELECT count(b.percentage) AS assessed, {average} AS average
            FROM student_lo_achievements b WHERE b.learning_outcome_id = a.learning_outcome_id
        ) class
        WHERE a.student_id = $1 AND a.institution_id = $2
        UNION ALL
        SELECT NULL, o.id, NULL, NULL, o.code, o.title,
            a.percentage, o.target_percentage, a.is_met, a.graded_count, a.total_count, a.computed_at,
            class.assessed, class.average
        FROM student_po_achievements a
        JOIN program_outcomes o ON o.id = a.program_outcome_id
        CROSS JOIN LATERAL (
            SELECT count(b.percentage) AS assessed, {average} AS average
            FROM student_po_achievements b WHERE b.program_outcome_id = a.program_outcome_id
        ) class
        WHERE a.student_id = $1 AND a.institution_id = $2
        ORDER BY course_code, course_id, code"
    )
}
