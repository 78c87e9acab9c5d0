//! The queues: one for each kind of load, so that a slow one holds up no other.

use std::fmt;
use std::str::FromStr;

/// A queue of its own list, workers and concurrency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Queue {
    /// Mails: many, short, waiting for a mail server.
    Email,
    /// Imports of files: few, long.
    Import,
    /// Calculation of achievement that somebody waits for: many, short, working in the database.
    Achievement,
    /// Calculation of achievement of many students at once, as imports and changes of whole courses cause it.
    Recalculation,
    /// What the system does for itself: few, of any length, nobody waits for them.
    Maintenance,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 5] = [Self::Email, Self::Import, Self::Achievement, Self::Recalculation, Self::Maintenance];

    /// The word in keys, settings and `jobs.queue`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Import => "import",
            Self::Achievement => "achievement",
            Self::Recalculation => "recalculation",
            Self::Maintenance => "maintenance",
        }
    }

    /// Whether it carries bulk work, of which each institution may run only so much at a time.
    #[must_use]
    pub const fn is_heavy(self) -> bool {
        matches!(self, Self::Import | Self::Recalculation)
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no queue {0:?}")]
pub struct UnknownQueue(pub String);

impl FromStr for Queue {
    type Err = UnknownQueue;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|queue| queue.as_str() == word)
            .ok_or_else(|| UnknownQueue(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_queue_is_found_by_its_own_word() {
        for queue in Queue::ALL {
            assert_eq!(queue.to_string().parse(), Ok(queue));
        }
    }

    #[test]
    fn an_unknown_word_is_refused_and_named() {
        let error = "e-mail".parse::<Queue>().unwrap_err();

        assert_eq!(error.to_string(), r#"there is no queue "e-mail""#);
    }
}
