//! Taking an account back to a temporary password: for somebody who cannot sign in any more, asked for by an administrator.
//!
//! Not the forgotten password, which its owner asks for and chooses anew.

use super::change_password::remember;
use super::credential::{self, Credential};
use super::reset_token;
use super::session;
use super::temporary_password::CredentialNonce;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::UserId;
use sea_orm::ConnectionTrait;

/// Replaces whatever proves the account by a new temporary password, which nobody knows before its mail arrives. Sessions
/// end, and so do the mails of forgotten passwords that are still under way; the old password counts as used.
pub(crate) async fn issue_temporary(work: &Work, settings: &IdentitySettings, user_id: UserId) -> Result<()> {
    let account = credential::lock(work, user_id).await?.ok_or(Error::NotFound("user"))?;
    if let Credential::Chosen(old) = &account.credential {
        remember(work, user_id, old).await?;
    }
    let update = "
        UPDATE users SET password_hash = NULL, credential_nonce = $2, credential_expires_at = now() + make_interval(secs => $3)
        WHERE id = $1";
    let values = [
        user_id.into(),
        CredentialNonce::generate().as_bytes().to_vec().into(),
        settings.temporary_password.as_secs_f64().into(),
    ];
    work.tx().execute_raw(sql(update, values)).await?;
    reset_token::end(work, user_id).await?;
    session::revoke_all(work, user_id).await?;
    Ok(())
}
