//! Credentials as plain values: temporary passwords, chosen passwords, opaque tokens.
//!
//! Pure functions over plain data; what is stored where, who may sign in and what a session is belong to the code
//! that owns the database.

pub mod password;
pub mod password_policy;
pub mod session;
pub mod temporary_password;
pub mod tokens;

pub use password::{HashError, HashSettings, HashSettingsError, PasswordHasher, Verification};
pub use password_policy::{PasswordFault, PasswordPolicy, PolicyContext};
pub use temporary_password::{CredentialNonce, InvalidNonce, TemporaryPassword};
pub use tokens::{InvalidDigest, InvalidToken, OpaqueToken, TokenDigest};
