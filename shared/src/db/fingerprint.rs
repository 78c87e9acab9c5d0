//! The version of what has no number: weights that are replaced as a whole, spread over many rows.

use sha2::{Digest, Sha256};
use std::fmt::{self, Display};
use std::str::FromStr;

/// Says whether two readings of the same rows found the same: the first 64 bits of the SHA-256 of what they say.
///
/// Equal content is an equal version, also when it was changed and changed back meanwhile: then there is nothing that
/// a writer could overwrite unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of what the rows say, in their order; each text must be made so that different rows give different texts.
    pub fn of<T: Display>(rows: impl IntoIterator<Item = T>) -> Self {
        let mut hash = Sha256::new();
        for row in rows {
            hash.update(row.to_string().as_bytes());
            hash.update(b"\n");
        }
        let first = hash.finalize().into_iter().take(8);
        Self(first.fold(0, |number, byte| number << 8 | u64::from(byte)))
    }
}

impl Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The text is none of a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no fingerprint")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let is_written_so = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = is_written_so.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(NoFingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_rows_and_another_order_are_another_version() {
        let all = [
            Fingerprint::of([""; 0]),
            Fingerprint::of([""]),
            Fingerprint::of(["1 2"]),
            Fingerprint::of(["1", "2"]),
            Fingerprint::of(["2", "1"]),
        ];
        for (index, one) in all.iter().enumerate() {
            assert_eq!(all.iter().position(|other| other == one), Some(index));
        }
        assert_eq!(Fingerprint::of([1, 2]), Fingerprint::of(["1", "2"]));
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        for number in [0, 1, u64::MAX] {
            let fingerprint = Fingerprint(number);
            assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        }
        for text in ["", "1", "+00000000000000f", "00000000000000FF", "00000000000000000"] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NoFingerprint), "{text}");
        }
    }
}
