//! What the system does for itself: ticks that are taken once, partitions in time, and the end of what is old.

mod partitions;
mod purging;
mod purging_files;
mod purging_jobs;
mod ticks;

use acurate_shared::db::{Database, Work, sql};
use acurate_shared::maintenance::Task;
use acurate_shared::maintenance::purge::{Keep, Purge};
use acurate_shared::testing::{TestDatabase, job_settings, until};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, TryGetable};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A database with an institution and a user in it, the first of each, which have the id 1.
struct House {
    test: TestDatabase,
}

impl House {
    async fn open() -> Self {
        let house = Self {
            test: TestDatabase::create().await,
        };
        house
            .execute(
                "INSERT INTO institutions (name) VALUES ('Atatürk');
                 INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
                 VALUES (1, 'institution_admin', 'ada@ata.edu.tr', 'Ada', 'Ak', 'x')",
            )
            .await;
        house
    }

    fn database(&self) -> &Database {
        self.test.database()
    }

    async fn work(&self) -> Work {
        Work::begin(self.database(), &job_settings()).await.unwrap()
    }

    async fn execute(&self, text: &str) {
        self.database().orm().execute_unprepared(text).await.expect(text);
    }

    /// The single value of a statement.
    async fn value<T: TryGetable>(&self, text: &str) -> T {
        let row = self.database().orm().query_one_raw(sql(text, [])).await.expect(text);
        row.expect(text).try_get_by_index(0).expect(text)
    }

    /// The texts that a statement yields, in one line; empty when there are none.
    async fn line(&self, column: &str, rest: &str) -> String {
        let select = format!("SELECT COALESCE(string_agg({column}, ' ' ORDER BY {column}), '') FROM {rest}");
        self.value(&select).await
    }

    /// Runs a purge, with 30 days for what has a setting, to its end; the rows of each batch.
    async fn purge(&self, task: Task, now: DateTime<Utc>) -> Vec<u64> {
        let keep = Keep {
            jobs: 30 * DAY,
            files: 30 * DAY,
        };
        let purge = Purge::of(task, keep).expect("a task that removes something");
        let mut batches = Vec::new();
        loop {
            let work = self.work().await;
            let rows = purge.some(work.tx(), now).await.unwrap();
            let _ = work.commit().await.unwrap();
            if rows == 0 {
                return batches;
            }
            batches.push(rows);
        }
    }

    /// Waits until so many connections to this database wait for a lock.
    async fn until_blocked(&self, connections: i64) {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("connections that wait for a lock", async || {
            (self.value::<i64>(count).await == connections).then_some(())
        })
        .await;
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}
