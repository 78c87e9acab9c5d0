//! The administrators of an institution, looked after by the super admin: there can be several, and there is always one.

use super::institutions::{lock, require_future};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Page, PageRequest, Work, count, sql};
use crate::entity::institution;
use crate::error::{Error, Result};
use crate::identity::session;
use crate::ids::{InstitutionId, UserId};
use crate::kinds::Role;
use crate::mail::suppressions::MAIL_STATE;
use crate::people::NewPerson;
use crate::people::accounts::{self, Account, Studies};
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};

const COLUMNS: &str = "id, email, first_name, last_name, phone, is_active, last_sign_in_at, created_at";

/// An institution's administrator.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Administrator {
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
    /// Whether it may sign in.
    pub is_active: bool,
    /// The last sign-in with a password.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// What a mail server said when it refused the address for good; nothing is sent there then.
    pub mail_failure: Option<String>,
    /// Since when nothing is sent to the address.
    pub mail_suppressed_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// Administrators of an institution by name; super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound` without such an institution.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, id: InstitutionId, request: PageRequest) -> Result<Page<Administrator>> {
    actor.require(&[Role::SuperAdmin])?;
    if institution::Entity::find_by_id(id).one(db).await?.is_none() {
        return Err(Error::NotFound("institution"));
    }
    let matching = "FROM users u WHERE institution_id = $1 AND role = 'institution_admin'";
    let page = format!("SELECT {COLUMNS}, {MAIL_STATE} {matching} ORDER BY last_name, first_name, id LIMIT $2 OFFSET $3");
    let values = [
        id.into(),
        request.page_size.cast_signed().into(),
        request.offset().cast_signed().into(),
    ];
    Ok(Page {
        items: Administrator::find_by_statement(sql(&page, values)).all(db).await?,
        request,
        total: count(db, matching, [id.into()]).await?,
    })
}

/// One administrator; super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound`, also for somebody who is no administrator of this institution.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: InstitutionId, admin: UserId) -> Result<Administrator> {
    actor.require(&[Role::SuperAdmin])?;
    read(db, id, admin, "").await
}

/// Gives an institution another administrator and orders the welcome mail; super admins only.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`; `Conflict` with `email_in_use`, `institution_suspended` or `institution_being_deleted`.
pub async fn add(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    id: InstitutionId,
    person: NewPerson,
) -> Result<Administrator> {
    actor.require(&[Role::SuperAdmin])?;
    require_open(&lock(work, id).await?)?;
    let mut checks = Checks::default();
    let person = person.check(&mut checks, "");
    checks.finish()?;
    let admin = make(work, actor, settings, id, person).await?;
    let added = Deed::new("institution_admin.created", "user", admin.id.0);
    activity::record_for(work, Some(actor.user_id), Some(id), added).await?;
    Ok(admin)
}

/// Mails an administrator a new temporary password, for one who cannot sign in any more; its password and its sessions
/// end. Super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `account_inactive`, `address_suppressed`, `institution_suspended` or
/// `institution_being_deleted`.
pub async fn reset_access(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    id: InstitutionId,
    admin: UserId,
) -> Result<Administrator> {
    actor.require(&[Role::SuperAdmin])?;
    require_open(&lock(work, id).await?)?;
    let found = read(work.tx(), id, admin, "FOR NO KEY UPDATE").await?;
    if !found.is_active {
        return Err(Error::conflict(
            "account_inactive",
            "The account may not sign in; activate it before you reset its access.",
        ));
    }
    accounts::reset_access(work, actor, settings, id, admin).await?;
    let reset = Deed::new("institution_admin.access_reset", "user", admin.0);
    activity::record_for(work, Some(actor.user_id), Some(id), reset).await?;
    Ok(found)
}

/// Lets an administrator sign in, or not any more, which ends its sessions; super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `last_administrator`: somebody has to run the institution.
pub async fn set_active(work: &Work, actor: &Actor, id: InstitutionId, admin: UserId, is_active: bool) -> Result<Administrator> {
    actor.require(&[Role::SuperAdmin])?;
    // The institution's lock keeps two administrators from being let go at the same time.
    require_future(&lock(work, id).await?)?;
    let found = read(work.tx(), id, admin, "FOR NO KEY UPDATE").await?;
    if found.is_active == is_active {
        return Ok(found);
    }
    if !is_active {
        refuse_last(work, id, admin).await?;
        session::revoke_all(work, admin).await?;
    }
    let update = "UPDATE users SET is_active = $2 WHERE id = $1";
    work.tx().execute_raw(sql(update, [admin.into(), is_active.into()])).await?;
    let action = if is_active {
        "institution_admin.activated"
    } else {
        "institution_admin.deactivated"
    };
    activity::record_for(work, Some(actor.user_id), Some(id), Deed::new(action, "user", admin.0)).await?;
    read(work.tx(), id, admin, "").await
}

async fn refuse_last(work: &Work, id: InstitutionId, admin: UserId) -> Result<()> {
    let others = "FROM users WHERE institution_id = $1 AND role = 'institution_admin' AND is_active AND id <> $2";
    if count(work.tx(), others, [id.into(), admin.into()]).await? > 0 {
        return Ok(());
    }
    Err(Error::conflict(
        "last_administrator",
        "This is the institution's only active administrator; add another one first.",
    ))
}

/// The account of a checked person.
pub(super) async fn make(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    institution_id: InstitutionId,
    person: NewPerson,
) -> Result<Administrator> {
    let account = Account {
        institution_id,
        role: Role::InstitutionAdmin,
        person,
        department_id: None,
        studies: Studies::default(),
    };
    let id = accounts::create(work, actor, settings, account).await?;
    read(work.tx(), institution_id, id, "").await
}

/// A mail with a password is of use only where one can sign in.
fn require_open(institution: &institution::Model) -> Result<()> {
    require_future(institution)?;
    if institution.is_active {
        return Ok(());
    }
    Err(Error::conflict(
        "institution_suspended",
        "The institution is suspended and nobody of it can sign in; resume it first.",
    ))
}

async fn read(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId, lock: &str) -> Result<Administrator> {
    let select =
        format!("SELECT {COLUMNS}, {MAIL_STATE} FROM users u WHERE institution_id = $1 AND id = $2 AND role = 'institution_admin' {lock}");
    let found = Administrator::find_by_statement(sql(&select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    found.ok_or(Error::NotFound("administrator"))
}
