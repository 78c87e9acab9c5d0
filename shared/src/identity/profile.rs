//! Who the signed-in user is, as it is told about itself, and what of that it may change.
//!
//! The change is narrow on purpose, names, telephone and which mails it wants: address, role, number, place and activity are the administrators' affair (`people`).

use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Work, sql};
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use crate::kinds::{Locale, Role};
use crate::mail::suppressions::MAIL_STATE;
use crate::validation::{Checks, NAME_LIMIT};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

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
    /// Whether there is a profile picture.
    pub has_picture: bool,
    /// The last sign-in with a password.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Whether it wants a mail about new grades.
    pub mail_grades: bool,
    /// What a mail server said when it refused the address for good; nothing is sent there then.
    pub mail_failure: Option<String>,
    /// Since when nothing is sent to the address.
    pub mail_suppressed_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Raised by each change of the account; a sign-in is none.
    pub version: i32,
}

/// What a user may change of itself: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct ProfilePatch {
    /// Given names, 1 to 150 characters.
    pub first_name: Option<String>,
    /// Family name, 1 to 150 characters.
    pub last_name: Option<String>,
    /// Telephone, at most 20 characters.
    pub phone: Option<Option<String>>,
    /// Whether it wants a mail about new grades; for students.
    pub mail_grades: Option<bool>,
}

/// The actor's own profile.
///
/// # Errors
/// `NotFound` when the user was deleted meanwhile.
pub async fn me(db: &impl ConnectionTrait, actor: &Actor) -> Result<Profile> {
    find(db, actor.user_id).await
}

/// Changes the actor's own profile, and of its row nothing else. A change that changes nothing writes nothing.
///
/// # Errors
/// `Invalid`, naming every fault; `Outdated`; `NotFound` when the user was deleted meanwhile.
pub async fn update(work: &Work, actor: &Actor, expected: &Expected, patch: ProfilePatch) -> Result<Profile> {
    let before = read(work.tx(), actor.user_id, "FOR NO KEY UPDATE OF u").await?;
    expected.check(before.version)?;
    let mut checks = Checks::default();
    let mut after = before.clone();
    if let Some(name) = &patch.first_name {
        after.first_name = checks.text("first_name", name, NAME_LIMIT);
    }
    if let Some(name) = &patch.last_name {
        after.last_name = checks.text("last_name", name, NAME_LIMIT);
    }
    if let Some(phone) = &patch.phone {
        after.phone = checks.phone("phone", phone.as_deref());
    }
    if let Some(wanted) = patch.mail_grades {
        if wanted && before.role != Role::Student {
            checks.fault("mail_grades", "students_only", "is for students, who are graded");
        }
        after.mail_grades = wanted;
    }
    checks.finish()?;
    let changed: Vec<&str> = [
        ("first_name", before.first_name != after.first_name),
        ("last_name", before.last_name != after.last_name),
        ("phone", before.phone != after.phone),
        ("mail_grades", before.mail_grades != after.mail_grades),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect();
    if changed.is_empty() {
        return Ok(before);
    }
    let update = "UPDATE users SET first_name = $2, last_name = $3, phone = $4, mail_grades = $5 WHERE id = $1";
    let values = [
        actor.user_id.into(),
        after.first_name.into(),
        after.last_name.into(),
        after.phone.into(),
        after.mail_grades.into(),
    ];
    work.tx().execute_raw(sql(update, values)).await?;
    let deed = Deed::new("user.profile_updated", "user", actor.user_id.0).with(json!({ "changed": changed }));
    activity::record(work, actor, deed).await?;
    find(work.tx(), actor.user_id).await
}

pub(super) async fn find(db: &impl ConnectionTrait, user_id: UserId) -> Result<Profile> {
    read(db, user_id, "").await
}

async fn read(db: &impl ConnectionTrait, user_id: UserId, lock: &str) -> Result<Profile> {
    let select = "
        SELECT u.id, u.role, u.institution_id, i.name AS institution_name, i.locale, u.email, u.first_name, u.last_name, u.phone,
               u.department_id, u.student_number, u.program_id, u.year_of_study, u.entry_year,
               u.credential_nonce IS NOT NULL AS must_change_password, u.picture_upload_id IS NOT NULL AS has_picture,
               u.last_sign_in_at, u.mail_grades, u.created_at, u.version";
    let statement =
        format!("{select}, {MAIL_STATE} FROM users u LEFT JOIN institutions i ON i.id = u.institution_id WHERE u.id = $1 {lock}");
    let row = db.query_one_raw(sql(&statement, [user_id.into()])).await?;
    let row = row.ok_or(Error::NotFound("user"))?;
    Ok(Profile::from_query_result(&row, "")?)
}
