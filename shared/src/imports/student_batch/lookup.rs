//! What the database knows about the rows of a batch, read in four statements.

use super::StudentBatch;
use crate::db::sql;
use crate::ids::{DepartmentId, ProgramId, UserId};
use crate::imports::StudentRow;
use crate::kinds::OnExisting;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use std::collections::HashMap;

/// A student as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Stored {
    pub(super) id: UserId,
    pub(super) student_number: String,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) phone: Option<String>,
    pub(super) department_id: Option<DepartmentId>,
    pub(super) program_id: Option<ProgramId>,
    pub(super) year_of_study: Option<i16>,
    pub(super) entry_year: Option<i16>,
    /// No password was chosen yet.
    pub(super) waits: bool,
}

#[derive(FromQueryResult)]
struct Owner {
    id: UserId,
    email: String,
}

#[derive(FromQueryResult)]
struct DepartmentCode {
    id: DepartmentId,
    code: String,
}

#[derive(FromQueryResult)]
struct ProgramCode {
    id: ProgramId,
    code: String,
    department_id: DepartmentId,
}

/// Everything that a decision needs.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) by_number: HashMap<String, Stored>,
    /// Whose an address is, in any institution.
    pub(super) owner_of_email: HashMap<String, UserId>,
    pub(super) departments: HashMap<String, DepartmentId>,
    pub(super) programs: HashMap<String, ProgramId>,
    pub(super) department_of_program: HashMap<ProgramId, DepartmentId>,
}

const STUDENTS: &str = "
    SELECT id, student_number, email, first_name, last_name, phone, department_id, program_id, year_of_study, entry_year,
        credential_nonce IS NOT NULL AS waits
    FROM users WHERE institution_id = $1 AND student_number = ANY($2)";

impl Known {
    /// Students that may be brought up to date are locked, in the order of their ids: what is merged with the row is what
    /// will be overwritten, and two imports lock in one order.
    pub(super) async fn load(tx: &impl ConnectionTrait, batch: &StudentBatch, rows: &[&(u64, StudentRow)]) -> Result<Self, DbErr> {
        let numbers: Vec<String> = rows.iter().map(|(_, row)| row.student_number.clone()).collect();
        let emails: Vec<String> = rows.iter().map(|(_, row)| row.email.clone()).collect();
        let institution_id = batch.institution_id;
        let students = match batch.on_existing {
            OnExisting::Skip => STUDENTS.to_owned(),
            OnExisting::Update => format!("{STUDENTS} ORDER BY id FOR NO KEY UPDATE"),
        };
        // Before the students: whoever is created between the two statements is found as a student without an address in use,
        // and not as a stranger who has the address of the row.
        let owners = Owner::find_by_statement(sql("SELECT id, email FROM users WHERE email = ANY($1)", [emails.into()]))
            .all(tx)
            .await?;
        let stored = Stored::find_by_statement(sql(&students, [institution_id.into(), numbers.into()]))
            .all(tx)
            .await?;
        let departments = "SELECT id, code FROM departments WHERE institution_id = $1";
        let departments = DepartmentCode::find_by_statement(sql(departments, [institution_id.into()]))
            .all(tx)
            .await?;
        let programs = "SELECT id, code, department_id FROM programs WHERE institution_id = $1";
        let programs = ProgramCode::find_by_statement(sql(programs, [institution_id.into()]))
            .all(tx)
            .await?;
        Ok(Self {
            by_number: stored
                .into_iter()
                .map(|student| (student.student_number.clone(), student))
                .collect(),
            owner_of_email: owners.into_iter().map(|owner| (owner.email, owner.id)).collect(),
            departments: departments.into_iter().map(|department| (department.code, department.id)).collect(),
            department_of_program: programs.iter().map(|program| (program.id, program.department_id)).collect(),
            programs: programs.into_iter().map(|program| (program.code, program.id)).collect(),
        })
    }
}
