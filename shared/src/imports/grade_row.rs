//! One record of a file of grades to a student and its marks, or to everything that is wrong with it.
//!
//! Not for what only the database knows: who is enrolled, and the maximum of an assessment.

use super::grade_columns::{ASSESSMENT, Catalogue, FEEDBACK, Found, SCORE, STUDENT_NUMBER};
use super::grade_fault::GradeFault;
use super::grade_header::{GradeHeader, MappedColumn, MarkColumn, Marks};
use super::grade_mark::{self, Mark};
use super::keys::UsedKeys;
use super::records::Record;
use super::row_error::{Allowed, Fault, RowError, presentable};
use super::student_row::{STUDENT_NUMBER_LENGTH, fault_of_shape, is_mangled, is_of_student_number, tidy};
use crate::exports::restore;
use crate::grading::cells::FEEDBACK_LIMIT;
use crate::ids::AssessmentId;
use std::sync::Arc;

/// A student and marks, as a record states them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeRow {
    /// 1 to 20 letters, digits, `-`, `_`, `.` and `/`; leading zeros are kept.
    pub student_number: String,
    /// The marks of cells that are not blank, each assessment at most once.
    pub cells: Vec<GradeCell>,
}

/// A cell that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeCell {
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// What it says.
    pub mark: Mark,
    /// Words for the student, up to 5000 characters; `None`: those that are there stay.
    pub feedback: Option<String>,
    /// The name of its column in the file, for errors.
    pub column: Arc<str>,
    /// The value as the file has it, at most 200 characters, for errors.
    pub value: String,
}

/// What a record is checked against.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) header: &'a GradeHeader,
    pub(super) catalogue: &'a Catalogue,
    pub(super) max_bytes: usize,
}

/// Checks a record and notes in `keys` what it is about: in the wide layout the student, in the long one the cell.
///
/// Keys are noted whether the record is accepted or not, so the verdict on a later record depends on the file alone.
pub(super) fn check(record: &Record<'_>, context: Context<'_>, keys: &mut UsedKeys) -> Result<GradeRow, Vec<RowError>> {
    if let Some(fault) = fault_of_shape(record, context.header.width, context.max_bytes) {
        return Err(vec![RowError::new(record.number, None, &record.excerpt(), fault)]);
    }
    let mut fields = Fields {
        record,
        errors: Vec::new(),
    };
    let student_number = fields.student_number(context.header.student_number);
    let cells = match &context.header.marks {
        Marks::Wide(columns) => {
            fields.refuse_second(student_number.as_deref(), context.header.student_number, keys);
            columns.iter().filter_map(|column| fields.wide_cell(column)).collect()
        }
        Marks::Long {
            assessment,
            score,
            feedback,
        } => {
            let assessment_id = fields.assessment(*assessment, context.catalogue);
            fields.refuse_same_cell(student_number.as_deref(), assessment_id, *assessment, keys);
            fields.long_cell(assessment_id, *score, *feedback).into_iter().collect()
        }
    };
    fields.refuse_nameless(&context.header.nameless);
    match student_number {
        Some(student_number) if fields.errors.is_empty() => Ok(GradeRow { student_number, cells }),
        _ => Err(fields.errors),
    }
}

/// The fields of a record under check and what was found wrong with them so far.
struct Fields<'a> {
    record: &'a Record<'a>,
    errors: Vec<RowError>,
}

