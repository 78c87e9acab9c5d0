//! Measures how fast students are imported, beside PostgreSQL's own `COPY` of the same rows into the same table, and how
//! much memory the worker takes for it.
//!
//! Each round has an institution of its own, which stays; what `COPY` wrote is taken back.

mod baseline;
mod memory;
pub(crate) mod people;
mod report;
pub(crate) mod rows;

use crate::api::documents::Created;
use crate::failure::Result;
use crate::student_import;
use crate::tenant::{Platform, Tenant};
use report::Round;
use rows::{DEPARTMENT, Owner, PROGRAM};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Students of one round.
    pub(crate) records: usize,
    /// Rounds; the middle one counts.
    pub(crate) rounds: usize,
    /// The worker.
    pub(crate) worker_pid: u32,
}

/// Measures and prints; whether nothing was lost.
///
/// # Errors
/// When API, worker or database are away or refuse, or an import loses a record.
pub(crate) async fn run(plan: Plan, database_url: &str, accounts: &Path, mail_dir: &Path) -> Result<()> {
    memory::peak(plan.worker_pid)?;
    let platform = Platform::open(accounts, mail_dir).await?;
    let mut rounds = Vec::with_capacity(plan.rounds);
    for number in 1..=plan.rounds {
        eprintln!("round {number} of {}", plan.rounds);
        rounds.push(round(&platform, plan, database_url).await?);
    }
    print!("{}", report::measured(plan.records, &rounds, memory::peak(plan.worker_pid)?));
    Ok(())
}

async fn round(platform: &Platform, plan: Plan, database_url: &str) -> Result<Round> {
    let tenant = platform.new_tenant("Import measurement").await?;
    let owner = owner(&tenant).await?;
    let people = people::people(plan.records, &tenant.domain);
    let file = rows::import_file(&people)?;
    let copy = baseline::copy(database_url, &people, owner).await?;
    let began = Instant::now();
    student_import::run(&tenant.api, file, plan.records).await?;
    Ok(Round {
        copy,
        import: began.elapsed(),
    })
}

/// Makes department and program of the students.
///
/// # Errors
/// When the API is away or refuses.
pub(crate) async fn owner(tenant: &Tenant) -> Result<Owner> {
    let department = json!({"code": DEPARTMENT, "name": "Computer Engineering"});
    let department: Created = tenant.api.post("/departments", &department).await?;
    let program = json!({"department_id": department.id, "code": PROGRAM, "name": "BSc Computer Engineering"});
    let program: Created = tenant.api.post("/programs", &program).await?;
    Ok(Owner {
        institution_id: tenant.institution_id,
        admin_id: tenant.admin_id,
        department_id: department.id,
        program_id: program.id,
    })
}
