//! The end of the real worker: nothing new begins, what runs gets its time, the rest goes back, and the exit code tells which.

use crate::workbench::{Answer, Workbench};
use crate::worker_process::{Site, WorkerProcess};
use acurate_shared::ids::JobId;
use acurate_shared::jobs::{Job, outbox};
use acurate_shared::testing::until;
use acurate_shared::transport::{Message, Queue};
use acurate_worker::executor::decline;
use sqlx::{Postgres, Transaction};

const QUEUES: &str = "email=1,import=1,achievement=1,recalculation=1";

const WORKERS: &str = "SELECT count(*)::text FROM workers";

/// A mail that a worker is at, and cannot send before the test lets it: its record is in a locked table.
struct Held {
    bench: Workbench,
    worker: WorkerProcess,
    job: JobId,
    lock: Transaction<'static, Postgres>,
    folder: tempfile::TempDir,
}

impl Held {
    async fn new(grace_seconds: u32) -> Self {
        let bench = Workbench::new(Answer::Take).await;
        let mut lock = bench.database.database().pool().begin().await.unwrap();
        sqlx::query("LOCK TABLE email_deliveries IN SHARE MODE")
            .execute(&mut *lock)
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = [
            ("ACURATE_MAIL_DIR", folder.path().display().to_string()),
            ("ACURATE_DATABASE_STATEMENT_TIMEOUT_SECONDS", "600".to_owned()),
            ("ACURATE_WORKER_GRACE_SECONDS", grace_seconds.to_string()),
        ];
        let site = Site::new(&bench.database, &settings);
        let user_id = bench.newcomer(3600.0).await;
        let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
        let worker = site.start_worker(QUEUES);
        until("the mail to be under way", || async {
            (bench.row(job).await.state == "running").then_some(())
        })
        .await;
        Self {
            bench,
            worker,
            job,
            lock,
            folder,
        }
    }

    async fn until_stopping(&self) {
        until("the worker to say that it stops", || async {
            let stopping = "SELECT count(*)::text FROM workers WHERE stopping_at IS NOT NULL";
            (self.bench.text(stopping).await == "1").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_idle_worker_leaves_the_list_and_ends_with_0() {
    let bench = Workbench::new(Answer::Take).await;
    let folder = tempfile::tempdir().unwrap();
    let site = Site::new(&bench.database, &[("ACURATE_MAIL_DIR", folder.path().display().to_string())]);
    let worker = site.start_worker(QUEUES);
    until("the worker to be on the list", || async {
        (bench.text(WORKERS).await == "1").then_some(())
    })
    .await;
    worker.signal("INT");
    assert_eq!(worker.exit_code().await, Some(0));
    assert_eq!(bench.text(WORKERS).await, "0");
}

#[tokio::test]
async fn a_job_that_ends_in_the_grace_time_ends_well_nothing_new_begins_and_the_code_is_0() {
    let held = Held::new(600).await;
    held.worker.signal("TERM");
    held.until_stopping().await;
    let late = held.bench.newcomer_at("late@acurate.test", 3600.0).await;
    let late = held.bench.enqueue(Job::WelcomeEmail { user_id: late }).await;
    held.lock.rollback().await.unwrap();
    assert_eq!(held.worker.exit_code().await, Some(0));
    assert_eq!(held.bench.row(held.job).await.state, "succeeded");
    assert_eq!(held.bench.row(late).await.state, "queued", "for the next worker");
    assert_eq!(std::fs::read_dir(held.folder.path()).unwrap().count(), 1);
    assert_eq!(held.bench.text(WORKERS).await, "0");
}

#[tokio::test]
async fn a_job_that_outlives_the_grace_time_goes_back_at_once_and_the_code_is_3() {
    let held = Held::new(1).await;
    held.worker.signal("TERM");
    assert_eq!(held.worker.exit_code().await, Some(3));
    let row = held.bench.row(held.job).await;
    assert_eq!((row.state.as_str(), row.failures), ("queued", 0));
    let run = "SELECT concat_ws(' ', attempt, outcome, error) FROM job_attempts";
    assert_eq!(held.bench.text(run).await, "1 released");
}

#[tokio::test]
async fn a_second_signal_ends_running_jobs_without_waiting_for_the_grace_time() {
    let held = Held::new(100_000).await;
    held.worker.signal("TERM");
    held.until_stopping().await;
    held.worker.signal("INT");
    assert_eq!(held.worker.exit_code().await, Some(3));
    assert_eq!(held.bench.row(held.job).await.state, "queued");
}

#[tokio::test]
async fn a_message_that_a_stopping_worker_still_has_goes_back_to_the_dispatchers() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    let job_id = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    let take = async || {
        let due = outbox::take_due(bench.database.database(), &bench.context.jobs, "email", 10);
        due.await.unwrap()
    };
    let [sent] = &take().await[..] else { panic!("one message") };
    assert_eq!(take().await, [], "it is on its way");
    let message = Message {
        job_id,
        dispatch: sent.dispatch,
        trace: None,
    };
    decline(&bench.context, &message, Queue::Email).await.unwrap();
    assert_eq!(bench.row(job_id).await.state, "queued");
    assert_eq!(take().await.len(), 1, "at once");
}

#[tokio::test]
async fn a_worker_that_cannot_start_ends_with_1() {
    let bench = Workbench::new(Answer::Take).await;
    let site = Site::new(&bench.database, &[]);
    let worker = site.start_worker(QUEUES);
    assert_eq!(worker.exit_code().await, Some(1), "it does not know where mails go");
}

#[tokio::test]
async fn a_worker_told_some_queues_only_leaves_the_others_unattended() {
    let bench = Workbench::new(Answer::Take).await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.json");
    let settings = [
        ("ACURATE_MAIL_DIR", folder.path().join("mail").display().to_string()),
        ("ACURATE_LOG_FILE", log.display().to_string()),
    ];
    let site = Site::new(&bench.database, &settings);
    let _worker = site.start_worker("email=8,import=1,achievement=4");
    let complaint = until("a complaint in the log", || async {
        let text = std::fs::read_to_string(&log).ok()?;
        text.lines().find(|line| line.contains("NO WORKER CONSUMES")).map(str::to_owned)
    })
    .await;
    assert!(complaint.contains("recalculation") && complaint.contains("WARN"), "{complaint}");
    let unattended = acurate_shared::jobs::workers::unattended(bench.database.database().orm(), bench.context.jobs.lease);
    assert_eq!(unattended.await.unwrap(), [Queue::Recalculation, Queue::Maintenance]);
}
