//! The temporary password of a new account: derived when it is needed, stored nowhere.
//!
//! It is the first 100 bits of HMAC-SHA-256 over the user's id and credential nonce, keyed with the server secret and
//! written in base32 (RFC 4648, upper case, no padding). Whoever holds the server secret can write the same mail again;
//! whoever holds only the database learns nothing. Whether it has expired is the caller's question.

use std::fmt;

use hmac::Mac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::derivation::keyed;
use crate::ids::UserId;
use crate::secret::{Secret, SecretString};

/// Keeps this use of the server secret apart from every other; a new derivation takes a new version.
const DOMAIN: &[u8] = b"acurate/temporary-password/v1";

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Characters of a temporary password without hyphens; each carries 5 bits.
const LENGTH: usize = 20;

/// Characters between two hyphens in the form people read.
const GROUP: usize = 4;

/// The random 16 bytes that make each credential of a user a different one, a temporary password or the token of a reset
/// link; a column of what it belongs to, not a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialNonce([u8; Self::LENGTH]);

impl CredentialNonce {
    /// Length in bytes.
    pub const LENGTH: usize = 16;

    /// A new nonce from the thread's cryptographic generator.
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// 16 hexadecimal digits that name this credential in public places such as a Message-ID, without giving the
    /// nonce away.
    pub fn fingerprint(&self) -> String {
        Sha256::digest(self.0).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl From<[u8; Self::LENGTH]> for CredentialNonce {
    fn from(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for CredentialNonce {
    type Error = InvalidNonce;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| InvalidNonce { length: bytes.len() })
    }
}

/// A stored credential nonce that is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a credential nonce has 16 bytes, not {length}")]
pub struct InvalidNonce {
    /// Bytes found.
    pub length: usize,
}

/// A temporary password of 100 bits. Overwritten with zeros when dropped; `Debug` shows nothing of it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TemporaryPassword([u8; LENGTH]);

impl TemporaryPassword {
    /// Derives the password of `user` for the credential `nonce`; the same three always give the same password.
    ///
    /// `server_secret` should hold at least 32 bytes of randomness; the configuration checks its length.
    pub fn derive<S>(server_secret: &Secret<S>, user: UserId, nonce: &CredentialNonce) -> Self
    where
        S: AsRef<[u8]> + Zeroize,
    {
        let mut mac = keyed(server_secret.expose().as_ref());
        // Each part has a fixed length, so no two inputs run into the same bytes.
        mac.update(DOMAIN);
        mac.update(&user.0.to_be_bytes());
        mac.update(nonce.as_bytes());
        let mut tag = mac.finalize().into_bytes();
        let mut characters = [0; LENGTH];
        write_base32(&tag, &mut characters);
        tag.as_mut_slice().zeroize();
        Self(characters)
    }

    /// The form for people: five groups of four, `ABCD-EFGH-IJKL-MNOP-QRST`.
    pub fn grouped(&self) -> SecretString {
        // Reserved in one piece: a growing string would leave copies behind.
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (place, byte) in self.0.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(*byte));
        }
        SecretString::new(text)
    }

    /// Whether `candidate` is this password, in a time that does not depend on where they differ.
    ///
    /// Hyphens, spaces around it and ASCII case do not matter.
    pub fn verify(&self, candidate: &str) -> bool {
        let mut typed = [0; LENGTH];
        let complete = normalise(candidate, &mut typed);
        let equal = bool::from(self.0.ct_eq(&typed));
        typed.zeroize();
        complete && equal
    }
}

impl fmt::Debug for TemporaryPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TemporaryPassword(***)")
    }
}

/// Writes as many base32 digits of `bytes` as `digits` has room for; stops where the bytes end.
fn write_base32(bytes: &[u8], digits: &mut [u8]) {
    let mut bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| (byte >> place) & 1));
    for digit in digits {
        let value = bits.by_ref().take(5).fold(0, |value, bit| value << 1 | bit);
        // A value of five bits is always inside an alphabet of 32.
        *digit = ALPHABET.get(usize::from(value)).copied().unwrap_or_default();
    }
}

