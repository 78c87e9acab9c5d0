//! Optimistic locking: the versions of a row that a caller is ready to change.

use crate::error::{Error, Result};

/// Versions that a change may be applied to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whatever the row is now: the last writer wins.
    #[default]
    Any,
    /// One of these versions, each from 1.
    OneOf(Vec<i32>),
}

impl Expected {
    /// Passes when the row, locked by the caller, is at an expected version.
    ///
    /// # Errors
    /// `Outdated`: somebody else has changed the row since the caller read it.
    pub fn check(&self, current: i32) -> Result<()> {
        match self {
            Self::OneOf(versions) if !versions.contains(&current) => Err(Error::Outdated),
            Self::Any | Self::OneOf(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_expected_versions_pass() {
        assert!(Expected::Any.check(7).is_ok());
        assert!(Expected::OneOf(vec![6, 7]).check(7).is_ok());
        assert!(matches!(Expected::OneOf(vec![6]).check(7), Err(Error::Outdated)));
        assert!(matches!(Expected::OneOf(vec![]).check(7), Err(Error::Outdated)));
    }
}
