//! The people of an institution: making accounts, finding them, changing them, and letting them go.
//!
//! A new account gets a credential nonce and a welcome mail, never a password; signing in is `identity`. Many students
//! at once come by an import. Nothing here shows a credential: each use case returns what may be read, not the row.

pub(crate) mod accounts;
mod placement;
mod resend_welcome;
pub mod students;
pub mod teachers;

pub use accounts::NewPerson;
pub use resend_welcome::{Newcomer, resend_welcome};

use crate::db::contains;

/// A condition: whether a user's name contains the text of the parameter, e.g. `$2`.
pub(crate) fn name_contains(parameter: &str) -> String {
    contains("first_name || ' ' || last_name", parameter)
}