/// Writes `candidate` in upper case without hyphens; false unless it fills the password exactly.
fn normalise(candidate: &str, typed: &mut [u8; LENGTH]) -> bool {
    let mut characters = candidate
        .trim()
        .bytes()
        .filter(|byte| *byte != b'-')
        .map(|byte| byte.to_ascii_uppercase());
    let mut filled = 0;
    for (place, byte) in typed.iter_mut().zip(characters.by_ref()) {
        *place = byte;
        filled += 1;
    }
    filled == LENGTH && characters.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn derive(secret: &str, user: i64, nonce: CredentialNonce) -> TemporaryPassword {
        TemporaryPassword::derive(&SecretString::from(secret), UserId(user), &nonce)
    }

    fn base32(bytes: &[u8], length: usize) -> String {
        let mut digits = vec![0; length];
        write_base32(bytes, &mut digits);
        String::from_utf8(digits).unwrap()
    }

    #[test]
    fn base32_agrees_with_rfc_4648() {
        // RFC 4648, section 10, up to the last digit that is all data.
        assert_eq!(base32(b"foobar", 9), "MZXW6YTBO");
        assert_eq!(base32(b"fooba", 8), "MZXW6YTB");
        assert_eq!(base32(&[0xff; 5], 8), "77777777");
        assert_eq!(base32(&[0; 5], 8), "AAAAAAAA");
    }

    #[test]
    fn the_derivation_never_changes() {
        // Computed once with Python's hmac, hashlib and base64; a change would break every mail already sent.
        let password = derive("an example of a server secret 01", 42, [7; 16].into());

        assert_eq!(password.grouped().expose(), "2GIL-SNXY-SI4D-WCUX-WTWM");
    }

    #[test]
    fn the_secret_may_be_held_as_text_or_as_bytes() {
        let nonce = CredentialNonce::from([7; 16]);
        let bytes = TemporaryPassword::derive(&Secret::from(b"server secret".to_vec()), UserId(42), &nonce);

        assert!(bytes.verify(derive("server secret", 42, nonce).grouped().expose()));
    }

    #[test]
    fn a_stored_nonce_of_another_length_is_refused() {
        let stored: &[u8] = &[1; 15];

        assert_eq!(CredentialNonce::try_from(stored), Err(InvalidNonce { length: 15 }));
        assert!(CredentialNonce::try_from([1; 16].as_slice()).is_ok());
    }

    #[test]
    fn two_new_nonces_differ() {
        assert_ne!(CredentialNonce::generate(), CredentialNonce::generate());
    }

    #[test]
    fn a_fingerprint_is_sixteen_hex_digits_of_sha_256() {
        // sha256 of 16 zero bytes begins 374708fff7719dd5.
        assert_eq!(CredentialNonce::from([0; 16]).fingerprint(), "374708fff7719dd5");
    }

    #[test]
    fn debug_output_does_not_show_the_password() {
        let password = derive("s", 1, [1; 16].into());

        assert_eq!(format!("{password:?}"), "TemporaryPassword(***)");
        assert_eq!(format!("{:?}", password.grouped()), "Secret(***)");
    }

    #[test]
    fn something_of_another_length_is_not_the_password() {
        let password = derive("s", 1, [1; 16].into());
        let grouped = password.grouped();
        let shorter = &grouped.expose()[..23];

        assert!(!password.verify(""));
        assert!(!password.verify("----"));
        assert!(!password.verify(shorter));
        assert!(!password.verify(&format!("{}A", grouped.expose())));
        assert!(!password.verify(&"A".repeat(1_000_000)));
    }

    fn nonces() -> impl Strategy<Value = CredentialNonce> {
        any::<[u8; 16]>().prop_map(CredentialNonce::from)
    }

    proptest! {
        #[test]
        fn a_password_is_five_groups_of_four_base32_digits(
            key in ".{0,200}", user in any::<i64>(), nonce in nonces(),
        ) {
            let grouped = derive(&key, user, nonce).grouped();
            let groups: Vec<&str> = grouped.expose().split('-').collect();

            prop_assert_eq!(groups.len(), 5);
            for group in groups {
                prop_assert_eq!(group.len(), 4);
                prop_assert!(group.bytes().all(|byte| ALPHABET.contains(&byte)));
            }
        }

        #[test]
        fn hyphens_case_and_surrounding_space_do_not_matter(user in any::<i64>(), nonce in nonces()) {
            let password = derive("server secret", user, nonce);
            let grouped = password.grouped().expose().clone();

            prop_assert!(password.verify(&grouped));
            prop_assert!(password.verify(&grouped.replace('-', "")));
            prop_assert!(password.verify(&grouped.to_ascii_lowercase()));
            let pasted = format!(" {grouped}\r\n");
            prop_assert!(password.verify(&pasted));
        }

        #[test]
        fn one_wrong_character_is_refused(
            user in any::<i64>(), nonce in nonces(), place in 0_usize..20, wrong in "[A-Z2-7a-z0189 ş]",
        ) {
            let password = derive("server secret", user, nonce);
            let plain = password.grouped().expose().replace('-', "");
            let right = plain[place..=place].to_owned();
            prop_assume!(!right.eq_ignore_ascii_case(&wrong));
            let changed = format!("{}{wrong}{}", &plain[..place], &plain[place + 1..]);

            prop_assert!(!password.verify(&changed));
        }

        #[test]
        fn each_of_key_user_and_nonce_changes_the_password(user in any::<i64>(), nonce in nonces()) {
            let text = |secret: &str, user, nonce| derive(secret, user, nonce).grouped().expose().clone();
            let mut other = *nonce.as_bytes();
            other[15] ^= 1;
            let password = text("key", user, nonce);

            prop_assert_ne!(&password, &text("kez", user, nonce));
            prop_assert_ne!(&password, &text("key", user ^ 1, nonce));
            prop_assert_ne!(&password, &text("key", user, other.into()));
        }
    }
}
