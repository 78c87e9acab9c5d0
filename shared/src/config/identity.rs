//! Keys and lifetimes of sign-ins.

use super::Environment;
use crate::secret::SecretString;
use std::time::Duration;

/// Shortest acceptable server secret, in bytes.
const SECRET_MIN: usize = 32;

/// Settings of sign-in and credentials.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// The server secret: signs access tokens, derives temporary passwords and reset tokens, each under a label of its own.
    pub secret: SecretString,
    /// Life of an access token.
    pub access_token: Duration,
    /// Life of a refresh token; each use gives a new one.
    pub refresh_token: Duration,
    /// Life of the token that allows nothing but the change of a temporary password.
    pub password_change_token: Duration,
    /// Life of a temporary password.
    pub temporary_password: Duration,
    /// Life of the link that a mail about a forgotten password holds.
    pub password_reset: Duration,
    /// Least time between two such mails to one account.
    pub password_reset_cooldown: Duration,
    /// For how long a replica may go on accepting a sign-in that ended on another one.
    pub actor_cache: Duration,
}

impl IdentitySettings {
    /// Reads the section.
    pub fn read(env: &mut Environment) -> Self {
        let secret = env.secret("ACURATE_SECRET");
        let length = secret.expose().len();
        if length > 0 && length < SECRET_MIN {
            env.fault(format!(
                "ACURATE_SECRET has {length} bytes, at least {SECRET_MIN} are needed (e.g. from: openssl rand -hex 32)"
            ));
        }
        Self {
            secret,
            access_token: env.seconds("ACURATE_ACCESS_TOKEN_SECONDS", 900),
            refresh_token: env.seconds("ACURATE_REFRESH_TOKEN_SECONDS", 1_209_600),
            password_change_token: env.seconds("ACURATE_PASSWORD_CHANGE_TOKEN_SECONDS", 900),
            temporary_password: env.seconds("ACURATE_TEMPORARY_PASSWORD_SECONDS", 604_800),
            password_reset: env.seconds("ACURATE_PASSWORD_RESET_SECONDS", 900),
            password_reset_cooldown: env.seconds("ACURATE_PASSWORD_RESET_COOLDOWN_SECONDS", 120),
            actor_cache: env.seconds("ACURATE_ACTOR_CACHE_SECONDS", 2),
        }
    }
}
