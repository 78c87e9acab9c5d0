//! The account of the platform's owner, made and recovered by whoever runs the server, not through the API.

use super::change_password;
use super::credential;
use super::password::PasswordHasher;
use super::password_policy::{PasswordPolicy, PolicyContext};
use super::session;
use crate::activity::{self, Deed};
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::kinds::Role;
use crate::secret::SecretString;
use crate::validation::{Checks, NAME_LIMIT};
use sea_orm::ConnectionTrait;

/// What is asked for.
#[derive(Debug)]
pub struct Order {
    /// Address to sign in with.
    pub email: String,
    /// Given names, 1 to 150 characters.
    pub first_name: String,
    /// Family name, 1 to 150 characters.
    pub last_name: String,
    /// The password, which obeys the policy.
    pub password: SecretString,
}

/// An order that was checked, its password hashed.
#[derive(Debug)]
pub struct Checked {
    email: String,
    first_name: String,
    last_name: String,
    hash: SecretString,
}

/// Checks the order and hashes the password, before the transaction.
///
/// # Errors
/// `Invalid`, naming every fault.
pub async fn check(hasher: &PasswordHasher, order: &Order) -> Result<Checked> {
    let mut checks = Checks::default();
    let email = checks.email("email", &order.email);
    let first_name = checks.text("first_name", &order.first_name, NAME_LIMIT);
    let last_name = checks.text("last_name", &order.last_name, NAME_LIMIT);
    let context = PolicyContext {
        email: &email,
        temporary: None,
    };
    for fault in PasswordPolicy.check(&order.password, context).err().unwrap_or_default() {
        checks.fault("password", fault.code(), fault.to_string());
    }
    checks.finish()?;
    Ok(Checked {
        email,
        first_name,
        last_name,
        hash: hasher.hash(&order.password).await?.into(),
    })
}

/// Makes the account.
///
/// # Errors
/// `Conflict` with `email_in_use` when the address has an account already; nothing is changed then.
pub async fn create(work: &Work, order: Checked) -> Result<UserId> {
    let insert = "
        INSERT INTO users (role, email, first_name, last_name, password_hash, password_changed_at)
        VALUES ('super_admin', $1, $2, $3, $4, now()) RETURNING id";
    let values = [
        order.email.into(),
        order.first_name.into(),
        order.last_name.into(),
        order.hash.expose().clone().into(),
    ];
    let row = work.tx().query_one_raw(sql(insert, values)).await?;
    let id: UserId = row
        .ok_or_else(|| Error::internal("an inserted user has no id"))?
        .try_get("", "id")?;
    activity::record_for(work, None, None, Deed::new("super_admin.created", "user", id.0)).await?;
    Ok(id)
}

/// Gives an existing super admin a new password and name, activates it and ends its sessions.
///
/// # Errors
/// `NotFound` without an account of this address; `Conflict` with `not_a_super_admin` when it is somebody else's.
pub async fn reset(work: &Work, order: Checked) -> Result<UserId> {
    let select = "SELECT id, role FROM users WHERE email = $1";
    let row = work.tx().query_one_raw(sql(select, [order.email.into()])).await?;
    let row = row.ok_or(Error::NotFound("super admin"))?;
    if row.try_get::<Role>("", "role")? != Role::SuperAdmin {
        return Err(Error::conflict(
            "not_a_super_admin",
            "The account of this address belongs to an institution and is not reset here.",
        ));
    }
    let id: UserId = row.try_get("", "id")?;
    let account = credential::lock(work, id).await?.ok_or(Error::NotFound("super admin"))?;
    change_password::set(work, &account, order.hash.expose().clone()).await?;
    let update = "UPDATE users SET is_active = true, first_name = $2, last_name = $3 WHERE id = $1";
    let values = [id.into(), order.first_name.into(), order.last_name.into()];
    work.tx().execute_raw(sql(update, values)).await?;
    session::revoke_all(work, id).await?;
    activity::record_for(work, None, None, Deed::new("super_admin.reset", "user", id.0)).await?;
    Ok(id)
}
