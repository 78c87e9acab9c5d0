//! Changing the own password, a chosen or a temporary one.
//!
//! Two steps, so that nothing slow happens in a transaction: [`check`] compares and hashes, [`apply`] writes. Setting
//! somebody else's password is not possible; the platform owner's is reset by `superuser`, a forgotten one by `reset_password`,
//! and an administrator can only put a temporary one in its place.

use super::credential::{self, Account, Credential};
use super::password::{PasswordHasher, Verification};
use super::password_policy::{PasswordPolicy, PolicyContext};
use super::reset_token;
use super::session::{self, Client, SignedIn};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::notices;
use crate::secret::SecretString;
use crate::validation::Checks;
use sea_orm::ConnectionTrait;
use serde_json::json;

/// Earlier passwords that are remembered; with the current one these are the five that may not be chosen again.
const REMEMBERED: i64 = 4;

/// What somebody asks for.
#[derive(Debug)]
pub struct NewPassword {
    /// The password of today. Needed, except while it is a temporary one: whoever holds the token has just typed it.
    pub current: Option<SecretString>,
    /// The password from now on.
    pub new: SecretString,
}

/// A change that may be made.
#[derive(Debug)]
pub struct Checked {
    account: Account,
    hash: String,
}

/// Compares the passwords with the rules and hashes the new one.
///
/// # Errors
/// `Invalid`: `current_password` is missing or wrong, `new_password` breaks the policy or is one of the last five;
/// `NotFound` when the user was deleted meanwhile.
pub async fn check(
    db: &impl ConnectionTrait,
    hasher: &PasswordHasher,
    settings: &IdentitySettings,
    actor: &Actor,
    order: &NewPassword,
) -> Result<Checked> {
    let account = credential::by_id(db, actor.user_id).await?.ok_or(Error::NotFound("user"))?;
    let mut checks = Checks::default();
    check_current(&mut checks, hasher, settings, &account, order.current.as_ref()).await?;
    check_new(&mut checks, settings, &account, &order.new);
    checks.finish()?;
    refuse_recent(db, hasher, &account, &order.new).await?;
    Ok(Checked {
        hash: hasher.hash(&order.new).await?,
        account,
    })
}

/// Sets the password, ends every session of the user and opens a new one. The user is told by mail, unless it is its first password.
///
/// # Errors
/// `Conflict` with `password_changed_meanwhile`; `Unauthorized` when the account was closed meanwhile.
pub async fn apply(work: &mut Work, settings: &IdentitySettings, checked: Checked, client: &Client) -> Result<SignedIn> {
    let Checked { account, hash } = checked;
    let now = credential::lock(work, account.id).await?.ok_or(Error::NotFound("user"))?;
    if !now.is_open {
        return Err(session::ENDED);
    }
    if !now.credential.is_same_as(&account.credential) {
        return Err(Error::conflict(
            "password_changed_meanwhile",
            "The password was changed at the same time; sign in with the new one.",
        ));
    }
    set(work, &now, hash).await?;
    session::revoke_all(work, now.id).await?;
    if now.has_chosen {
        notices::password_changed(work, now.institution_id, now.id).await?;
    }
    let first = matches!(now.credential, Credential::Temporary { .. });
    let deed = Deed::new("user.password_changed", "user", now.id.0).with(json!({ "temporary_password": first }));
    activity::record_for(work, Some(now.id), now.institution_id, deed).await?;
    session::open(work, settings, now.id, client).await
}

/// Replaces the credential of a locked account, remembers the old password, and ends a reset link on its way.
pub(super) async fn set(work: &Work, account: &Account, hash: String) -> Result<()> {
    if let Credential::Chosen(old) = &account.credential {
        remember(work, account.id, old).await?;
    }
    let update = "
        UPDATE users SET password_hash = $2, password_changed_at = now(), credential_nonce = NULL, credential_expires_at = NULL
        WHERE id = $1";
    work.tx().execute_raw(sql(update, [account.id.into(), hash.into()])).await?;
    reset_token::end(work, account.id).await
}

/// Keeps an old password out of the next choices.
pub(super) async fn remember(work: &Work, user_id: UserId, hash: &SecretString) -> Result<()> {
    let insert = "INSERT INTO password_history (user_id, password_hash) VALUES ($1, $2)";
    let values = [user_id.into(), hash.expose().clone().into()];
    work.tx().execute_raw(sql(insert, values)).await?;
    let forget = "
        DELETE FROM password_history WHERE user_id = $1 AND id NOT IN (
            SELECT id FROM password_history WHERE user_id = $1 ORDER BY id DESC LIMIT $2)";
    work.tx().execute_raw(sql(forget, [user_id.into(), REMEMBERED.into()])).await?;
    Ok(())
}

async fn check_current(
    checks: &mut Checks,
    hasher: &PasswordHasher,
    settings: &IdentitySettings,
    account: &Account,
    current: Option<&SecretString>,
) -> Result<()> {
    let right = match (&account.credential, current) {
        (Credential::Temporary { .. }, None) => true,
        (Credential::Chosen(_), None) => {
            checks.fault("current_password", "required", "must not be empty");
            return Ok(());
        }
        (Credential::Temporary { .. }, Some(current)) => account
            .temporary_password(settings)
            .is_some_and(|temporary| temporary.verify(current.expose())),
        (Credential::Chosen(hash), Some(current)) => hasher.verify(current, hash.expose()).await? != Verification::Mismatch,
    };
    if !right {
        checks.fault("current_password", "wrong_password", "is not your password");
    }
    Ok(())
}

pub(super) fn check_new(checks: &mut Checks, settings: &IdentitySettings, account: &Account, new: &SecretString) {
    let temporary = account.temporary_password(settings);
    let context = PolicyContext {
        email: &account.email,
        temporary: temporary.as_ref(),
    };
    for fault in PasswordPolicy.check(new, context).err().unwrap_or_default() {
        checks.fault("new_password", fault.code(), fault.to_string());
    }
}

/// Passes for a password that is none of the last five.
///
/// # Errors
/// `Invalid` with `password_reused`.
pub(super) async fn refuse_recent(db: &impl ConnectionTrait, hasher: &PasswordHasher, account: &Account, new: &SecretString) -> Result<()> {
    if is_recent(db, hasher, account, new).await? {
        let message = "must not be one of your last five passwords";
        return Err(Error::invalid("new_password", "password_reused", message));
    }
    Ok(())
}

async fn is_recent(db: &impl ConnectionTrait, hasher: &PasswordHasher, account: &Account, new: &SecretString) -> Result<bool> {
    let select = "SELECT password_hash FROM password_history WHERE user_id = $1 ORDER BY id DESC LIMIT $2";
    let rows = db.query_all_raw(sql(select, [account.id.into(), REMEMBERED.into()])).await?;
    let mut hashes = Vec::with_capacity(rows.len() + 1);
    if let Credential::Chosen(hash) = &account.credential {
        hashes.push(hash.expose().clone());
    }
    for row in rows {
        hashes.push(row.try_get("", "password_hash")?);
    }
    for hash in hashes {
        if hasher.verify(new, &hash).await? != Verification::Mismatch {
            return Ok(true);
        }
    }
    Ok(false)
}
