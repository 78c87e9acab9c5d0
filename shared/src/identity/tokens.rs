//! Opaque tokens: 256 random or derived bits that mean nothing by themselves and are stored only as a digest.
//!
//! For refresh tokens and others that are looked up; access tokens carry claims and are the API's. A token is random
//! enough that a plain SHA-256 is as good as a slow hash, and it can be found by an index.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::secret::SecretString;

const LENGTH: usize = 32;

/// A token as its owner holds it. Overwritten with zeros when dropped; `Debug` shows nothing of it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OpaqueToken([u8; LENGTH]);

impl OpaqueToken {
    /// A new token from the thread's cryptographic generator.
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// A token that was derived, not drawn.
    pub(super) fn derived(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }

    /// Reads a token as [`encoded`](Self::encoded) writes it: 43 characters of base64url without padding.
    ///
    /// # Errors
    /// [`InvalidToken`] for anything else; it does not say what was wrong, and holds nothing of the text.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        // Its length is checked first, so that a megabyte of text is not decoded.
        if text.len() != LENGTH.div_ceil(3) * 4 - 1 {
            return Err(InvalidToken);
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidToken)?);
        bytes.as_slice().try_into().map(Self).map_err(|_| InvalidToken)
    }

    /// The token for its owner: 43 characters of base64url without padding.
    pub fn encoded(&self) -> SecretString {
        SecretString::new(URL_SAFE_NO_PAD.encode(self.0))
    }

    /// What is stored in place of the token.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OpaqueToken(***)")
    }
}

/// The text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a token")]
pub struct InvalidToken;

/// The SHA-256 of a token. Comparing two takes the same time wherever they differ.
#[derive(Debug, Clone, Copy)]
pub struct TokenDigest([u8; Self::LENGTH]);

impl TokenDigest {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl PartialEq for TokenDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenDigest {}

impl TryFrom<&[u8]> for TokenDigest {
    type Error = InvalidDigest;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| InvalidDigest { length: bytes.len() })
    }
}

/// A stored token digest that is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token digest has 32 bytes, not {length}")]
pub struct InvalidDigest {
    /// Bytes found.
    pub length: usize,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_digest_is_sha_256_of_the_bytes() {
        // sha256 of 32 zero bytes.
        let digest = OpaqueToken([0; 32]).digest();
        let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();

        assert_eq!(hex, "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
    }

    #[test]
    fn two_new_tokens_differ() {
        assert_ne!(OpaqueToken::generate().digest(), OpaqueToken::generate().digest());
    }

    #[test]
    fn debug_output_does_not_show_the_token() {
        let token = OpaqueToken::generate();

        assert_eq!(format!("{token:?}"), "OpaqueToken(***)");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let good = OpaqueToken([0xff; 32]).encoded().expose().clone();
        for text in [
            String::new(),
            good[..42].to_owned(),
            format!("{good}="),
            format!("{good}A"),
            good.replacen('_', "/", 1),
            good.replacen('_', " ", 1),
            // The last character holds two bits that must be zero, so a token has one spelling only.
            format!("{}9", &good[..42]),
            "A".repeat(1_000_000),
        ] {
            assert_eq!(OpaqueToken::parse(&text).unwrap_err(), InvalidToken, "{text:.50}");
        }
    }

    #[test]
    fn a_stored_digest_of_another_length_is_refused() {
        let stored: &[u8] = &[0; 31];

        assert_eq!(TokenDigest::try_from(stored), Err(InvalidDigest { length: 31 }));
    }

    proptest! {
        #[test]
        fn a_token_survives_being_written_and_read(bytes in any::<[u8; 32]>()) {
            let token = OpaqueToken(bytes);
            let text = token.encoded();

            prop_assert_eq!(text.expose().len(), 43);
            prop_assert_eq!(OpaqueToken::parse(text.expose()).unwrap().digest(), token.digest());
            let stored = TokenDigest::try_from(token.digest().as_bytes().as_slice()).unwrap();
            prop_assert_eq!(stored, token.digest());
        }

        #[test]
        fn one_changed_bit_is_another_token(bytes in any::<[u8; 32]>(), bit in 0_usize..256) {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);

            prop_assert_ne!(OpaqueToken(bytes).digest(), OpaqueToken(changed).digest());
        }

        #[test]
        fn no_text_makes_the_parser_fail_otherwise(text in ".{0,60}") {
            drop(OpaqueToken::parse(&text));
        }
    }
}
