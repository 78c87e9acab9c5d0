//! The end of a running job by request: between two steps when it listens, by force when it does not.

use crate::workbench::{Answer, Workbench};
use acurate_shared::ids::JobId;
use acurate_shared::jobs::Job;
use acurate_shared::testing::{job_settings, until};
use acurate_worker::executor::heartbeat;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A mail that hangs at the mail server, a heartbeat beside it, and so much patience with a cancelled job.
async fn hanging(patience: Duration) -> (Workbench, JobId) {
    let mut jobs = (*job_settings()).clone();
    jobs.cancel_grace = patience;
    jobs.heartbeat = Duration::from_millis(20);
    let bench = Workbench::with_settings(Answer::Hang, jobs).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    let (context, running) = (Arc::clone(&bench.context), Arc::clone(&bench.running));
    tokio::spawn(heartbeat(context, running, CancellationToken::new()));
    (bench, job)
}

const REQUEST: &str = "UPDATE jobs SET cancel_requested_at = now()";

#[tokio::test]
async fn a_job_that_does_not_listen_is_ended_and_its_mail_is_given_up() {
    let (bench, job) = hanging(Duration::from_millis(50)).await;
    let ask = async {
        until("the mail to be under way", || async {
            (bench.text("SELECT count(*)::text FROM email_deliveries").await == "1").then_some(())
        })
        .await;
        bench.execute(REQUEST).await;
    };
    tokio::join!(bench.deliver(job), ask);
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("cancelled", 0));
    assert_eq!(row.result.unwrap()["ended"], "by force");
    assert_eq!(bench.text("SELECT state FROM email_deliveries").await, "failed");
    assert_eq!(
        bench.text("SELECT concat_ws(' ', attempt, outcome) FROM job_attempts").await,
        "1 cancelled"
    );
}

#[tokio::test]
async fn a_stop_of_the_worker_ends_a_cancelled_job_that_does_not_listen_and_does_not_give_it_back() {
    let (bench, job) = hanging(Duration::from_secs(100_000)).await;
    let ask = async {
        until("the mail to be under way", || async {
            (bench.text("SELECT count(*)::text FROM email_deliveries").await == "1").then_some(())
        })
        .await;
        bench.execute(REQUEST).await;
        bench.running.close();
        bench.running.force_all();
    };
    tokio::join!(bench.deliver(job), ask);
    assert_eq!(bench.row(job).await.state, "cancelled");
    assert_eq!(bench.text("SELECT state FROM email_deliveries").await, "failed");
}

#[tokio::test]
async fn a_job_that_begins_while_the_worker_stops_is_told_so() {
    let (bench, job) = hanging(Duration::from_secs(100_000)).await;
    bench.running.close();
    bench.running.force_all();
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("queued", 0));
    assert_eq!(bench.running.given_back(), 1);
}
