//! The tables on the wire.

use crate::routes::numbers::number;
use crate::routes::words::AssessmentType;
use acurate_shared::curriculum::matrices::{Cell, NewCell, measured, served};
use acurate_shared::ids::{AssessmentId, LearningOutcomeId, ProgramOutcomeId};
use poem_openapi::Object;
use poem_openapi::types::Example;

/// How much an assessment says about a learning outcome.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields)]
struct AssessmentOutcomeCell {
    /// An assessment of the course.
    assessment_id: i64,
    /// A learning outcome of the course.
    learning_outcome_id: i64,
    /// 0 to 100, at most two decimal places; only ratios matter. Zero means mapped but without influence.
    weight: f64,
}

/// All cells of the table.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct AssessmentOutcomeCells {
    /// At most 5000 items, each place once.
    cells: Vec<AssessmentOutcomeCell>,
}

impl Example for AssessmentOutcomeCells {
    fn example() -> Self {
        let cell = |assessment_id, learning_outcome_id, weight| AssessmentOutcomeCell {
            assessment_id,
            learning_outcome_id,
            weight,
        };
        Self {
            cells: vec![cell(7, 21, 30.0), cell(7, 22, 70.0), cell(8, 22, 50.0)],
        }
    }
}

/// A row: an assessment.
#[derive(Clone, Debug, Object)]
struct AssessmentRow {
    /// Its id.
    id: i64,
    /// Its title.
    title: String,
    /// Its form.
    assessment_type: AssessmentType,
    /// Share of the course grade, 0 to 999.99.
    weight: f64,
    /// Whether it counts in results.
    is_active: bool,
}

/// A row or column: an outcome of the course or of the program.
#[derive(Clone, Debug, Object)]
struct OutcomeHead {
    /// Its id.
    id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// Whether results are computed for it.
    is_active: bool,
}

/// A place in the table.
#[derive(Clone, Copy, Debug, Object)]
struct AssessmentOutcomePlace {
    /// The row.
    assessment_id: i64,
    /// The column.
    learning_outcome_id: i64,
}

/// What looks forgotten.
#[derive(Clone, Debug, Object)]
struct AssessmentOutcomeChecks {
    /// Active assessments that measure nothing.
    unmapped_assessments: Vec<i64>,
    /// Active learning outcomes that nothing measures: they get no result.
    unmapped_learning_outcomes: Vec<i64>,
    /// Cells that are there but without influence.
    zero_weight: Vec<AssessmentOutcomePlace>,
    /// Sum of the active assessments' shares of the course grade. Often meant to be 100, but only ratios matter.
    weight_total: f64,
}

/// What the assessments of a course measure.
#[derive(Clone, Debug, Object)]
pub(super) struct AssessmentOutcomeMatrix {
    /// The course.
    course_id: i64,
    /// Rows: by due date, those without one last, then by title.
    assessments: Vec<AssessmentRow>,
    /// Columns, by code.
    learning_outcomes: Vec<OutcomeHead>,
    /// The weights that there are.
    cells: Vec<AssessmentOutcomeCell>,
    /// What looks forgotten; nothing is refused for it.
    checks: AssessmentOutcomeChecks,
}

/// How much a learning outcome serves a program outcome.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields)]
struct OutcomeProgramCell {
    /// A learning outcome of the course.
    learning_outcome_id: i64,
    /// An outcome of the program.
    program_outcome_id: i64,
    /// Above 0, at most 100 and two decimal places; only ratios matter.
    weight: f64,
}

/// All cells of the table.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct OutcomeProgramCells {
    /// At most 5000 items, each place once.
    cells: Vec<OutcomeProgramCell>,
}

impl Example for OutcomeProgramCells {
    fn example() -> Self {
        let cell = |learning_outcome_id, program_outcome_id, weight| OutcomeProgramCell {
            learning_outcome_id,
            program_outcome_id,
            weight,
        };
        Self {
            cells: vec![cell(21, 4, 3.0), cell(21, 7, 1.0), cell(22, 4, 2.0)],
        }
    }
}

/// What looks forgotten.
#[derive(Clone, Debug, Object)]
struct OutcomeProgramChecks {
    /// Active learning outcomes that serve nothing in the program.
    unmapped_learning_outcomes: Vec<i64>,
    /// Active outcomes of the program that the course does not serve; usually other courses do.
    unmapped_program_outcomes: Vec<i64>,
}

