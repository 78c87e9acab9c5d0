//! When the achievements behind a view were computed, and whether a newer change waits.

use super::reading::only;
use super::scope::{SEATS, Scope};
use crate::db::sql;
use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How far the achievements behind a view are up to date. Grades always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Freshness {
    /// Whether a change of one of the students is not in these numbers yet.
    pub stale: bool,
    /// When the oldest of them was computed; `None` when there are none.
    pub computed_at: Option<DateTime<Utc>>,
}

/// Of the learning outcomes of the courses in a scope.
pub(super) async fn of_courses(db: &impl ConnectionTrait, scope: &Scope) -> Result<Freshness> {
    let select = format!(
        "{SEATS}
        SELECT EXISTS (SELECT FROM achievement_marks m WHERE m.student_id IN (SELECT student_id FROM seat)) AS stale,
            (SELECT min(a.computed_at) FROM scope c
             JOIN learning_outcomes o ON o.course_id = c.course_id
             JOIN student_lo_achievements a ON a.learning_outcome_id = o.id) AS computed_at"
    );
    only(db, sql(&select, scope.values())).await
}
