//! Signing in with address and password.
//!
//! Two steps, so that nothing slow happens in a transaction: [`prove`] compares the password, [`open`] starts the
//! session. Whoever may not sign in learns one thing only, `invalid_credentials`, after one hash comparison whatever
//! the reason was: unknown address, wrong password, inactive account, suspended institution.

use super::credential::{self, Account, Credential};
use super::password::{PasswordHasher, Verification};
use super::session::{self, Client, SignedIn};
use crate::activity::{self, Deed};
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::secret::SecretString;
use crate::validation::{is_email, normalize_email};
use sea_orm::ConnectionTrait;
use serde_json::json;

const INVALID: Error = Error::Unauthorized {
    code: "invalid_credentials",
    message: "The e-mail address or the password is wrong, or the account may not sign in.",
};

const EXPIRED: Error = Error::Unauthorized {
    code: "temporary_password_expired",
    message: "The temporary password has expired; ask the administrator for a new one.",
};

/// Somebody who has just given the right password.
#[derive(Debug)]
pub struct Proven {
    account: Account,
    /// A hash at today's cost, where the stored one is of another.
    rehash: Option<String>,
}

/// Compares a password with that of the account with this address.
///
/// # Errors
/// `Unauthorized` with `invalid_credentials`, or with `temporary_password_expired` where the password is right.
pub async fn prove(
    db: &impl ConnectionTrait,
    hasher: &PasswordHasher,
    settings: &IdentitySettings,
    email: &str,
    password: &SecretString,
) -> Result<Proven> {
    let email = normalize_email(email);
    let account = if is_email(&email) {
        credential::by_email(db, &email).await?
    } else {
        None
    };
    let Some(account) = account else {
        hasher.verify_dummy(password).await?;
        return Err(INVALID);
    };
    match &account.credential {
        Credential::Chosen(hash) => {
            let verification = hasher.verify(password, hash.expose()).await?;
            let Verification::Match { needs_rehash } = verification else {
                return Err(INVALID);
            };
            if !account.is_open {
                return Err(INVALID);
            }
            let rehash = if needs_rehash { Some(hasher.hash(password).await?) } else { None };
            Ok(Proven { account, rehash })
        }
        Credential::Temporary { expired, .. } => {
            let right = account
                .temporary_password(settings)
                .is_some_and(|temporary| temporary.verify(password.expose()));
            if !(right && account.is_open) {
                hasher.verify_dummy(password).await?;
                return Err(INVALID);
            }
            if *expired {
                return Err(EXPIRED);
            }
            Ok(Proven { account, rehash: None })
        }
    }
}

/// Starts the session of somebody who has given the right password. With a temporary password it is short, has no
/// refresh token, and allows nothing but the change of password.
///
/// # Errors
/// `Unauthorized` with `invalid_credentials` when the password was changed or the account closed since the proof.
pub async fn open(work: &Work, settings: &IdentitySettings, proven: Proven, client: &Client) -> Result<SignedIn> {
    let now = credential::lock(work, proven.account.id).await?.ok_or(INVALID)?;
    if !(now.is_open && now.credential.is_same_as(&proven.account.credential)) {
        return Err(INVALID);
    }
    let update = "UPDATE users SET last_sign_in_at = now(), password_hash = COALESCE($2, password_hash) WHERE id = $1";
    work.tx().execute_raw(sql(update, [now.id.into(), proven.rehash.into()])).await?;
    let temporary = matches!(now.credential, Credential::Temporary { .. });
    let deed = Deed::new("user.signed_in", "user", now.id.0).with(json!({ "temporary_password": temporary }));
    activity::record_for(work, Some(now.id), now.institution_id, deed).await?;
    session::open(work, settings, now.id, client).await
}
