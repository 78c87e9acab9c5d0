//! How much each assessment of a course says about each of its learning outcomes.

use super::{Cell, Findings, NewCell, Rule, Side, check, check_length};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::access;
use crate::db::{Expected, Fingerprint, Work, sql};
use crate::entity::course;
use crate::error::Result;
use crate::ids::{AssessmentId, CourseId, LearningOutcomeId};
use crate::kinds::AssessmentType;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

/// A row: an assessment, whether active or not.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct AssessmentRow {
    /// Its id.
    pub id: AssessmentId,
    /// Its title.
    pub title: String,
    /// Its form.
    pub assessment_type: AssessmentType,
    /// Share of the course grade, 0 to 999.99.
    pub weight: Decimal,
    /// Whether it counts in results.
    pub is_active: bool,
}

/// A learning outcome of the course, whether active or not.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct OutcomeHead {
    /// Its id.
    pub id: LearningOutcomeId,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Whether results are computed for it.
    pub is_active: bool,
}

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// The course.
    pub course_id: CourseId,
    /// Rows: by due date, those without one last, then by title.
    pub assessments: Vec<AssessmentRow>,
    /// Columns, by code.
    pub learning_outcomes: Vec<OutcomeHead>,
    /// Weights, 0 to 100, by row and column.
    pub cells: Vec<Cell<AssessmentId, LearningOutcomeId>>,
}

impl Matrix {
    /// The version, for optimistic locking.
    #[must_use]
    pub fn version(&self) -> Fingerprint {
        super::version(&self.cells)
    }

    /// What looks forgotten.
    #[must_use]
    pub fn findings(&self) -> Findings<AssessmentId, LearningOutcomeId> {
        let rows = self.assessments.iter().filter(|row| row.is_active).map(|row| row.id);
        let columns = self.learning_outcomes.iter().filter(|column| column.is_active);
        Findings::of(rows, columns.map(|column| column.id), &self.cells)
    }

    /// Sum of the shares of active assessments; often meant to be 100, and nothing depends on it.
    #[must_use]
    pub fn weight_total(&self) -> Decimal {
        let active = self.assessments.iter().filter(|row| row.is_active);
        active.map(|row| row.weight).sum()
    }
}

#[derive(FromQueryResult)]
struct CellRow {
    assessment_id: AssessmentId,
    learning_outcome_id: LearningOutcomeId,
    weight: Decimal,
}

/// The table of a course that the actor may see.
///
/// # Errors
/// `NotFound` for a course that the actor may not see.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, course_id: CourseId) -> Result<Matrix> {
    let course = access::visible_course(db, actor, course_id).await?;
    read(db, &course).await
}

/// Learning outcomes of a course by code.
pub(super) async fn outcomes(db: &impl ConnectionTrait, course: &course::Model) -> Result<Vec<OutcomeHead>> {
    let select = "
        SELECT id, code, title, is_active FROM learning_outcomes WHERE institution_id = $1 AND course_id = $2 ORDER BY code";
    let found = OutcomeHead::find_by_statement(sql(select, [course.institution_id.into(), course.id.into()]));
    Ok(found.all(db).await?)
}

async fn read(db: &impl ConnectionTrait, course: &course::Model) -> Result<Matrix> {
    let assessments = "
        SELECT id, title, assessment_type, weight, is_active FROM assessments
        WHERE institution_id = $1 AND course_id = $2 ORDER BY due_date, title";
    let assessments = AssessmentRow::find_by_statement(sql(assessments, [course.institution_id.into(), course.id.into()]));
    let cells = "
        SELECT assessment_id, learning_outcome_id, weight FROM assessment_lo
        WHERE course_id = $1 ORDER BY assessment_id, learning_outcome_id";
    let cells = CellRow::find_by_statement(sql(cells, [course.id.into()])).all(db).await?;
    let cell = |row: CellRow| Cell {
        row: row.assessment_id,
        column: row.learning_outcome_id,
        weight: row.weight,
    };
    Ok(Matrix {
        course_id: course.id,
        assessments: assessments.all(db).await?,
        learning_outcomes: outcomes(db, course).await?,
        cells: cells.into_iter().map(cell).collect(),
    })
}

/// Replaces the table, and marks every student of the course. The same again changes nothing.
///
/// # Errors
/// `Invalid`, naming every fault as `cells[3].weight`; `Forbidden` for another teacher's course; `NotFound`; `Outdated`.
pub async fn replace(
    work: &mut Work,
    actor: &Actor,
    course_id: CourseId,
    expected: &Expected<Fingerprint>,
    cells: &[NewCell<AssessmentId, LearningOutcomeId>],
) -> Result<Matrix> {
    check_length(cells)?;
    let course = access::locked_course(work, actor, course_id).await?;
    let before = read(work.tx(), &course).await?;
    expected.check(before.version())?;
    let rows = before.assessments.iter().map(|row| row.id).collect();
    let columns = before.learning_outcomes.iter().map(|column| column.id).collect();
    let cells = check(cells, &rows, &columns, &rule())?;
    if !write(work, course_id, &cells).await? {
        return Ok(before);
    }
    let deed = Deed::new("course.assessment_outcomes_replaced", "course", course_id.0).with(json!({ "cells": cells.len() }));
    activity::record(work, actor, deed).await?;
    mark::course(work, course.institution_id, course_id).await?;
    read(work.tx(), &course).await
}

fn rule() -> Rule {
    Rule {
        row: Side {
            field: "assessment_id",
            unknown: "unknown_assessment",
            message: "names no assessment of the course",
        },
        column: Side {
            field: "learning_outcome_id",
            unknown: "unknown_learning_outcome",
            message: "names no learning outcome of the course",
        },
        lowest: Decimal::ZERO,
    }
}

/// Whether anything changed.
async fn write(work: &Work, course_id: CourseId, cells: &[Cell<AssessmentId, LearningOutcomeId>]) -> Result<bool> {
    let rows: Vec<i64> = cells.iter().map(|cell| cell.row.0).collect();
    let columns: Vec<i64> = cells.iter().map(|cell| cell.column.0).collect();
    let weights: Vec<Decimal> = cells.iter().map(|cell| cell.weight).collect();
    let delete = "
        DELETE FROM assessment_lo m WHERE m.course_id = $1 AND NOT EXISTS (
            SELECT FROM unnest($2::bigint[], $3::bigint[]) AS t (assessment_id, learning_outcome_id)
            WHERE t.assessment_id = m.assessment_id AND t.learning_outcome_id = m.learning_outcome_id)";
    let deleted = sql(delete, [course_id.into(), rows.clone().into(), columns.clone().into()]);
    let deleted = work.tx().execute_raw(deleted).await?.rows_affected();
    let upsert = "
        INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
        SELECT $1, t.assessment_id, t.learning_outcome_id, t.weight
        FROM unnest($2::bigint[], $3::bigint[], $4::numeric[]) AS t (assessment_id, learning_outcome_id, weight)
        ON CONFLICT (assessment_id, learning_outcome_id) DO UPDATE SET weight = excluded.weight
        WHERE assessment_lo.weight <> excluded.weight";
    let upserted = sql(upsert, [course_id.into(), rows.into(), columns.into(), weights.into()]);
    let upserted = work.tx().execute_raw(upserted).await?.rows_affected();
    Ok(deleted + upserted > 0)
}
