//! The record of a sign-in that was refused. It names the account, never what was typed: people type passwords into the
//! field of the address.

use super::credential;
use crate::activity::{self, Deed};
use crate::db::Work;
use crate::error::{Error, Result};
use crate::validation::{is_email, normalize_email};
use serde_json::json;

/// Records that [`prove`](super::sign_in::prove) refused a sign-in with this address; does nothing for other errors. An
/// unknown address is recorded, too, so that an answer takes as long whether there is an account or not.
///
/// # Errors
/// When the database refuses.
pub async fn record(work: &Work, email: &str, refusal: &Error) -> Result<()> {
    let Error::Unauthorized { code, .. } = refusal else {
        return Ok(());
    };
    let email = normalize_email(email);
    let account = if is_email(&email) {
        credential::by_email(work.tx(), &email).await?
    } else {
        None
    };
    let reason = match &account {
        None => "unknown_account",
        Some(account) if !account.is_open => "account_closed",
        Some(_) if *code == "temporary_password_expired" => code,
        Some(_) => "wrong_password",
    };
    let deed = Deed::new("user.sign_in_failed", "user", account.as_ref().map(|account| account.id.0));
    let institution_id = account.and_then(|account| account.institution_id);
    activity::record_for(work, None, institution_id, deed.with(json!({ "reason": reason }))).await
}
