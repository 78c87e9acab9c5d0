//! Access tokens: who is signed in, signed by the server and good for minutes.
//!
//! They say nothing about rights: each request looks the user up (see `extract::signed_in`).

use acurate_shared::config::IdentitySettings;
use acurate_shared::ids::UserId;
use chrono::Utc;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Everything that the user may do.
    Access,
    /// The change of a temporary password, and nothing else.
    PasswordChange,
}

/// The content of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The sign-in that the token belongs to.
    pub family: Uuid,
    /// What it is good for.
    pub purpose: Purpose,
    /// Seconds since 1970 at which it was given.
    pub iat: i64,
    /// Seconds since 1970 at which it ends.
    pub exp: i64,
}

/// Gives and reads tokens.
#[derive(Clone)]
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    access: Duration,
    password_change: Duration,
}

/// A token and its life in seconds.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The text of the token.
    pub token: String,
    /// Seconds until it ends.
    pub expires_in: u64,
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").finish_non_exhaustive()
    }
}

impl AccessTokens {
    /// Keys from the server secret, under a label of their own.
    #[must_use]
    pub fn new(settings: &IdentitySettings) -> Self {
        let key = format!("acurate access token\0{}", settings.secret.expose());
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        Self {
            encoding: EncodingKey::from_secret(key.as_bytes()),
            decoding: DecodingKey::from_secret(key.as_bytes()),
            validation,
            access: settings.access_token,
            password_change: settings.password_change_token,
        }
    }

    /// Gives a token.
    ///
    /// # Errors
    /// When the signature cannot be computed.
    pub fn issue(&self, user: UserId, family: Uuid, purpose: Purpose) -> Result<Issued, jsonwebtoken::errors::Error> {
        let life = match purpose {
            Purpose::Access => self.access,
            Purpose::PasswordChange => self.password_change,
        };
        let iat = Utc::now().timestamp();
        let exp = iat.saturating_add(i64::try_from(life.as_secs()).unwrap_or(i64::MAX));
        let claims = Claims {
            sub: user,
            family,
            purpose,
            iat,
            exp,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)?;
        Ok(Issued {
            token,
            expires_in: life.as_secs(),
        })
    }

    /// Reads a token that is genuine and has not ended.
    ///
    /// # Errors
    /// Says which of the two it is not.
    pub fn read(&self, token: &str) -> Result<Claims, jsonwebtoken::errors::Error> {
        Ok(jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)?.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use acurate_shared::config::Environment;

    fn tokens(secret: &str, seconds: &str) -> AccessTokens {
        let variables = [("ACURATE_SECRET", secret), ("ACURATE_ACCESS_TOKEN_SECONDS", seconds)];
        let mut env = Environment::from_variables(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        AccessTokens::new(&IdentitySettings::read(&mut env))
    }

    #[test]
    fn a_token_reads_back_as_what_it_was_given_for() {
        let tokens = tokens("0123456789abcdef0123456789abcdef", "60");
        let family = Uuid::new_v4();
        let issued = tokens.issue(UserId(7), family, Purpose::Access).unwrap();
        let claims = tokens.read(&issued.token).unwrap();
        assert_eq!(
            (claims.sub, claims.family, claims.purpose, issued.expires_in),
            (UserId(7), family, Purpose::Access, 60)
        );
    }

    #[test]
    fn a_token_of_another_server_is_refused() {
        let issued = tokens("0123456789abcdef0123456789abcdef", "60")
            .issue(UserId(7), Uuid::nil(), Purpose::Access)
            .unwrap();
        assert!(tokens("another secret, another server!!", "60").read(&issued.token).is_err());
    }

    #[test]
    fn a_token_that_ended_is_refused() {
        let tokens = tokens("0123456789abcdef0123456789abcdef", "60");
        let claims = Claims {
            sub: UserId(1),
            family: Uuid::nil(),
            purpose: Purpose::Access,
            iat: 0,
            exp: Utc::now().timestamp() - 1,
        };
        let old = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &tokens.encoding).unwrap();
        assert!(tokens.read(&old).is_err());
    }
}
