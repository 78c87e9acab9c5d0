//! What the system does by the clock: the list of all schedules, and asking for their jobs.
//!
//! Every worker has the list and a clock of apalis-cron, and every one of them sees every tick. Which of them asks for the
//! job is decided in PostgreSQL ([`acurate_shared::maintenance::ticks`]), so that a tick has one job however many workers
//! there are. A tick that nobody saw is made up once by whoever looks next: the latest one of a schedule only, as one run
//! does the work of all. What a task does is its handler.

mod clock;
pub mod command;

use crate::context::Context;
use acurate_shared::config::JobSettings;
use acurate_shared::db::{Database, Work};
use acurate_shared::error::{Error, Result};
use acurate_shared::ids::JobId;
use acurate_shared::maintenance::{Task, partitions, ticks};
use chrono::{DateTime, Utc};
use clock::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Something that is done by the clock.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// What is done; its word is the name of the schedule.
    pub task: Task,
    /// When, in UTC: second, minute, hour, day of the month, month, day of the week.
    pub cron: &'static str,
    /// What that means, for people.
    pub what: &'static str,
}

/// All of them, spread over the hours in which universities sleep.
pub const SCHEDULES: &[Schedule] = &[
    Schedule {
        task: Task::ExpiredIdempotencyKeys,
        cron: "0 5 * * * *",
        what: "removes answers to creating requests that are older than a day",
    },
    Schedule {
        task: Task::Partitions,
        cron: "0 10 0 * * *",
        what: "makes the activity log's next three months and the next academic year of the grades",
    },
    Schedule {
        task: Task::ExpiredSessions,
        cron: "0 20 0 * * *",
        what: "removes sessions that expired more than a day ago",
    },
    Schedule {
        task: Task::ExpiredResetTokens,
        cron: "0 35 0 * * *",
        what: "removes tokens of reset links that expired more than a day ago",
    },
    Schedule {
        task: Task::FinishedJobs,
        cron: "0 50 0 * * *",
        what: "removes jobs that succeeded, were cancelled or were superseded, some days after their end (ACURATE_JOB_KEEP_DAYS)",
    },
    Schedule {
        task: Task::ImportedFiles,
        cron: "0 20 1 * * *",
        what: "removes the files of imports, some days after the end of the last import of each (ACURATE_IMPORT_FILE_KEEP_DAYS)",
    },
    Schedule {
        task: Task::AchievementCheck,
        cron: "0 40 1 * * *",
        what: "computes the achievements of a sample of students from scratch and repairs what differs (ACURATE_ACHIEVEMENT_CHECK_STUDENTS)",
    },
];

/// Wakes everybody up now and then although no tick is near: for ticks that fell while PostgreSQL was away, and for clocks
/// that were set.
const NET: Duration = Duration::from_secs(60);

/// Wait before another try where something failed.
const AGAIN: Duration = Duration::from_secs(5);

impl Schedule {
    /// The schedule of a task; every task has one.
    #[must_use]
    pub fn of(task: Task) -> Option<&'static Self> {
        SCHEDULES.iter().find(|schedule| schedule.task == task)
    }

    /// The latest moment that it names, up to and including `now`.
    ///
    /// # Errors
    /// When the expression cannot be read, or names no moment before.
    pub fn previous(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        clock::previous(&self.expression()?, now).ok_or_else(|| Error::internal("a schedule has no past"))
    }

    /// The first moment that it names after `now`.
    ///
    /// # Errors
    /// When the expression cannot be read, or names no moment any more.
    pub fn next(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        clock::next(&self.expression()?, now).ok_or_else(|| Error::internal("a schedule has no future"))
    }

    fn expression(&self) -> Result<cron::Schedule> {
        self.cron
            .parse()
            .map_err(|error| Error::caused("a cron expression cannot be read", error))
    }
}

