//! What the database knows about the rows of a batch, read in four statements.

use crate::db::sql;
use crate::error::Result;
use crate::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use crate::imports::StudentRow;
use sea_orm::{ConnectionTrait, FromQueryResult};
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
    pub(super) owner_of_email: HashMap<String, UserId>,
    pub(super) departments: HashMap<String, DepartmentId>,
    pub(super) programs: HashMap<String, (ProgramId, DepartmentId)>,
    pub(super) department_of_program: HashMap<ProgramId, DepartmentId>,
}

impl Known {
    pub(super) async fn load(tx: &impl ConnectionTrait, institution_id: InstitutionId, rows: &[&(u64, StudentRow)]) -> Result<Self> {
        let numbers: Vec<String> = rows.iter().map(|(_, row)| row.student_number.clone()).collect();
        let emails: Vec<String> = rows.iter().map(|(_, row)| row.email.clone()).collect();
        let students = "
            SELECT id, student_number, email, first_name, last_name, phone, department_id, program_id, year_of_study, entry_year
            FROM users WHERE institution_id = $1 AND student_number = ANY($2)";
        let stored = Stored::find_by_statement(sql(students, [institution_id.into(), numbers.into()]))
            .all(tx)
            .await?;
        let owners = Owner::find_by_statement(sql("SELECT id, email FROM users WHERE email = ANY($1)", [emails.into()]))
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
            programs: programs
                .into_iter()
                .map(|program| (program.code, (program.id, program.department_id)))
                .collect(),
        })
    }
}
