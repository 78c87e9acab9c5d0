//! Who someone is: credentials as plain values, and the use cases that store and check them.
//!
//! Plain: temporary passwords, chosen passwords, opaque tokens, portraits. With the database: signing in, sessions, changing
//! and resetting the password, the own profile and picture, the platform owner's account. A use case that hashes does so in a step of its own before
//! the transaction opens, and the transaction looks again whether what was proven still holds. Access tokens and their
//! claims are the API's; accounts of others are `people`.

pub mod change_password;
mod credential;
mod derivation;
pub mod failed_sign_in;
pub mod forgot_password;
pub mod password;
pub mod password_policy;
pub mod picture;
pub mod portrait;
pub mod profile;
pub(crate) mod reset_access;
pub mod reset_password;
pub mod reset_token;
pub mod session;
pub mod sign_in;
pub mod sign_ins;
pub mod superuser;
pub mod temporary_password;
pub mod tokens;

pub use password::{HashError, HashSettings, HashSettingsError, PasswordHasher, Verification};
pub use password_policy::{PasswordFault, PasswordPolicy, PolicyContext};
pub use portrait::{Portrait, Portraits};
pub use profile::Profile;
pub use session::{Client, SignedIn, authenticate};
pub use temporary_password::{CredentialNonce, InvalidNonce, TemporaryPassword};
pub use tokens::{InvalidDigest, InvalidToken, OpaqueToken, TokenDigest};

use crate::error::Error;

impl From<HashError> for Error {
    fn from(error: HashError) -> Self {
        Self::caused("password hashing", error)
    }
}
