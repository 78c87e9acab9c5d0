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

/// A stored student as it shall be from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) id: UserId,
    pub(super) student: Student,
    /// Whether the program changes, and with it the outcomes to reach.
    pub(super) moves: bool,
    /// Whether the address changes before a password was chosen: what was mailed to the old one must end.
    pub(super) readdressed: bool,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Create(Student),
    Update(Change),
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
    // A student that is left alone need not agree with the record; the record need only agree with itself.
    let merged_with = existing.filter(|_| batch.on_existing == OnExisting::Update);
    let (department_id, program_id) = place(known, record, row, merged_with, &mut errors);
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
        Some(stored) => match batch.on_existing {
            OnExisting::Skip => Decision::Unchanged,
            OnExisting::Update => merge(stored, wanted),
        },
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
    Decision::Update(Change {
        id: stored.id,
        moves: after.program_id != before.program_id,
        readdressed: stored.waits && after.email != before.email,
        student: after,
    })
}

/// The department and the program that the row leads to; what it does not name stays as it is stored.
fn place(
    known: &Known,
    record: u64,
    row: &StudentRow,
    stored: Option<&Stored>,
    errors: &mut Vec<RowError>,
) -> (Option<DepartmentId>, Option<ProgramId>) {
    let mut refuse = |column: Column, value: &str, fault| errors.push(RowError::new(record, Some(column.name()), value, fault));
    let mut unknown = false;
    let department = row.department_code.as_deref().and_then(|code| {
        let found = known.departments.get(code).copied();
        if found.is_none() {
            unknown = true;
            refuse(Column::DepartmentCode, code, Fault::UnknownDepartment);
        }
        found
    });
    let program = row.program_code.as_deref().and_then(|code| {
        let found = known.programs.get(code).copied();
        if found.is_none() {
            unknown = true;
            refuse(Column::ProgramCode, code, Fault::UnknownProgram);
        }
        found
    });
    // What does not exist contradicts nothing.
    if unknown {
        return (None, None);
    }
    let program_id = program.or(stored.and_then(|student| student.program_id));
    let home = program_id.and_then(|id| known.department_of_program.get(&id).copied());
    if let (Some(department), Some(home)) = (department, home)
        && department != home
    {
        // Without a program in the row it is the department that does not go with the stored program.
        let (column, code) = match &row.program_code {
            Some(code) => (Column::ProgramCode, Some(code)),
            None => (Column::DepartmentCode, row.department_code.as_ref()),
        };
        refuse(column, code.map_or("", String::as_str), Fault::ProgramNotInDepartment);
        return (None, None);
    }
    let department_id = home.or(department).or(stored.and_then(|student| student.department_id));
    (department_id, program_id)
}