/// What the learning outcomes of a course serve in a program.
#[derive(Clone, Debug, Object)]
pub(super) struct OutcomeProgramMatrix {
    /// The course.
    course_id: i64,
    /// The program.
    program_id: i64,
    /// Rows, by code.
    learning_outcomes: Vec<OutcomeHead>,
    /// Columns, by code.
    program_outcomes: Vec<OutcomeHead>,
    /// The weights that there are.
    cells: Vec<OutcomeProgramCell>,
    /// What looks forgotten; nothing is refused for it.
    checks: OutcomeProgramChecks,
}

impl AssessmentOutcomeCells {
    pub(super) fn into_cells(self) -> Vec<NewCell<AssessmentId, LearningOutcomeId>> {
        let cell = |cell: AssessmentOutcomeCell| Cell {
            row: AssessmentId(cell.assessment_id),
            column: LearningOutcomeId(cell.learning_outcome_id),
            weight: cell.weight,
        };
        self.cells.into_iter().map(cell).collect()
    }
}

impl OutcomeProgramCells {
    pub(super) fn into_cells(self) -> Vec<NewCell<LearningOutcomeId, ProgramOutcomeId>> {
        let cell = |cell: OutcomeProgramCell| Cell {
            row: LearningOutcomeId(cell.learning_outcome_id),
            column: ProgramOutcomeId(cell.program_outcome_id),
            weight: cell.weight,
        };
        self.cells.into_iter().map(cell).collect()
    }
}

impl From<measured::AssessmentRow> for AssessmentRow {
    fn from(row: measured::AssessmentRow) -> Self {
        Self {
            id: row.id.0,
            title: row.title,
            assessment_type: row.assessment_type.into(),
            weight: number(row.weight),
            is_active: row.is_active,
        }
    }
}

impl From<measured::OutcomeHead> for OutcomeHead {
    fn from(head: measured::OutcomeHead) -> Self {
        Self {
            id: head.id.0,
            code: head.code,
            title: head.title,
            is_active: head.is_active,
        }
    }
}

impl From<served::ProgramOutcomeHead> for OutcomeHead {
    fn from(head: served::ProgramOutcomeHead) -> Self {
        Self {
            id: head.id.0,
            code: head.code,
            title: head.title,
            is_active: head.is_active,
        }
    }
}

impl From<measured::Matrix> for AssessmentOutcomeMatrix {
    fn from(matrix: measured::Matrix) -> Self {
        let findings = matrix.findings();
        let place = |(row, column): (AssessmentId, LearningOutcomeId)| AssessmentOutcomePlace {
            assessment_id: row.0,
            learning_outcome_id: column.0,
        };
        let cell = |cell: Cell<AssessmentId, LearningOutcomeId>| AssessmentOutcomeCell {
            assessment_id: cell.row.0,
            learning_outcome_id: cell.column.0,
            weight: number(cell.weight),
        };
        Self {
            checks: AssessmentOutcomeChecks {
                unmapped_assessments: findings.unmapped_rows.into_iter().map(|id| id.0).collect(),
                unmapped_learning_outcomes: findings.unmapped_columns.into_iter().map(|id| id.0).collect(),
                zero_weight: findings.zero_weight.into_iter().map(place).collect(),
                weight_total: number(matrix.weight_total()),
            },
            course_id: matrix.course_id.0,
            assessments: matrix.assessments.into_iter().map(Into::into).collect(),
            learning_outcomes: matrix.learning_outcomes.into_iter().map(Into::into).collect(),
            cells: matrix.cells.into_iter().map(cell).collect(),
        }
    }
}

impl From<served::Matrix> for OutcomeProgramMatrix {
    fn from(matrix: served::Matrix) -> Self {
        let findings = matrix.findings();
        let cell = |cell: Cell<LearningOutcomeId, ProgramOutcomeId>| OutcomeProgramCell {
            learning_outcome_id: cell.row.0,
            program_outcome_id: cell.column.0,
            weight: number(cell.weight),
        };
        Self {
            checks: OutcomeProgramChecks {
                unmapped_learning_outcomes: findings.unmapped_rows.into_iter().map(|id| id.0).collect(),
                unmapped_program_outcomes: findings.unmapped_columns.into_iter().map(|id| id.0).collect(),
            },
            course_id: matrix.course_id.0,
            program_id: matrix.program_id.0,
            learning_outcomes: matrix.learning_outcomes.into_iter().map(Into::into).collect(),
            program_outcomes: matrix.program_outcomes.into_iter().map(Into::into).collect(),
            cells: matrix.cells.into_iter().map(cell).collect(),
        }
    }
}