impl Fields<'_> {
    fn raw(&self, index: usize) -> &str {
        self.record.field(index).unwrap_or_default()
    }

    /// The tidy text of a field, as it was before an export made it harmless; empty when there is none.
    fn text(&self, index: usize) -> String {
        let tidied = tidy(self.raw(index));
        tidy(restore(&tidied)).into_owned()
    }

    /// Notes a fault with the value as the file has it.
    fn refuse(&mut self, column: &'static str, index: usize, fault: impl Into<Fault>) {
        let error = RowError::new(self.record.number, Some(column), self.raw(index), fault.into());
        self.errors.push(error);
    }

    fn student_number(&mut self, index: usize) -> Option<String> {
        let number = self.text(index);
        let fault = if number.is_empty() {
            Fault::EmptyRequired
        } else if is_mangled(&number) {
            Fault::NumberMangled
        } else if number.chars().count() > STUDENT_NUMBER_LENGTH {
            Fault::TooLong {
                max: STUDENT_NUMBER_LENGTH,
            }
        } else if number.chars().all(is_of_student_number) {
            return Some(number);
        } else {
            Fault::InvalidCharacters(Allowed::StudentNumber)
        };
        self.refuse(STUDENT_NUMBER, index, fault);
        None
    }

    fn refuse_second(&mut self, number: Option<&str>, index: usize, keys: &mut UsedKeys) {
        if let Some(first) = number.and_then(|number| keys.number(number, self.record.number)) {
            self.refuse(STUDENT_NUMBER, index, Fault::DuplicateInFile { first });
        }
    }

    fn wide_cell(&mut self, column: &MarkColumn) -> Option<GradeCell> {
        let raw = self.raw(column.index);
        match grade_mark::read(&tidy(raw)) {
            Ok(mark) => Some(GradeCell {
                assessment_id: column.mapped.assessment_id,
                mark: mark?,
                feedback: None,
                column: Arc::clone(&column.mapped.column),
                value: presentable(raw),
            }),
            Err(fault) => {
                let error = RowError::in_column(self.record.number, &column.mapped.column, raw, fault.into());
                self.errors.push(error);
                None
            }
        }
    }

    fn assessment(&mut self, index: usize, catalogue: &Catalogue) -> Option<AssessmentId> {
        let name = self.text(index);
        let fault = match catalogue.find(&name) {
            Found::One(id) => return Some(id),
            _ if name.is_empty() => Fault::EmptyRequired,
            Found::Several => GradeFault::AmbiguousAssessment.into(),
            Found::None => GradeFault::UnknownAssessment.into(),
        };
        self.refuse(ASSESSMENT, index, fault);
        None
    }

    fn refuse_same_cell(&mut self, number: Option<&str>, assessment_id: Option<AssessmentId>, index: usize, keys: &mut UsedKeys) {
        let (Some(number), Some(assessment_id)) = (number, assessment_id) else {
            return;
        };
        // No student number has a blank.
        if let Some(first) = keys.number(&format!("{number} {assessment_id}"), self.record.number) {
            self.refuse(ASSESSMENT, index, GradeFault::DuplicateCell { first });
        }
    }

    fn long_cell(&mut self, assessment_id: Option<AssessmentId>, score: usize, feedback: Option<usize>) -> Option<GradeCell> {
        let words = feedback.and_then(|index| self.feedback(index));
        let mark = match grade_mark::read(&tidy(self.raw(score))) {
            Ok(mark) => mark,
            Err(fault) => {
                self.refuse(SCORE, score, fault);
                return None;
            }
        };
        if let (None, Some(_), Some(index)) = (mark, &words, feedback) {
            self.refuse(FEEDBACK, index, GradeFault::FeedbackWithoutMark);
        }
        Some(GradeCell {
            assessment_id: assessment_id?,
            mark: mark?,
            feedback: words,
            column: SCORE.into(),
            value: presentable(self.raw(score)),
        })
    }

    fn feedback(&mut self, index: usize) -> Option<String> {
        let words = self.text(index);
        let is_allowed = |character: char| matches!(character, '\n' | '\r' | '\t') || super::student_row::is_intact(character);
        if words.chars().count() > FEEDBACK_LIMIT {
            self.refuse(FEEDBACK, index, Fault::TooLong { max: FEEDBACK_LIMIT });
        } else if !words.chars().all(is_allowed) {
            self.refuse(FEEDBACK, index, Fault::InvalidCharacters(Allowed::Text));
        }
        (!words.is_empty()).then_some(words)
    }

    /// A mark in a column without a name would be lost in silence.
    fn refuse_nameless(&mut self, nameless: &[usize]) {
        for index in nameless {
            let value = self.raw(*index);
            if !value.trim().is_empty() {
                let error = RowError::new(self.record.number, None, value, GradeFault::NamelessColumn.into());
                self.errors.push(error);
            }
        }
    }
}

impl MappedColumn {
    /// The column as an import keeps it.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "column": &*self.column, "assessment_id": self.assessment_id })
    }
}
