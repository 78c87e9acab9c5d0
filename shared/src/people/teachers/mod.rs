//! Teachers, managed by the administrators of their institution: making, finding, changing, deleting.

mod delete;
mod read;
mod update;

pub use delete::delete;
pub use read::{TeacherFilter, find, list};
pub use update::{TeacherPatch, update};

use super::accounts::{self, Account, NewPerson, Studies};
use super::placement;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::Work;
use crate::error::Result;
use crate::ids::{DepartmentId, UserId};
use crate::kinds::Role;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

/// A teacher to be made.
#[derive(Clone, Debug)]
pub struct NewTeacher {
    /// Who it is.
    pub person: NewPerson,
    /// Its department.
    pub department_id: Option<DepartmentId>,
}

/// A teacher as administrators see it.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Teacher {
    /// The user.
    pub id: UserId,
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

/// Makes a teacher and the order of the welcome mail; administrators only.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when the address is taken.
pub async fn create(work: &mut Work, actor: &Actor, settings: &IdentitySettings, order: NewTeacher) -> Result<Teacher> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    let person = order.person.check(&mut checks, "");
    let department_id = placement::resolve(work.tx(), &mut checks, institution_id, order.department_id, None).await?;
    checks.finish()?;
    let account = Account {
        institution_id,
        role: Role::Teacher,
        person,
        department_id,
        studies: Studies::default(),
    };
    let id = accounts::create(work, actor, settings, account).await?;
    activity::record(work, actor, Deed::new("teacher.created", "user", id.0)).await?;
    read::by_id(work.tx(), institution_id, id).await
}
