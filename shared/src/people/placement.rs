//! Where in the institution a person belongs: a department, and for students a program of it.

use crate::db::sql;
use crate::error::Result;
use crate::ids::{DepartmentId, InstitutionId, ProgramId};
use crate::validation::Checks;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// The department: the given one, or that of the program. Names an unknown one, and a program of another department, as
/// a fault. Both are looked for in the institution only.
pub(super) async fn resolve(
    db: &impl ConnectionTrait,
    checks: &mut Checks,
    institution_id: InstitutionId,
    department_id: Option<DepartmentId>,
    program_id: Option<ProgramId>,
) -> Result<Option<DepartmentId>> {
    #[derive(FromQueryResult)]
    struct Found {
        department: Option<DepartmentId>,
        of_program: Option<DepartmentId>,
    }
    if department_id.is_none() && program_id.is_none() {
        return Ok(None);
    }
    let select = "
        SELECT (SELECT id FROM departments WHERE institution_id = $1 AND id = $2) AS department,
               (SELECT department_id FROM programs WHERE institution_id = $1 AND id = $3) AS of_program";
    let found = Found::find_by_statement(sql(select, [institution_id.into(), department_id.into(), program_id.into()]))
        .one(db)
        .await?;
    let (department, of_program) = found.map_or((None, None), |found| (found.department, found.of_program));
    if department_id.is_some() && department.is_none() {
        checks.fault("department_id", "unknown_department", "names no department of the institution");
    }
    if program_id.is_some() && of_program.is_none() {
        checks.fault("program_id", "unknown_program", "names no program of the institution");
    }
    if let (Some(department), Some(of_program)) = (department, of_program)
        && department != of_program
    {
        checks.fault("program_id", "program_not_in_department", "does not belong to the department");
    }
    Ok(department_id.or(of_program))
}
