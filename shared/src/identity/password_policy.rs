//! What a chosen password may be: long enough, not the account's address, not the temporary one.
//!
//! Length is what makes a password hard to guess; rules about kinds of characters make it hard to remember, so there
//! are none (NIST SP 800-63B). Earlier passwords are in the database, so comparing with them is not done here.

use super::temporary_password::TemporaryPassword;
use crate::secret::SecretString;

/// Fewest characters of a chosen password.
pub const MIN_CHARACTERS: usize = 10;

/// Most characters of a chosen password.
pub const MAX_CHARACTERS: usize = 128;

/// The rules for chosen passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy;

/// Whose password it is going to be.
#[derive(Debug, Clone, Copy)]
pub struct PolicyContext<'a> {
    /// The account's address.
    pub email: &'a str,
    /// The temporary password that is being replaced, if there is one.
    pub temporary: Option<&'a TemporaryPassword>,
}

/// One reason why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`MIN_CHARACTERS`].
    #[error("the password needs at least {MIN_CHARACTERS} characters")]
    TooShort,
    /// More than [`MAX_CHARACTERS`].
    #[error("the password may have at most {MAX_CHARACTERS} characters")]
    TooLong,
    /// The account's address, or the part of it before the `@`.
    #[error("the password may not be the e-mail address or the part of it before the @")]
    EqualsEmail,
    /// The temporary password that was sent by mail.
    #[error("the password may not be the temporary password")]
    EqualsTemporary,
}

impl PasswordFault {
    /// The stable code that clients see.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::EqualsEmail => "password_equals_email",
            Self::EqualsTemporary => "password_equals_temporary",
        }
    }
}

impl PasswordPolicy {
    /// Checks a password that someone chose.
    ///
    /// # Errors
    /// Every fault it has, not only the first.
    pub fn check(self, password: &SecretString, context: PolicyContext<'_>) -> Result<(), Vec<PasswordFault>> {
        let password = password.expose();
        let length = password.chars().count();
        let faults: Vec<_> = [
            (length < MIN_CHARACTERS, PasswordFault::TooShort),
            (length > MAX_CHARACTERS, PasswordFault::TooLong),
            (is_email(password, context.email), PasswordFault::EqualsEmail),
            (
                context.temporary.is_some_and(|temporary| temporary.verify(password)),
                PasswordFault::EqualsTemporary,
            ),
        ]
        .into_iter()
        .filter_map(|(found, fault)| found.then_some(fault))
        .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn is_email(password: &str, email: &str) -> bool {
    let password = password.trim();
    let local_part = email.rsplit_once('@').map_or(email, |(local, _)| local);
    [email, local_part].iter().any(|text| text.eq_ignore_ascii_case(password))
}

#[cfg(test)]
mod tests {
    use super::super::temporary_password::CredentialNonce;
    use super::*;
    use crate::ids::UserId;

    fn faults(password: &str) -> Vec<PasswordFault> {
        let temporary = TemporaryPassword::derive(&SecretString::from("a server secret"), UserId(1), &CredentialNonce::from([1; 16]));
        let context = PolicyContext {
            email: "Ayse.Yilmaz@example.edu",
            temporary: Some(&temporary),
        };
        let password = match password {
            "the temporary one" => temporary.grouped(),
            other => other.into(),
        };
        PasswordPolicy.check(&password, context).err().unwrap_or_default()
    }

    #[test]
    fn a_passphrase_is_accepted() {
        assert_eq!(faults("doğru at pil zımba"), []);
    }

    #[test]
    fn length_is_counted_in_characters_and_both_limits_are_allowed() {
        assert_eq!(faults(&"ş".repeat(9)), [PasswordFault::TooShort]);
        assert_eq!(faults(&"ş".repeat(10)), []);
        assert_eq!(faults(&"ş".repeat(128)), []);
        assert_eq!(faults(&"ş".repeat(129)), [PasswordFault::TooLong]);
    }

    #[test]
    fn the_address_and_its_local_part_are_refused_in_any_case() {
        for password in ["ayse.yilmaz@example.edu", "AYSE.YILMAZ", " Ayse.Yilmaz "] {
            assert_eq!(faults(password), [PasswordFault::EqualsEmail], "{password}");
        }
        assert_eq!(faults("ayse.yilmaz.1"), []);
    }

    #[test]
    fn the_temporary_password_is_refused() {
        assert_eq!(faults("the temporary one"), [PasswordFault::EqualsTemporary]);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let context = PolicyContext {
            email: "ali@example.edu",
            temporary: None,
        };

        let found = PasswordPolicy.check(&"ali".into(), context).unwrap_err();
        assert_eq!(found, [PasswordFault::TooShort, PasswordFault::EqualsEmail]);
        let codes: Vec<_> = found.into_iter().map(PasswordFault::code).collect();
        assert_eq!(codes, ["password_too_short", "password_equals_email"]);
    }
}
