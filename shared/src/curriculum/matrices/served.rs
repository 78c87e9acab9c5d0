//! How much each learning outcome of a course serves each outcome of one program. What it serves in other programs stays.

use super::measured::{OutcomeHead, outcomes};
use super::{Cell, Findings, NewCell, Rule, Side, check, check_length};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::{access, programs};
use crate::db::{Expected, Fingerprint, Work, sql};
use crate::entity::course;
use crate::error::Result;
use crate::ids::{CourseId, LearningOutcomeId, ProgramId, ProgramOutcomeId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

/// The least weight: a program outcome without influence is left out instead.
const LOWEST_WEIGHT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// A column: an outcome of the program, whether active or not.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct ProgramOutcomeHead {
    /// Its id.
    pub id: ProgramOutcomeId,
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
    /// The program.
    pub program_id: ProgramId,
    /// Rows, by code.
    pub learning_outcomes: Vec<OutcomeHead>,
    /// Columns, by code.
    pub program_outcomes: Vec<ProgramOutcomeHead>,
    /// Weights, 0.01 to 100, by row and column.
    pub cells: Vec<Cell<LearningOutcomeId, ProgramOutcomeId>>,
}

impl Matrix {
    /// The version, for optimistic locking.
    #[must_use]
    pub fn version(&self) -> Fingerprint {
        super::version(&self.cells)
    }

    /// What looks forgotten. That a course does not serve every outcome of a program is no fault.
    #[must_use]
    pub fn findings(&self) -> Findings<LearningOutcomeId, ProgramOutcomeId> {
        let rows = self.learning_outcomes.iter().filter(|row| row.is_active).map(|row| row.id);
        let columns = self.program_outcomes.iter().filter(|column| column.is_active);
        Findings::of(rows, columns.map(|column| column.id), &self.cells)
    }
}

#[derive(FromQueryResult)]
struct CellRow {
    learning_outcome_id: LearningOutcomeId,
    program_outcome_id: ProgramOutcomeId,
    weight: Decimal,
}

/// The table of a course that the actor may see.
///
/// # Errors
/// `NotFound` for a course that the actor may not see, and for a program that is none of the institution.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, course_id: CourseId, program_id: ProgramId) -> Result<Matrix> {
    let course = access::visible_course(db, actor, course_id).await?;
    programs::find(db, actor, program_id).await?;
    read(db, &course, program_id).await
}

async fn read(db: &impl ConnectionTrait, course: &course::Model, program_id: ProgramId) -> Result<Matrix> {
    let promised = "
        SELECT id, code, title, is_active FROM program_outcomes WHERE institution_id = $1 AND program_id = $2 ORDER BY code";
    let promised = ProgramOutcomeHead::find_by_statement(sql(promised, [course.institution_id.into(), program_id.into()]));
    let cells = "
        SELECT m.learning_outcome_id, m.program_outcome_id, m.weight
        FROM learning_outcomes o
        JOIN lo_po m ON m.learning_outcome_id = o.id AND m.institution_id = $1
        JOIN program_outcomes p ON p.id = m.program_outcome_id AND p.program_id = $3
        WHERE o.course_id = $2 ORDER BY m.learning_outcome_id, m.program_outcome_id";
    let values = [course.institution_id.into(), course.id.into(), program_id.into()];
    let cells = CellRow::find_by_statement(sql(cells, values)).all(db).await?;
    let cell = |row: CellRow| Cell {
        row: row.learning_outcome_id,
        column: row.program_outcome_id,
        weight: row.weight,
    };
    Ok(Matrix {
        course_id: course.id,
        program_id,
        learning_outcomes: outcomes(db, course).await?,
        program_outcomes: promised.all(db).await?,
        cells: cells.into_iter().map(cell).collect(),
    })
}

/// Replaces the table, and marks every student of the course. The same again changes nothing.
///
/// # Errors
/// `Invalid`, naming every fault as `cells[3].weight`; `Forbidden` for another teacher's course; `NotFound`; `Outdated`;
/// `Conflict` when a program outcome is being deleted.
pub async fn replace(
    work: &mut Work,
    actor: &Actor,
    course_id: CourseId,
    program_id: ProgramId,
    expected: &Expected<Fingerprint>,
    cells: &[NewCell<LearningOutcomeId, ProgramOutcomeId>],
) -> Result<Matrix> {
    check_length(cells)?;
    let course = access::locked_course(work, actor, course_id).await?;
    programs::find(work.tx(), actor, program_id).await?;
    let before = read(work.tx(), &course, program_id).await?;
    expected.check(before.version())?;
    let rows = before.learning_outcomes.iter().map(|row| row.id).collect();
    let columns = before.program_outcomes.iter().map(|column| column.id).collect();
    let cells = check(cells, &rows, &columns, &rule())?;
    if !write(work, &course, program_id, &cells).await? {
        return Ok(before);
    }
    let detail = json!({ "program_id": program_id, "cells": cells.len() });
    let deed = Deed::new("course.program_outcomes_replaced", "course", course_id.0).with(detail);
    activity::record(work, actor, deed).await?;
    mark::course(work, course.institution_id, course_id).await?;
    read(work.tx(), &course, program_id).await
}

fn rule() -> Rule {
    Rule {
        row: Side {
            field: "learning_outcome_id",
            unknown: "unknown_learning_outcome",
            message: "names no learning outcome of the course",
        },
        column: Side {
            field: "program_outcome_id",
            unknown: "unknown_program_outcome",
            message: "names no outcome of the program",
        },
        lowest: LOWEST_WEIGHT,
    }
}

/// Whether anything changed.
async fn write(
    work: &Work,
    course: &course::Model,
    program_id: ProgramId,
    cells: &[Cell<LearningOutcomeId, ProgramOutcomeId>],
) -> Result<bool> {
    let rows: Vec<i64> = cells.iter().map(|cell| cell.row.0).collect();
    let columns: Vec<i64> = cells.iter().map(|cell| cell.column.0).collect();
    let weights: Vec<Decimal> = cells.iter().map(|cell| cell.weight).collect();
    let delete = "
        DELETE FROM lo_po m USING learning_outcomes o, program_outcomes p
        WHERE o.id = m.learning_outcome_id AND o.course_id = $1 AND p.id = m.program_outcome_id AND p.program_id = $2
            AND NOT EXISTS (
                SELECT FROM unnest($3::bigint[], $4::bigint[]) AS t (learning_outcome_id, program_outcome_id)
                WHERE t.learning_outcome_id = m.learning_outcome_id AND t.program_outcome_id = m.program_outcome_id)";
    let values = [course.id.into(), program_id.into(), rows.clone().into(), columns.clone().into()];
    let deleted = work.tx().execute_raw(sql(delete, values)).await?.rows_affected();
    let upsert = "
        INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
        SELECT $1, t.learning_outcome_id, t.program_outcome_id, t.weight
        FROM unnest($2::bigint[], $3::bigint[], $4::numeric[]) AS t (learning_outcome_id, program_outcome_id, weight)
        ON CONFLICT (learning_outcome_id, program_outcome_id) DO UPDATE SET weight = excluded.weight
        WHERE lo_po.weight <> excluded.weight";
    let values = [course.institution_id.into(), rows.into(), columns.into(), weights.into()];
    let upserted = work.tx().execute_raw(sql(upsert, values)).await?.rows_affected();
    Ok(deleted + upserted > 0)
}
