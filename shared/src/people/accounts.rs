//! What every new account has in common: a person, a credential nonce with its expiry, and a welcome mail.
//!
//! Accounts of one institution only; the super admin's is made by `identity::superuser`.

use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::identity::{CredentialNonce, reset_access, session};
use crate::ids::{DepartmentId, InstitutionId, JobId, ProgramId, UserId};
use crate::jobs::{Job, Order, enqueue};
use crate::kinds::Role;
use crate::validation::{Checks, NAME_LIMIT};
use sea_orm::ConnectionTrait;

/// A person as a caller describes it.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Address to sign in with; the welcome mail goes there.
    pub email: String,
    /// Given names, 1 to 150 characters.
    pub first_name: String,
    /// Family name, 1 to 150 characters.
    pub last_name: String,
    /// Telephone, at most 20 characters.
    pub phone: Option<String>,
}

impl NewPerson {
    /// The same person tidied; faults are named `prefix` and the field.
    pub(crate) fn check(&self, checks: &mut Checks, prefix: &str) -> Self {
        let field = |name: &str| format!("{prefix}{name}");
        Self {
            email: checks.email(&field("email"), &self.email),
            first_name: checks.text(&field("first_name"), &self.first_name, NAME_LIMIT),
            last_name: checks.text(&field("last_name"), &self.last_name, NAME_LIMIT),
            phone: checks.phone(&field("phone"), self.phone.as_deref()),
        }
    }
}

/// What only a student has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Studies {
    pub(crate) student_number: Option<String>,
    pub(crate) program_id: Option<ProgramId>,
    pub(crate) year_of_study: Option<i16>,
    pub(crate) entry_year: Option<i16>,
}

/// A checked account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) institution_id: InstitutionId,
    pub(crate) role: Role,
    pub(crate) person: NewPerson,
    pub(crate) department_id: Option<DepartmentId>,
    pub(crate) studies: Studies,
}

/// Makes the account and asks for its welcome mail.
///
/// # Errors
/// `Conflict` when the address or the student number is taken.
pub(crate) async fn create(work: &mut Work, actor: &Actor, settings: &IdentitySettings, account: Account) -> Result<UserId> {
    let Account {
        institution_id,
        role,
        person,
        department_id,
        studies,
    } = account;
    let insert = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, phone, department_id, student_number, program_id,
                           year_of_study, entry_year, created_by, credential_nonce, credential_expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, now() + make_interval(secs => $14))
        RETURNING id";
    let values = [
        institution_id.into(),
        role.as_str().into(),
        person.email.into(),
        person.first_name.into(),
        person.last_name.into(),
        person.phone.into(),
        department_id.into(),
        studies.student_number.into(),
        studies.program_id.into(),
        studies.year_of_study.into(),
        studies.entry_year.into(),
        actor.user_id.into(),
        CredentialNonce::generate().as_bytes().to_vec().into(),
        settings.temporary_password.as_secs_f64().into(),
    ];
    let row = work.tx().query_one_raw(sql(insert, values)).await?;
    let user_id: UserId = row
        .ok_or_else(|| Error::internal("an inserted user has no id"))?
        .try_get("", "id")?;
    welcome(work, actor, institution_id, user_id).await?;
    Ok(user_id)
}

/// Gives an account that still waits for its first password another temporary one, and mails it; does nothing for an
/// account whose user has chosen a password. For an address that turned out wrong: what was sent there ends, and so does
/// what was begun with it. The caller holds the user's lock.
pub(crate) async fn renew_credential(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    institution_id: InstitutionId,
    user_id: UserId,
) -> Result<()> {
    let update = "
        UPDATE users SET credential_nonce = $3, credential_expires_at = now() + make_interval(secs => $4)
        WHERE institution_id = $1 AND id = $2 AND credential_nonce IS NOT NULL";
    let values = [
        institution_id.into(),
        user_id.into(),
        CredentialNonce::generate().as_bytes().to_vec().into(),
        settings.temporary_password.as_secs_f64().into(),
    ];
    if work.tx().execute_raw(sql(update, values)).await?.rows_affected() > 0 {
        session::revoke_all(work, user_id).await?;
        welcome(work, actor, institution_id, user_id).await?;
    }
    Ok(())
}

/// Replaces the account's password by a temporary one and mails it; its sessions end. The caller holds the user's lock.
///
/// # Errors
/// `Conflict` with `address_suppressed`: the mail would not arrive, and nobody could sign in any more.
pub(crate) async fn reset_access(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    institution_id: InstitutionId,
    user_id: UserId,
) -> Result<JobId> {
    let select = "SELECT u.id FROM users u JOIN email_suppressions s ON s.user_id = u.id AND s.address = u.email WHERE u.id = $1";
    if work.tx().query_one_raw(sql(select, [user_id.into()])).await?.is_some() {
        return Err(Error::conflict(
            "address_suppressed",
            "A mail server has refused the address of this account for good, so nothing is sent there. Correct the address, or \
             clear the suppression if it works again.",
        ));
    }
    reset_access::issue_temporary(work, settings, user_id).await?;
    welcome(work, actor, institution_id, user_id).await
}

/// Asks for the welcome mail of an account.
pub(super) async fn welcome(work: &mut Work, actor: &Actor, institution_id: InstitutionId, user_id: UserId) -> Result<JobId> {
    let order = Order {
        institution_id: Some(institution_id),
        created_by: Some(actor.user_id),
    };
    enqueue(work, &Job::WelcomeEmail { user_id }, order).await
}
