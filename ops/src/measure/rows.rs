//! The same students twice: as the CSV file of an import, and as the rows of PostgreSQL's `COPY`.

use super::people::Person;
use crate::failure::{Failure, Result};
use std::fmt::Write;

/// Code of the department that the students belong to.
pub(crate) const DEPARTMENT: &str = "CENG";

/// Code of their program.
pub(crate) const PROGRAM: &str = "CENG-BSC";

/// What `COPY` writes: the columns that an import fills, too.
pub(crate) const COPY: &str = "COPY users (institution_id, role, email, first_name, last_name, student_number, department_id, \
    program_id, year_of_study, entry_year, credential_nonce, credential_expires_at, created_by) FROM STDIN";

/// The ids that an import finds by code, and `COPY` must be given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    /// The institution.
    pub(crate) institution_id: i64,
    /// Its administrator, who creates the students.
    pub(crate) admin_id: i64,
    /// The department.
    pub(crate) department_id: i64,
    /// The program.
    pub(crate) program_id: i64,
}

/// The file that the administrator uploads.
///
/// # Errors
/// When it cannot be written, which memory never refuses.
pub(crate) fn import_file(people: &[Person]) -> Result<Vec<u8>> {
    write_import(people).map_err(|error| Failure::Stopped(format!("the students cannot be written as CSV: {error}")))
}

fn write_import(people: &[Person]) -> csv::Result<Vec<u8>> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record([
        "student_number",
        "email",
        "first_name",
        "last_name",
        "department_code",
        "program_code",
        "year_of_study",
        "entry_year",
    ])?;
    for person in people {
        let (study, entry) = (person.year_of_study.to_string(), person.entry_year.to_string());
        let Person {
            number,
            email,
            first_name,
            last_name,
            ..
        } = person;
        rows.write_record([number, email, first_name, *last_name, DEPARTMENT, PROGRAM, &study, &entry])?;
    }
    rows.into_inner().map_err(|error| error.into_error().into())
}

/// The text format of `COPY`, with a credential of its own for everybody, as an import makes it.
pub(crate) fn copy_text(people: &[Person], owner: Owner) -> String {
    let mut text = String::with_capacity(people.len() * 200);
    for person in people {
        let (institution, department, program, admin) = (owner.institution_id, owner.department_id, owner.program_id, owner.admin_id);
        let nonce = rand::random::<u128>();
        // Writing into a string never fails.
        let _ = writeln!(
            text,
            "{institution}\tstudent\t{}\t{}\t{}\t{}\t{department}\t{program}\t{}\t{}\t\\\\x{nonce:032x}\t2099-01-01\t{admin}",
            person.email, person.first_name, person.last_name, person.number, person.year_of_study, person.entry_year
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::people::people;
    use super::*;

    const OWNER: Owner = Owner {
        institution_id: 1,
        admin_id: 2,
        department_id: 3,
        program_id: 4,
    };

    #[test]
    fn both_forms_hold_the_same_students() {
        let people = people(100, "x.example.org");
        let file = import_file(&people).unwrap();
        let copied = copy_text(&people, OWNER);
        let mut rows = csv::Reader::from_reader(file.as_slice());
        assert_eq!(copied.lines().count(), 100);
        for (row, line) in rows.records().zip(copied.lines()) {
            let row = row.unwrap();
            let cells: Vec<_> = line.split('\t').collect();
            assert_eq!(
                [&row[1], &row[2], &row[3], &row[0], &row[6], &row[7]],
                [cells[2], cells[3], cells[4], cells[5], cells[8], cells[9]]
            );
        }
    }

    #[test]
    fn a_copied_row_has_a_cell_for_each_column() {
        let columns = COPY.split(['(', ')']).nth(1).unwrap().split(',').count();
        let text = copy_text(&people(1, "x.example.org"), OWNER);
        let cells: Vec<_> = text.trim_end().split('\t').collect();
        assert_eq!(cells.len(), columns);
        assert!(cells[10].starts_with(r"\\x") && cells[10].len() == 35, "{text}");
    }

    #[test]
    fn a_hundred_thousand_students_fit_into_one_request() {
        let size = import_file(&people(100_000, "x20261123024510123.example.org")).unwrap().len();
        assert!(size < 10_000_000, "{size} bytes");
    }
}
