//! Who the signed-in user is, as it is told about itself.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use crate::kinds::{Locale, Role};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A user's own data; the fields of a student are `None` for everybody else.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Profile {
    /// The user.
    pub id: UserId,
    /// What it is.
    pub role: Role,
    /// Where it belongs; `None` for the super admin.
    pub institution_id: Option<InstitutionId>,
    /// Name of the institution.
    pub institution_name: Option<String>,
    /// Language of the institution.
    pub locale: Option<Locale>,
    /// Address, in lower case.
    pub email: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Department of a teacher or student.
    pub department_id: Option<DepartmentId>,
    /// Number within the institution.
    pub student_number: Option<String>,
    /// Program of study.
    pub program_id: Option<ProgramId>,
    /// 1 to 6.
    pub year_of_study: Option<i16>,
    /// Calendar year.
    pub entry_year: Option<i16>,
    /// A temporary password waits to be changed.
    pub must_change_password: bool,
    /// The last sign-in with a password.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// The actor's own profile.
///
/// # Errors
/// `NotFound` when the user was deleted meanwhile.
pub async fn me(db: &impl ConnectionTrait, actor: &Actor) -> Result<Profile> {
    find(db, actor.user_id).await
}

pub(super) async fn find(db: &impl ConnectionTrait, user_id: UserId) -> Result<Profile> {
    let select = "
        SELECT u.id, u.role, u.institution_id, i.name AS institution_name, i.locale, u.email, u.first_name, u.last_name, u.phone,
               u.department_id, u.student_number, u.program_id, u.year_of_study, u.entry_year,
               u.credential_nonce IS NOT NULL AS must_change_password, u.last_sign_in_at, u.created_at
        FROM users u LEFT JOIN institutions i ON i.id = u.institution_id WHERE u.id = $1";
    let row = db.query_one_raw(sql(select, [user_id.into()])).await?;
    let row = row.ok_or(Error::NotFound("user"))?;
    Ok(Profile::from_query_result(&row, "")?)
}
