//! Asking for a link to choose a new password, by somebody who is not signed in.
//!
//! Nothing that the asker sees says whether there is such an account, whether it may sign in, or whether a link was
//! mailed a moment ago. The holder of an account with a temporary password gets a link, too: whoever reads the mailbox
//! has read the temporary password as well, and a welcome mail that was lost or has expired should not need an
//! administrator. Choosing the password is `reset_password`.

use super::credential::{self, Account};
use super::reset_token;
use super::session::Client;
use super::temporary_password::CredentialNonce;
use crate::activity::{self, Deed};
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::PasswordResetTokenId;
use crate::jobs::{Job, Order, enqueue};
use crate::validation::Checks;
use sea_orm::ConnectionTrait;

/// Orders the mail with the link, if an open account has this address and none was ordered within the cooldown. The link
/// of an earlier mail stops working.
///
/// # Errors
/// `Invalid` when the text is no address, whatever accounts there are.
pub async fn request(work: &mut Work, settings: &IdentitySettings, email: &str, client: &Client) -> Result<()> {
    let mut checks = Checks::default();
    let email = checks.email("email", email);
    checks.finish()?;
    let Some(found) = credential::by_email(work.tx(), &email).await? else {
        return Ok(());
    };
    // The lock makes two requests at once follow each other, so that the second sees the cooldown.
    let Some(account) = credential::lock(work, found.id).await? else {
        return Ok(());
    };
    if !account.is_open || account.email != email {
        return Ok(());
    }
    let Some(token_id) = issue(work, settings, &account, client).await? else {
        return Ok(());
    };
    let order = Order {
        institution_id: account.institution_id,
        created_by: None,
    };
    enqueue(work, &Job::PasswordResetEmail { token_id }, order).await?;
    let deed = Deed::new("user.password_reset_requested", "user", account.id.0);
    activity::record_for(work, None, account.institution_id, deed).await
}

/// Puts a new token in the place of the old one; `None` while that one is younger than the cooldown.
async fn issue(work: &Work, settings: &IdentitySettings, account: &Account, client: &Client) -> Result<Option<PasswordResetTokenId>> {
    let forget = "DELETE FROM password_reset_tokens WHERE user_id = $1 AND created_at <= now() - make_interval(secs => $2)";
    let values = [account.id.into(), settings.password_reset_cooldown.as_secs_f64().into()];
    work.tx().execute_raw(sql(forget, values)).await?;

    let next = "SELECT nextval(pg_get_serial_sequence('password_reset_tokens', 'id')) AS id";
    let row = work.tx().query_one_raw(sql(next, [])).await?;
    let id: PasswordResetTokenId = row.ok_or_else(|| Error::internal("a sequence has no value"))?.try_get("", "id")?;
    let nonce = CredentialNonce::generate();
    let token = reset_token::derive(&settings.secret, id, &nonce);
    let insert = "
        INSERT INTO password_reset_tokens (id, user_id, token_hash, nonce, email, ip, expires_at) OVERRIDING SYSTEM VALUE
        VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
        ON CONFLICT (user_id) DO NOTHING";
    let values = [
        id.into(),
        account.id.into(),
        token.digest().as_bytes().to_vec().into(),
        nonce.as_bytes().to_vec().into(),
        account.email.clone().into(),
        client.ip.clone().into(),
        settings.password_reset.as_secs_f64().into(),
    ];
    let issued = work.tx().execute_raw(sql(insert, values)).await?.rows_affected() == 1;
    Ok(issued.then_some(id))
}
