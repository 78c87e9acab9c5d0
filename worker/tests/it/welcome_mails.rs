//! Welcome mails as jobs: sent once, tried again, given up, skipped.

use crate::workbench::{Answer, Workbench};
use acurate_shared::jobs::Job;
use acurate_shared::platform::institutions::MAIL_HELD;
use acurate_shared::testing::until;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_message_that_comes_twice_sends_one_mail() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    bench.deliver(job).await;
    assert_eq!(bench.taken().len(), 1);
    assert_eq!(bench.row(job).await.state, "succeeded");
    assert_eq!(bench.text("SELECT state FROM email_deliveries").await, "sent");
}

#[tokio::test]
async fn a_second_job_for_the_same_credential_sends_no_second_mail() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    for _ in 0..2 {
        let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
        bench.deliver(job).await;
        assert_eq!(bench.row(job).await.state, "succeeded");
    }
    assert_eq!(bench.taken().len(), 1);
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_tried_three_more_times_a_minute_apart() {
    let bench = Workbench::new(Answer::Wait).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    for failures in 1..=3 {
        bench.deliver(job).await;
        let row = bench.row(job).await;
        assert_eq!((row.state.as_str(), row.failures), ("queued", failures));
        assert!((50.0..=67.0).contains(&row.waits_seconds), "{row:?}");
        bench.execute("UPDATE jobs SET run_at = now()").await;
    }
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("dead", 4), "{row:?}");
    assert_eq!(bench.text("SELECT state FROM email_deliveries").await, "failed");
    assert_eq!(bench.text("SELECT attempts::text FROM email_deliveries").await, "4");
}

#[tokio::test]
async fn a_refused_address_is_not_tried_again() {
    let bench = Workbench::new(Answer::Refuse).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("dead", 1), "{row:?}");
    assert_eq!(bench.text("SELECT state FROM email_deliveries").await, "failed");
}

#[tokio::test]
async fn an_account_without_a_living_credential_gets_no_mail() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(-1.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "succeeded");
    assert_eq!(row.result.unwrap()["skipped"], "the temporary password has expired");
    assert!(bench.taken().is_empty());
}

#[tokio::test]
async fn a_panic_is_a_failed_run_and_nothing_more() {
    let bench = Workbench::new(Answer::Panic).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "queued");
    assert_eq!(row.error.as_deref(), Some("panicked: the mailer fell over"));
}

#[tokio::test]
async fn a_job_that_never_ends_is_ended_at_the_hard_limit() {
    let bench = Workbench::with_hard_limit(Answer::Hang, Duration::from_millis(200)).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "queued");
    assert!(row.error.unwrap().contains("hard limit"));
}

#[tokio::test]
async fn a_stopping_worker_gives_its_job_back_at_no_cost() {
    let bench = Arc::new(Workbench::new(Answer::Hang).await);
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    let working = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.deliver(job).await }
    });
    until("the job to run", || async { (bench.running.count() == 1).then_some(()) }).await;
    bench.running.force_all();
    working.await.unwrap();
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("queued", 0));
    assert!(row.waits_seconds <= 0.0, "{row:?}");
}

#[tokio::test]
async fn a_job_of_a_kind_that_nobody_knows_is_dead_and_says_so() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.execute("UPDATE jobs SET kind = 'sweep_floor'").await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "dead");
    assert!(row.error.unwrap().contains("unknown to this release"));
}

#[tokio::test]
async fn a_mail_of_a_suspended_institution_is_held_back() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    bench.execute("UPDATE institutions SET is_active = false").await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "succeeded");
    assert_eq!(row.result.unwrap()["skipped"], MAIL_HELD);
    assert!(bench.taken().is_empty());
}

#[tokio::test]
async fn a_mail_is_not_held_back_behind_the_resumption_of_its_institution() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    bench.execute("UPDATE institutions SET is_active = false").await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    let mut resumption = bench.database.database().pool().begin().await.unwrap();
    sqlx::query("UPDATE institutions SET is_active = true")
        .execute(&mut *resumption)
        .await
        .unwrap();
    let committing = async {
        until("the job to wait for the resumption", || async {
            let waiting = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            (bench.text(waiting).await == "1").then_some(())
        })
        .await;
        resumption.commit().await.unwrap();
    };
    tokio::join!(bench.deliver(job), committing);
    assert_eq!(bench.row(job).await.state, "queued");
    bench.execute("UPDATE jobs SET run_at = now()").await;
    bench.deliver(job).await;
    assert_eq!(bench.taken().len(), 1);
}
