//! Watches the jobs whose worker died: how long after the end of the lease each one runs again.

use acurate_shared::db::{Database, sql};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// A job whose worker died.
#[derive(Clone, Debug, FromQueryResult)]
struct Orphan {
    id: i64,
    attempt: i32,
    lease_until: DateTime<Utc>,
}

/// A job that was taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// When the lease of the dead worker ended.
    pub(crate) lease_until: DateTime<Utc>,
    /// When the job was seen to run again.
    pub(crate) at: DateTime<Utc>,
}

impl Recovery {
    /// From the end of the lease to the next run.
    pub(crate) fn wait(&self) -> Duration {
        (self.at - self.lease_until).to_std().unwrap_or_default()
    }

    /// From the last of `deaths` before the next run, or from the end of the lease where none came after it.
    pub(crate) fn wait_after(&self, deaths: &[DateTime<Utc>]) -> Duration {
        let meanwhile = deaths.iter().filter(|death| (self.lease_until..self.at).contains(death));
        let since = meanwhile.max().copied().unwrap_or(self.lease_until);
        (self.at - since).to_std().unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Book {
    orphans: Vec<Orphan>,
    recoveries: Vec<Recovery>,
    deaths: Vec<DateTime<Utc>>,
}

/// A watch that is kept; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    database: Database,
    book: Arc<Mutex<Book>>,
}

#[derive(FromQueryResult)]
struct Seen {
    id: i64,
    attempt: i32,
    is_running: bool,
    is_final: bool,
    now: DateTime<Utc>,
}

impl Watch {
    /// Sees nothing yet.
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            book: Arc::default(),
        }
    }

    /// The process of a worker died, or was frozen: what it ran is watched from now on.
    pub(crate) async fn orphans_of(&self, pid: u32) {
        self.lock().deaths.push(Utc::now());
        let select = "SELECT id, attempt, lease_until FROM jobs WHERE state = 'running' AND worker LIKE $1";
        let query = Orphan::find_by_statement(sql(select, [format!("worker-{pid}-%").into()]));
        // Without PostgreSQL nothing can be said, and nothing runs.
        let found = query.all(self.database.orm()).await.unwrap_or_default();
        self.lock().orphans.extend(found);
    }

    /// Looks until dropped.
    pub(crate) fn keep(&self) -> JoinHandle<()> {
        let watch = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                watch.look().await;
            }
        })
    }

    /// What was taken over so far.
    pub(crate) fn recoveries(&self) -> Vec<Recovery> {
        self.lock().recoveries.clone()
    }

    /// When workers died or were frozen, whatever the reason, as far as was seen.
    pub(crate) fn deaths(&self) -> Vec<DateTime<Utc>> {
        self.lock().deaths.clone()
    }

    /// How many still wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().orphans.len()
    }

    async fn look(&self) {
        let ids: Vec<i64> = self.lock().orphans.iter().map(|orphan| orphan.id).collect();
        if ids.is_empty() {
            return;
        }
        let select = "
            SELECT id, attempt, state = 'running' AS is_running, finished_at IS NOT NULL AS is_final, clock_timestamp() AS now
            FROM jobs WHERE id = ANY($1)";
        let query = Seen::find_by_statement(sql(select, [ids.into()]));
        let Ok(seen) = query.all(self.database.orm()).await else { return };
        self.lock().settle(&seen);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn settle(&mut self, seen: &[Seen]) {
        let recoveries = &mut self.recoveries;
        self.orphans.retain(|orphan| {
            let Some(row) = seen.iter().find(|row| row.id == orphan.id) else {
                return true;
            };
            let has_run_again = row.attempt > orphan.attempt && (row.is_running || row.is_final);
            if has_run_again {
                recoveries.push(Recovery {
                    lease_until: orphan.lease_until,
                    at: row.now,
                });
            }
            // One that ended in the same run had ended before its worker did, or another one does its work.
            !has_run_again && !row.is_final
        });
    }
}

/// The duration that a share of all (0 to 1) does not exceed; `None` of none.
pub(crate) fn quantile(durations: &mut [Duration], share: f64) -> Option<Duration> {
    durations.sort_unstable();
    let place = (durations.len() as f64 * share).ceil() as usize;
    durations.get(place.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(attempt: i32, is_running: bool, is_final: bool) -> Vec<Seen> {
        let now = DateTime::UNIX_EPOCH + Duration::from_secs(30);
        vec![Seen {
            id: 1,
            attempt,
            is_running,
            is_final,
            now,
        }]
    }

    fn book() -> Book {
        let orphan = Orphan {
            id: 1,
            attempt: 3,
            lease_until: DateTime::UNIX_EPOCH + Duration::from_secs(20),
        };
        Book {
            orphans: vec![orphan],
            ..Book::default()
        }
    }

    #[test]
    fn a_job_recovers_with_its_next_run_and_not_before() {
        let mut book = book();
        book.settle(&seen(3, true, false));
        book.settle(&seen(3, false, false));
        assert!(book.recoveries.is_empty() && book.orphans.len() == 1);
        book.settle(&seen(4, true, false));
        assert!(book.orphans.is_empty());
        assert_eq!(book.recoveries[0].wait(), Duration::from_secs(10));
    }

    #[test]
    fn a_worker_that_dies_meanwhile_begins_the_wait_anew() {
        let at = |second| DateTime::UNIX_EPOCH + Duration::from_secs(second);
        let recovery = Recovery {
            lease_until: at(10),
            at: at(40),
        };
        let seconds = |deaths: &[DateTime<Utc>]| recovery.wait_after(deaths).as_secs();
        assert_eq!(seconds(&[]), 30);
        assert_eq!(seconds(&[at(5), at(41)]), 30, "before the end of the lease, and after the next run");
        assert_eq!(seconds(&[at(12), at(35), at(20)]), 5);
    }

    #[test]
    fn a_job_that_had_ended_before_its_worker_did_is_no_recovery() {
        let mut book = book();
        book.settle(&seen(3, false, true));
        assert!(book.recoveries.is_empty() && book.orphans.is_empty());
    }

    #[test]
    fn quantiles_are_those_of_the_nearest_rank() {
        let mut durations: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(quantile(&mut durations, 0.5), Some(Duration::from_millis(50)));
        assert_eq!(quantile(&mut durations, 0.99), Some(Duration::from_millis(99)));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
