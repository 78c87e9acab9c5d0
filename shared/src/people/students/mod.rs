//! Students, one by one: making, finding, listing, changing and deleting them. Files full of them are an import's.

mod delete;
mod read;
mod update;

pub use delete::delete;
pub use read::{StudentFilter, find, list};
pub use update::{StudentPatch, update};

use super::accounts::{self, Account, NewPerson, Studies};
use super::placement;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::Work;
use crate::error::Result;
use crate::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use crate::kinds::Role;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// What a student's record says, as a caller writes it.
#[derive(Clone, Debug)]
pub struct NewStudent {
    /// Unique within the institution; 1 to 20 letters, digits, `-`, `_`, `.` and `/`.
    pub student_number: String,
    /// Who it is.
    pub person: NewPerson,
    /// Its department; that of the program when absent.
    pub department_id: Option<DepartmentId>,
    /// Its program of study, one of the department.
    pub program_id: Option<ProgramId>,
    /// 1 to 6.
    pub year_of_study: Option<i16>,
    /// 1950 to 2100.
    pub entry_year: Option<i16>,
}

/// A student as staff and the student itself see it.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Student {
    /// The user.
    pub id: UserId,
    /// Unique within the institution.
    pub student_number: String,
    /// Address, in lower case.
    pub email: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Its program of study.
    pub program_id: Option<ProgramId>,
    /// 1 to 6.
    pub year_of_study: Option<i16>,
    /// Calendar year.
    pub entry_year: Option<i16>,
    /// Whether it may sign in.
    pub is_active: bool,
    /// The last sign-in with a password.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// What a mail server said when it refused the address for good; nothing is sent there then.
    pub mail_failure: Option<String>,
    /// Since when nothing is sent to the address.
    pub mail_suppressed_at: Option<DateTime<Utc>>,
    /// Raised by each change of the account, a sign-in included.
    pub version: i32,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes a student and the order of the welcome mail; administrators only.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when the address or the number is taken.
pub async fn create(work: &mut Work, actor: &Actor, settings: &IdentitySettings, order: NewStudent) -> Result<Student> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    let order = check(work.tx(), &mut checks, institution_id, order).await?;
    checks.finish()?;
    let account = Account {
        institution_id,
        role: Role::Student,
        person: order.person,
        department_id: order.department_id,
        studies: Studies {
            student_number: Some(order.student_number),
            program_id: order.program_id,
            year_of_study: order.year_of_study,
            entry_year: order.entry_year,
        },
    };
    let id = accounts::create(work, actor, settings, account).await?;
    activity::record(work, actor, Deed::new("student.created", "user", id.0)).await?;
    read::by_id(work.tx(), institution_id, id).await
}

/// The record tidied and with its department.
async fn check(db: &impl ConnectionTrait, checks: &mut Checks, institution_id: InstitutionId, order: NewStudent) -> Result<NewStudent> {
    Ok(NewStudent {
        student_number: checks.student_number("student_number", &order.student_number),
        person: order.person.check(checks, ""),
        year_of_study: order.year_of_study.map(|year| checks.range("year_of_study", year, 1, 6)),
        entry_year: order.entry_year.map(|year| checks.range("entry_year", year, 1950, 2100)),
        department_id: placement::resolve(db, checks, institution_id, order.department_id, order.program_id).await?,
        program_id: order.program_id,
    })
}
