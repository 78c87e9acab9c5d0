//! Learning outcomes of courses with the distribution of their achievement.

use super::reading::all;
use super::results::percentage_of;
use super::scope::{SEATS, Scope};
use super::standing::Standing;
use super::statistics::{self, Statistics};
use super::suppression::for_student;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{CourseId, LearningOutcomeId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// An active learning outcome and how its course did.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct OutcomeStatistics {
    /// The outcome.
    pub learning_outcome_id: LearningOutcomeId,
    /// Its course.
    pub course_id: CourseId,
    /// Its code.
    pub code: String,
    /// What is to be learnt.
    pub title: String,
    /// What is to be reached, 0 to 100.
    pub target_percentage: Decimal,
    /// Active enrollments of the course; those without a value are not assessed.
    pub students: i64,
    /// Percentages reached, among those with a value.
    #[sea_orm(nested)]
    pub reached: Statistics,
    /// Of those with a value, how many reach the target; `None` when withheld.
    pub met: Option<i64>,
    /// Their share, 0 to 100; `None` without a value or when withheld.
    pub met_share: Option<Decimal>,
    /// Whether the mean reaches the target, before rounding; `None` without a value or when withheld.
    pub mean_met: Option<bool>,
}

impl OutcomeStatistics {
    /// How the mean stands to the target.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::of(self.reached.mean, self.mean_met, self.target_percentage)
    }

    /// As a student may see it.
    #[must_use]
    pub fn for_student(self) -> Self {
        let n = self.reached.n;
        let may_see = self.reached.is_large_enough();
        Self {
            met: self.met.filter(|_| may_see),
            met_share: for_student(n, self.met_share),
            mean_met: self.mean_met.filter(|_| may_see),
            reached: self.reached.for_student(),
            ..self
        }
    }
}

/// The active learning outcomes of the courses in a scope, by course and code.
pub(super) async fn of(db: &impl ConnectionTrait, scope: &Scope) -> Result<Vec<OutcomeStatistics>> {
    let select = format!(
        "{SEATS}
        SELECT o.id AS learning_outcome_id, o.course_id, o.code, o.title, o.target_percentage, count(s.student_id) AS students,
            {statistics}, count(*) FILTER (WHERE a.is_met) AS met,
            {met_share} AS met_share, avg(a.percentage) >= o.target_percentage AS mean_met
        FROM scope c
        JOIN learning_outcomes o ON o.course_id = c.course_id AND o.is_active
        LEFT JOIN seat s ON s.course_id = c.course_id
        LEFT JOIN student_lo_achievements a ON a.learning_outcome_id = o.id AND a.student_id = s.student_id
        GROUP BY o.id
        ORDER BY o.course_id, o.code",
        statistics = statistics::columns("a.percentage"),
        met_share = percentage_of("count(*) FILTER (WHERE a.is_met)", "count(a.is_met)"),
    );
    all(db, sql(&select, scope.values())).await
}
