//! The token of a reset link: derived when the mail is written, stored as a digest only.
//!
//! It is HMAC-SHA-256 over the row's id and nonce, keyed with the server secret: every try of the mail holds the same
//! link, no job carries it, and whoever holds only the database cannot make it. Whether it still works is the row's say.

use super::derivation::keyed;
use super::temporary_password::CredentialNonce;
use super::tokens::OpaqueToken;
use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{PasswordResetTokenId, UserId};
use crate::secret::SecretString;
use hmac::Mac;
use sea_orm::ConnectionTrait;

/// Keeps this use of the server secret apart from every other; a new derivation takes a new version.
const DOMAIN: &[u8] = b"acurate/password-reset/v1";

/// The token of a row of `password_reset_tokens`.
#[must_use]
pub fn derive(server_secret: &SecretString, id: PasswordResetTokenId, nonce: &CredentialNonce) -> OpaqueToken {
    let mut mac = keyed(server_secret.expose().as_bytes());
    // Each part has a fixed length, so no two inputs run into the same bytes.
    mac.update(DOMAIN);
    mac.update(&id.0.to_be_bytes());
    mac.update(nonce.as_bytes());
    OpaqueToken::derived(mac.finalize().into_bytes().into())
}

/// Ends the token of a user, if there is one, because the password is another now. The caller holds the user's lock.
pub(crate) async fn end(work: &Work, user_id: UserId) -> Result<()> {
    let update = "UPDATE password_reset_tokens SET used_at = now() WHERE user_id = $1 AND used_at IS NULL";
    work.tx().execute_raw(sql(update, [user_id.into()])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: &str, id: i64, nonce: [u8; 16]) -> String {
        let token = derive(&secret.into(), PasswordResetTokenId(id), &nonce.into());
        token.encoded().expose().clone()
    }

    #[test]
    fn the_derivation_never_changes() {
        // Computed once with Python's hmac, hashlib and base64; a change would break every link already sent.
        let token = token("an example of a server secret 01", 42, [7; 16]);

        assert_eq!(token, "o5Zue1O9EdvW3FO1rUTHK5vRjl86E20HRMpBM66smq0");
    }

    #[test]
    fn each_of_secret_row_and_nonce_changes_the_token() {
        let one = token("secret", 1, [1; 16]);

        assert_ne!(one, token("secres", 1, [1; 16]));
        assert_ne!(one, token("secret", 2, [1; 16]));
        assert_ne!(one, token("secret", 1, [2; 16]));
    }
}
