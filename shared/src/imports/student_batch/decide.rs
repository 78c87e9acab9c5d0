//! What becomes of one row, given what the database knows. Pure.

use super::StudentBatch;
use super::lookup::{Known, Stored};
use crate::ids::{DepartmentId, ProgramId, UserId};
use crate::imports::{Column, Fault, RowError, StudentRow};
use crate::kinds::OnExisting;

/// A student as it shall be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Student {
    pub(super) student_number: String,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) phone: Option<String>,
    pub(super) department_id: Option<DepartmentId>,
    pub(super) program_id: Option<ProgramId>,
    pub(super) year_of_study: Option<i16>,
    pub(super) entry_year: Option<i16>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Create(Student),
    Update {
        id: UserId,
        student: Student,
        /// Whether the program changes, and with it the outcomes to reach.
        moves: bool,
    },
    Unchanged,
    Reject(Vec<RowError>),
}

pub(super) fn decide(batch: &StudentBatch, known: &Known, record: u64, row: &StudentRow) -> Decision {
    let existing = known.by_number.get(&row.student_number);
    let mut errors = Vec::new();
    let owner = known.owner_of_email.get(&row.email);
    if owner.is_some_and(|owner| existing.is_none_or(|student| student.id != *owner)) {
        errors.push(RowError::new(record, Some(Column::Email.name()), &row.email, Fault::InUse));
    }
    let (department_id, program_id) = place(known, record, row, existing, &mut errors);
    if !errors.is_empty() {
        return Decision::Reject(errors);
    }
    let wanted = Student {
        student_number: row.student_number.clone(),
        email: row.email.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        phone: row.phone.clone(),
        department_id,
        program_id,
        year_of_study: row.year_of_study,
        entry_year: row.entry_year,
    };
    match existing {
        None => Decision::Create(wanted),
        Some(_) if batch.on_existing == OnExisting::Skip => Decision::Unchanged,
        Some(stored) => merge(stored, wanted),
    }
}

/// An empty field is no order to delete what is stored.
fn merge(stored: &Stored, wanted: Student) -> Decision {
    let before = Student {
        student_number: stored.student_number.clone(),
        email: stored.email.clone(),
        first_name: stored.first_name.clone(),
        last_name: stored.last_name.clone(),
        phone: stored.phone.clone(),
        department_id: stored.department_id,
        program_id: stored.program_id,
        year_of_study: stored.year_of_study,
        entry_year: stored.entry_year,
    };
    let after = Student {
        phone: wanted.phone.or_else(|| before.phone.clone()),
        year_of_study: wanted.year_of_study.or(before.year_of_study),
        entry_year: wanted.entry_year.or(before.entry_year),
        ..wanted
    };
    if after == before {
        return Decision::Unchanged;
    }
    Decision::Update {
        id: stored.id,
        moves: after.program_id != before.program_id,
        student: after,
    }
}

/// The department and the program that the row leads to; what it does not name stays as it is stored.
fn place(
    known: &Known,
    record: u64,
    row: &StudentRow,
    existing: Option<&Stored>,
    errors: &mut Vec<RowError>,
) -> (Option<DepartmentId>, Option<ProgramId>) {
    let department = row
        .department_code
        .as_ref()
        .map(|code| (code, known.departments.get(code).copied()));
    let program = row.program_code.as_ref().map(|code| (code, known.programs.get(code).copied()));
    if let Some((code, None)) = department {
        errors.push(RowError::new(
            record,
            Some(Column::DepartmentCode.name()),
            code,
            Fault::UnknownDepartment,
        ));
    }
    if let Some((code, None)) = program {
        errors.push(RowError::new(record, Some(Column::ProgramCode.name()), code, Fault::UnknownProgram));
    }
    let named_department = department.and_then(|(_, id)| id);
    let named_program = program.and_then(|(_, found)| found);
    let program_id = named_program.map(|(id, _)| id).or(existing.and_then(|student| student.program_id));
    let home = program_id.and_then(|id| known.department_of_program.get(&id).copied());
    match (named_department, home) {
        (Some(department_id), Some(home)) if department_id != home => {
            let column = if named_program.is_some() {
                Column::ProgramCode
            } else {
                Column::DepartmentCode
            };
            let value = if named_program.is_some() {
                row.program_code.as_deref()
            } else {
                row.department_code.as_deref()
            };
            errors.push(RowError::new(
                record,
                Some(column.name()),
                value.unwrap_or_default(),
                Fault::ProgramNotInDepartment,
            ));
            (None, None)
        }
        (department_id, home) => (
            home.or(department_id).or(existing.and_then(|student| student.department_id)),
            program_id,
        ),
    }
}
