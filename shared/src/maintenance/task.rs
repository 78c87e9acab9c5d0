//! The closed set of tasks. A task's word is the name of its schedule, and stands in the payload of its jobs.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Something that the system does for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Makes the partitions of the months and academic years to come.
    Partitions,
    /// Removes sessions that ended by themselves.
    ExpiredSessions,
    /// Removes the tokens of reset links that work no more.
    ExpiredResetTokens,
    /// Removes answers that are not given again any more.
    ExpiredIdempotencyKeys,
    /// Removes jobs that ended well, or by request, a while ago.
    FinishedJobs,
    /// Removes the files of imports that ended a while ago.
    ImportedFiles,
    /// Compares a sample of the stored achievements with the rules.
    AchievementCheck,
}

impl Task {
    /// Every task.
    pub const ALL: [Self; 7] = [
        Self::Partitions,
        Self::ExpiredSessions,
        Self::ExpiredResetTokens,
        Self::ExpiredIdempotencyKeys,
        Self::FinishedJobs,
        Self::ImportedFiles,
        Self::AchievementCheck,
    ];

    /// The word in payloads, in `schedule_ticks.name` and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partitions => "partitions",
            Self::ExpiredSessions => "expired_sessions",
            Self::ExpiredResetTokens => "expired_reset_tokens",
            Self::ExpiredIdempotencyKeys => "expired_idempotency_keys",
            Self::FinishedJobs => "finished_jobs",
            Self::ImportedFiles => "imported_files",
            Self::AchievementCheck => "achievement_check",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no task.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no schedule {0:?}; there are {all}", all = Task::ALL.map(Task::as_str).join(", "))]
pub struct UnknownTask(pub String);

impl FromStr for Task {
    type Err = UnknownTask;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|task| task.as_str() == word)
            .ok_or_else(|| UnknownTask(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_spelled_alike_in_payloads_in_the_database_and_on_the_command_line() {
        for task in Task::ALL {
            assert_eq!(serde_json::to_value(task).unwrap(), task.as_str());
            assert_eq!(task.to_string().parse(), Ok(task));
        }
    }

    #[test]
    fn an_unknown_word_is_refused_and_those_that_exist_are_named() {
        let error = "sweep_floor".parse::<Task>().unwrap_err().to_string();
        assert!(error.contains("sweep_floor") && error.contains("finished_jobs"), "{error}");
    }
}
