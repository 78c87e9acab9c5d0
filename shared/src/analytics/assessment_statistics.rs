//! Assessments with the distribution of their marks, and with what is not marked.

use super::reading::all;
use super::results::PERCENTAGE;
use super::scope::{PARAMETERS, SEATS, Scope};
use super::statistics::{self, Statistics};
use super::suppression::for_student;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{AssessmentId, CourseId, UserId};
use crate::kinds::AssessmentType;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// An active assessment and how its course did.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct AssessmentStatistics {
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// Its course.
    pub course_id: CourseId,
    /// Its title.
    pub title: String,
    /// Its form.
    pub assessment_type: AssessmentType,
    /// Its relative weight in the course grade.
    pub weight: Decimal,
    /// The best possible score.
    pub max_score: Decimal,
    /// When it was to be done.
    pub due_date: Option<DateTime<Utc>>,
    /// Whether that has passed.
    pub is_due: bool,
    /// Active enrollments of the course: scored, absent, excused, not attending and missing together.
    pub students: i64,
    /// Marked absent; `None` when withheld.
    pub absent: Option<i64>,
    /// Excused; `None` when withheld.
    pub excused: Option<i64>,
    /// Marked as having attended too little; `None` when withheld.
    pub non_attendance: Option<i64>,
    /// Without any mark; `None` when withheld.
    pub missing: Option<i64>,
    /// Percentages of the maximum among those with a score.
    #[sea_orm(nested)]
    pub scores: Statistics,
    /// The student's own percentage of the maximum.
    pub own_percentage: Option<Decimal>,
}

impl AssessmentStatistics {
    /// Cells that wait to be graded: without any mark although the assessment is due.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.missing.filter(|_| self.is_due).unwrap_or_default()
    }

    /// As a student may see it. In a small group even who is absent or missing would say something about one of them.
    #[must_use]
    pub fn for_student(self) -> Self {
        let may_see = self.scores.is_large_enough();
        Self {
            absent: self.absent.filter(|_| may_see),
            excused: self.excused.filter(|_| may_see),
            non_attendance: self.non_attendance.filter(|_| may_see),
            missing: self.missing.filter(|_| may_see),
            scores: self.scores.for_student(),
            ..self
        }
    }

    /// The mean as a student may see it.
    #[must_use]
    pub fn mean_for_student(&self) -> Option<Decimal> {
        for_student(self.scores.n, self.scores.mean)
    }
}

/// The active assessments of the courses in a scope, by due date. `own` names the student of `own_percentage`.
pub(super) async fn of(db: &impl ConnectionTrait, scope: &Scope, own: Option<UserId>) -> Result<Vec<AssessmentStatistics>> {
    let select = format!(
        "{SEATS}, cell AS (
            SELECT a.id AS assessment_id, s.student_id, g.status, {PERCENTAGE} AS percentage
            FROM scope c
            JOIN assessments a ON a.course_id = c.course_id AND a.is_active
            JOIN seat s ON s.course_id = c.course_id
            LEFT JOIN grades g ON g.student_id = s.student_id AND g.assessment_id = a.id
                AND g.academic_year = a.academic_year AND g.course_id = a.course_id
        )
        SELECT a.id AS assessment_id, a.course_id, a.title, a.assessment_type, a.weight, a.max_score, a.due_date,
            COALESCE(a.due_date < now(), false) AS is_due, count(x.student_id) AS students,
            count(*) FILTER (WHERE x.status = 'absent') AS absent, count(*) FILTER (WHERE x.status = 'excused') AS excused,
            count(*) FILTER (WHERE x.status = 'non_attendance') AS non_attendance,
            count(x.student_id) - count(x.status) AS missing, {statistics},
            round(max(x.percentage) FILTER (WHERE x.student_id = ${own_parameter}), 2) AS own_percentage
        FROM scope c
        JOIN assessments a ON a.course_id = c.course_id AND a.is_active
        LEFT JOIN cell x ON x.assessment_id = a.id
        GROUP BY a.id
        ORDER BY a.due_date NULLS LAST, a.id",
        statistics = statistics::columns("x.percentage"),
        own_parameter = PARAMETERS + 1,
    );
    all(db, sql(&select, scope.values().into_iter().chain([own.into()]))).await
}
