//! Values that must not reach a log: keys, passwords, tokens, URLs that carry credentials.
//!
//! For holding them, not for comparing them: a comparison that decides access belongs to the type that knows what
//! is compared (`identity`), in constant time.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A secret text.
pub type SecretString = Secret<String>;

/// Secret bytes.
pub type SecretBytes = Secret<Vec<u8>>;

/// A value that prints as `Secret(***)` and is overwritten with zeros when dropped.
///
/// There is deliberately no `Display`, no `Serialize` and no `PartialEq`: each use of the content says
/// [`expose`](Self::expose), which is easy to find in a review.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of the secret; the caller keeps no copy.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The content. Never pass it to a log, an error or a job.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

impl From<String> for Secret<String> {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl From<Vec<u8>> for Secret<Vec<u8>> {
    fn from(value: Vec<u8>) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_holds_nothing_of_the_content() {
        let text = SecretString::from("hunter2");
        let nested = Some(&text);

        assert_eq!(format!("{text:?}"), "Secret(***)");
        assert!(!format!("{nested:#?}").contains("hunter2"));
        assert_eq!(text.expose(), "hunter2");
    }

    #[test]
    fn debug_output_does_not_tell_the_length() {
        let short = format!("{:?}", SecretBytes::from(vec![1]));
        let long = format!("{:?}", SecretBytes::from(vec![1; 500]));

        assert_eq!(short, long);
    }
}
