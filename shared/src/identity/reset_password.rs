//! Choosing a new password with the token of a mailed link.
//!
//! Two steps, so that nothing slow happens in a transaction: [`check`] compares and hashes, [`apply`] writes. A token
//! works once, until it expires, while no newer one was mailed, the account keeps the address that it was mailed to, and
//! the password stays what it was; which of these has failed is not told. It also replaces a temporary password.

use super::change_password;
use super::credential::{self, Account};
use super::password::PasswordHasher;
use super::session;
use super::tokens::{OpaqueToken, TokenDigest};
use crate::activity::{self, Deed};
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::notices;
use crate::secret::SecretString;
use crate::validation::Checks;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// What somebody asks for.
#[derive(Debug)]
pub struct Order {
    /// The token of the link.
    pub token: SecretString,
    /// The password from now on.
    pub new: SecretString,
}

/// A reset that may be made.
#[derive(Debug)]
pub struct Checked {
    account: Account,
    token: TokenDigest,
    hash: String,
}

/// A reset that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Whose password it was.
    pub user_id: UserId,
    /// The families of the sessions that have ended.
    pub ended: Vec<Uuid>,
}

/// Looks at the token, compares the password with the rules and hashes it.
///
/// # Errors
/// `Invalid`: `token` is `unusable_token`; otherwise `new_password` breaks the policy or is one of the last five.
pub async fn check(db: &impl ConnectionTrait, hasher: &PasswordHasher, settings: &IdentitySettings, order: &Order) -> Result<Checked> {
    let token = OpaqueToken::parse(order.token.expose()).map_err(|_| unusable())?.digest();
    let user_id = owner(db, &token).await?.ok_or_else(unusable)?;
    let account = credential::by_id(db, user_id).await?.filter(|account| account.is_open);
    let account = account.ok_or_else(unusable)?;
    let mut checks = Checks::default();
    change_password::check_new(&mut checks, settings, &account, &order.new);
    checks.finish()?;
    change_password::refuse_recent(db, hasher, &account, &order.new).await?;
    Ok(Checked {
        hash: hasher.hash(&order.new).await?,
        account,
        token,
    })
}

/// Sets the password, which uses the token up, and ends every session of the user. The user is told by mail, unless it is its
/// first password.
///
/// # Errors
/// `Invalid` with `unusable_token` when the token was used or replaced, the password changed or the account closed meanwhile.
pub async fn apply(work: &mut Work, checked: Checked) -> Result<Done> {
    let now = credential::lock(work, checked.account.id).await?.ok_or_else(unusable)?;
    if !now.is_open || owner(work.tx(), &checked.token).await? != Some(now.id) {
        return Err(unusable());
    }
    change_password::set(work, &now, checked.hash).await?;
    let ended = session::revoke_all(work, now.id).await?;
    if now.has_chosen {
        notices::password_changed(work, now.institution_id, now.id).await?;
    }
    let deed = Deed::new("user.password_reset", "user", now.id.0);
    activity::record_for(work, Some(now.id), now.institution_id, deed).await?;
    Ok(Done { user_id: now.id, ended })
}

/// Whose token it is, while it works.
async fn owner(db: &impl ConnectionTrait, token: &TokenDigest) -> Result<Option<UserId>> {
    let select = "
        SELECT u.id FROM password_reset_tokens t JOIN users u ON u.id = t.user_id AND u.email = t.email
        WHERE t.token_hash = $1 AND t.used_at IS NULL AND t.expires_at > now()";
    let row = db.query_one_raw(sql(select, [token.as_bytes().to_vec().into()])).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

fn unusable() -> Error {
    Error::invalid(
        "token",
        "unusable_token",
        "is not of a link that still works: it was used or replaced by a newer one, or its time is over; ask for a new one",
    )
}