/// A job that a tick asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// What is to be done.
    pub task: Task,
    /// The moment that the schedule names.
    pub tick: DateTime<Utc>,
    /// The job.
    pub job_id: JobId,
}

/// Asks for what is due at `now` and was not asked for yet, each in a transaction of its own; what others were faster with
/// is not among what is returned.
///
/// # Errors
/// When the database refuses; what was asked for before stays.
pub async fn catch_up(database: &Database, jobs: &Arc<JobSettings>, now: DateTime<Utc>) -> Result<Vec<Fired>> {
    let known = ticks::last(database.orm()).await?;
    let mut fired = Vec::new();
    for schedule in SCHEDULES {
        let tick = schedule.previous(now)?;
        if known.iter().any(|last| last.name == schedule.task.as_str() && last.tick >= tick) {
            continue;
        }
        let mut work = Work::begin(database, jobs).await?;
        let job_id = ticks::fire(&mut work, schedule.task, tick).await?;
        let _left_to_the_dispatcher = work.commit().await?;
        fired.extend(job_id.map(|job_id| Fired {
            task: schedule.task,
            tick,
            job_id,
        }));
    }
    Ok(fired)
}

/// Makes the partitions that are missing, at once and without a job, so that a fresh database is right before anybody
/// writes; then asks for jobs by the clock until `done`.
pub async fn keep(context: Arc<Context>, done: CancellationToken) {
    let mut clock = Clock::start();
    let mut now = Utc::now();
    let mut has_partitions = false;
    while !done.is_cancelled() {
        if !has_partitions {
            has_partitions = ensure_partitions(&context, now).await;
        }
        let asked = catch_up(&context.database, &context.jobs, now).await;
        let pause = match asked {
            Ok(fired) => {
                for Fired { task, tick, job_id } in fired {
                    tracing::info!(schedule = %task, %tick, job = %job_id, "due");
                }
                if has_partitions { NET } else { AGAIN }
            }
            Err(error) => {
                tracing::warn!(%error, "schedules could not be looked at; trying again");
                AGAIN
            }
        };
        now = tokio::select! {
            () = done.cancelled() => return,
            () = tokio::time::sleep(pause) => Utc::now(),
            // A timer may end a moment before the clock says so.
            tick = clock.tick() => Utc::now().max(tick),
        };
    }
}

async fn ensure_partitions(context: &Context, now: DateTime<Utc>) -> bool {
    match partitions::ensure(&context.database, now).await {
        Ok(made) => {
            if made != partitions::Made::default() {
                tracing::info!(months = ?made.months, years = ?made.years, "made partitions that were missing");
            }
            true
        }
        Err(error) => {
            tracing::warn!(%error, "partitions could not be looked at; trying again");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_one_schedule_that_can_be_read() {
        for task in Task::ALL {
            assert_eq!(SCHEDULES.iter().filter(|schedule| schedule.task == task).count(), 1, "{task}");
            assert!(Schedule::of(task).unwrap().expression().is_ok(), "{task}");
        }
        assert_eq!(SCHEDULES.len(), Task::ALL.len());
    }

    #[test]
    fn no_two_schedules_fall_on_the_same_moment() {
        let mut moments = Vec::new();
        let midnight: DateTime<Utc> = "2026-12-31T00:00:00Z".parse().unwrap();
        for schedule in SCHEDULES {
            let mut at = midnight;
            for _ in 0..24 {
                at = schedule.next(at).unwrap();
                moments.push(at);
            }
        }
        let all = moments.len();
        moments.sort_unstable();
        moments.dedup();
        assert_eq!(moments.len(), all);
    }

    /// Name and expression of every schedule stand in the table of `README.md`.
    #[test]
    fn every_schedule_is_documented() {
        let readme = include_str!("../../../README.md");
        for Schedule { task, cron, .. } in SCHEDULES {
            let row = format!("| `{task}` | `{cron}` |");
            assert!(readme.contains(&row), "README.md has no row that begins with {row}");
        }
    }
}
