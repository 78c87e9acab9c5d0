//! Jobs in PostgreSQL: asked for, sent, claimed, ended, seen and steered; at the same time, and when somebody vanishes.

mod asking;
mod at_the_same_time;
mod claiming;
mod dispatching;
mod failing;
mod losing_the_claim;
mod noting;
mod pausing;
mod probing;
mod rescuing;
mod seeing;
mod sending;
mod sharing;
mod steering;

use acurate_shared::config::{JobSettings, RetryRule};
use acurate_shared::db::{Database, Work, sql};
use acurate_shared::entity::job;
use acurate_shared::ids::{JobId, UserId};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::jobs::{Dispatched, Job, Order, enqueue, enqueue_many};
use acurate_shared::kinds::JobState;
use acurate_shared::testing::{TestDatabase, job_settings, until};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, TryGetable, Value};
use std::sync::Arc;
use std::time::Duration;

/// Longer than any test.
const LEASE: Duration = Duration::from_secs(1000);

/// Three failures; waits that no test waits for.
const RULE: RetryRule = RetryRule {
    max_attempts: 3,
    delay: Duration::from_secs(1000),
    doubles: true,
};

/// A ledger of its own.
struct Desk {
    test: TestDatabase,
    settings: Arc<JobSettings>,
}

impl Desk {
    async fn open() -> Self {
        let mut settings = (*job_settings()).clone();
        settings.redispatch = Duration::from_secs(1000);
        settings.lease = LEASE;
        settings.achievement = RULE;
        Self {
            test: TestDatabase::create().await,
            settings: Arc::new(settings),
        }
    }

    fn database(&self) -> &Database {
        self.test.database()
    }

    /// A unit of work that leaves its jobs to the dispatcher.
    async fn work(&self) -> Work {
        Work::begin(self.database(), &self.settings).await.unwrap()
    }

    /// A unit of work that sends messages itself.
    async fn sending_work(&self) -> Work {
        self.work().await.with_fast_path()
    }

    async fn enqueue(&self, job: &Job) -> JobId {
        let mut work = self.work().await;
        let id = enqueue(&mut work, job, Order::default()).await.unwrap();
        assert_eq!(work.commit().await.unwrap().jobs, []);
        id
    }

    async fn enqueue_many(&self, jobs: &[Job]) -> Vec<JobId> {
        let mut work = self.work().await;
        let ids = enqueue_many(&mut work, jobs, Order::default()).await.unwrap();
        let _ = work.commit().await.unwrap();
        ids
    }

    async fn try_claim(&self, id: JobId) -> Option<Claim> {
        ledger::claim(self.database(), &self.settings, id, "worker").await.unwrap()
    }

    async fn claim(&self, id: JobId) -> Claim {
        self.try_claim(id).await.expect("a claim")
    }

    /// A job that was asked for and claimed.
    async fn claimed(&self, job: &Job) -> Claim {
        self.claim(self.enqueue(job).await).await
    }

    async fn row(&self, id: JobId) -> job::Model {
        job::Entity::find_by_id(id)
            .one(self.database().orm())
            .await
            .unwrap()
            .expect("a job")
    }

    async fn state(&self, id: JobId) -> JobState {
        self.row(id).await.state
    }

    async fn rows(&self) -> Vec<job::Model> {
        job::Entity::find()
            .order_by_asc(job::Column::Id)
            .all(self.database().orm())
            .await
            .unwrap()
    }

    /// States of all jobs, in the order of asking.
    async fn states(&self) -> Vec<JobState> {
        self.rows().await.into_iter().map(|row| row.state).collect()
    }

    async fn execute(&self, text: &str, values: impl IntoIterator<Item = Value>) {
        self.database().orm().execute_raw(sql(text, values)).await.expect(text);
    }

    /// The single value of a statement.
    async fn value<T: TryGetable>(&self, text: &str, values: impl IntoIterator<Item = Value>) -> T {
        let row = self.database().orm().query_one_raw(sql(text, values)).await.expect(text);
        row.expect(text).try_get_by_index(0).expect(text)
    }

    /// Seconds until a job is due.
    async fn waits(&self, id: JobId) -> f64 {
        self.value(
            "SELECT extract(epoch FROM run_at - now())::float8 FROM jobs WHERE id = $1",
            [id.into()],
        )
        .await
    }

    async fn postpone(&self, id: JobId) {
        self.execute("UPDATE jobs SET run_at = now() + interval '1 hour' WHERE id = $1", [id.into()])
            .await;
    }

    async fn expire(&self, id: JobId) {
        self.execute(
            "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1",
            [id.into()],
        )
        .await;
    }

    async fn request_cancel(&self, id: JobId) {
        self.execute("UPDATE jobs SET cancel_requested_at = now() WHERE id = $1", [id.into()])
            .await;
    }

    /// Waits until so many connections to this database wait for a lock.
    async fn until_blocked(&self, connections: i64) {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("connections that wait for a lock", async || {
            (self.value::<i64>(count, []).await == connections).then_some(())
        })
        .await;
    }
}

/// The computation of one student: jobs of the same number are equal.
fn student(id: i64) -> Job {
    Job::Achievement {
        student_ids: vec![UserId(id)],
    }
}

/// A mail: no job equals another.
fn mail(user: i64) -> Job {
    Job::WelcomeEmail { user_id: UserId(user) }
}

fn ids(messages: &[Dispatched]) -> Vec<JobId> {
    messages.iter().map(|message| message.job_id).collect()
}
