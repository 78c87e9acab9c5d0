//! A mail server that is out, slow or limited: mails wait and lose no try, and each goes out once.

use crate::fake_smtp::{Answer, FakeSmtp};
use crate::mail_fixture::{settings, welcome};
use crate::workbench::Workbench;
use acurate_shared::breaker::BreakerSettings;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::Job;
use acurate_shared::testing::until;
use acurate_worker::executor::{StopReason, execute};
use acurate_worker::mailer::{Mailer, SendError, SmtpMailer, SmtpSettings};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// A server that hangs up on everybody while it is out.
async fn moody(is_out: &Arc<AtomicBool>) -> FakeSmtp {
    let is_out = Arc::clone(is_out);
    FakeSmtp::start(move |asked| (asked == "CONNECT" && is_out.load(Ordering::SeqCst)).then_some(Answer::Close)).await
}

fn with_breaker(url: &str, failures: usize, wait: Duration) -> SmtpSettings {
    let mut settings = settings(url);
    settings.breaker = BreakerSettings { failures, wait };
    settings
}

async fn newcomers(bench: &Workbench, number: usize) -> Vec<JobId> {
    let mut jobs = Vec::new();
    for at in 0..number {
        let user_id = bench.newcomer_at(&format!("t{at}@acurate.test"), 3600.0).await;
        jobs.push(bench.enqueue(Job::WelcomeEmail { user_id }).await);
    }
    jobs
}

const DELIVERIES: &str = "SELECT string_agg(state || ' ' || attempts, ', ' ORDER BY id) FROM email_deliveries";

#[tokio::test]
async fn after_five_outages_mails_are_held_back_and_lose_no_try() {
    let server = moody(&Arc::new(AtomicBool::new(true))).await;
    let bench = Workbench::with_mailer(SmtpMailer::new(with_breaker(&server.url(), 5, LONG))).await;
    let jobs = newcomers(&bench, 8).await;
    for job in &jobs {
        bench.deliver(*job).await;
    }
    assert_eq!(server.count("CONNECT"), 5, "nobody asks a server that is known to be out");
    for (at, job) in jobs.iter().enumerate() {
        let row = bench.row(*job).await;
        let (failures, waits) = if at < 5 { (1, 50.0..=67.0) } else { (0, 3500.0..=3600.0) };
        assert_eq!((row.state.as_str(), row.failures), ("queued", failures), "{at}: {row:?}");
        assert!(waits.contains(&row.waits_seconds), "{at}: {row:?}");
    }
    let tried = "sending 1, sending 1, sending 1, sending 1, sending 1, sending 0, sending 0, sending 0";
    assert_eq!(bench.text(DELIVERIES).await, tried);
    assert!(bench.context.mailer.held_for().is_some());
    let told = bench.text("SELECT last_error FROM email_deliveries ORDER BY id DESC LIMIT 1").await;
    assert_eq!(told, "the mail was not tried: the mail server does not answer");
}

#[tokio::test]
async fn when_the_server_is_back_one_mail_finds_out_and_all_go_out_once() {
    let is_out = Arc::new(AtomicBool::new(true));
    let server = moody(&is_out).await;
    let bench = Workbench::with_mailer(SmtpMailer::new(with_breaker(&server.url(), 5, Duration::from_millis(100)))).await;
    let jobs = newcomers(&bench, 7).await;
    for job in &jobs[..5] {
        bench.deliver(*job).await;
    }
    is_out.store(false, Ordering::SeqCst);
    let (bench, jobs) = (&bench, &jobs);
    until("all mails to go out", || async move {
        bench.execute("UPDATE jobs SET run_at = now() WHERE state = 'queued'").await;
        for job in jobs {
            bench.deliver(*job).await;
        }
        (bench.text("SELECT count(*)::text FROM jobs WHERE state = 'succeeded'").await == "7").then_some(())
    })
    .await;
    assert_eq!(server.count("MESSAGE"), 7);
    let failures: Vec<i32> = [bench.row(jobs[5]).await.failures, bench.row(jobs[6]).await.failures].into();
    assert_eq!(failures, [0, 0], "those that were held back have lost no try");
    assert_eq!(
        bench.text("SELECT string_agg(DISTINCT state, ' ') FROM email_deliveries").await,
        "sent"
    );
    assert_eq!(bench.context.mailer.held_for(), None);
}

#[tokio::test]
async fn refused_addresses_are_answers_of_a_server_that_lives() {
    let server = FakeSmtp::start(|asked| asked.starts_with("RCPT").then(|| Answer::Say("550 5.1.1 unknown".to_owned()))).await;
    let mailer = SmtpMailer::new(with_breaker(&server.url(), 2, LONG));
    for _ in 0..5 {
        assert!(matches!(mailer.send(&welcome()).await, Err(SendError::Permanent { .. })));
    }
    assert_eq!(mailer.held_for(), None);
}

#[tokio::test]
async fn a_server_that_is_back_at_once_costs_no_try_of_the_job() {
    let asked = AtomicUsize::new(0);
    let server =
        FakeSmtp::start(move |what| (what == "CONNECT" && asked.fetch_add(1, Ordering::SeqCst) < 2).then_some(Answer::Close)).await;
    let mut settings = settings(&server.url());
    settings.tries = 3;
    settings.retry_wait = Duration::from_millis(1);
    let bench = Workbench::with_mailer(SmtpMailer::new(settings)).await;
    let job = newcomers(&bench, 1).await[0];
    bench.deliver(job).await;
    assert_eq!(server.count("CONNECT"), 3);
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("succeeded", 0));
    assert_eq!(server.count("MESSAGE"), 1);
}

#[tokio::test]
async fn a_mail_that_may_have_arrived_is_not_sent_again_at_once() {
    let server = FakeSmtp::start(|asked| asked.starts_with("MESSAGE").then_some(Answer::Close)).await;
    let mut settings = settings(&server.url());
    settings.tries = 3;
    settings.retry_wait = Duration::from_millis(1);
    let mailer = SmtpMailer::new(settings);
    assert!(matches!(mailer.send(&welcome()).await, Err(SendError::Transient { .. })));
    assert_eq!(server.count("MESSAGE"), 1);
}

#[tokio::test]
async fn a_mail_beyond_the_servers_share_waits_its_turn_and_loses_no_try() {
    let server = FakeSmtp::start(|_| None).await;
    let mut settings = settings(&server.url());
    settings.per_minute = NonZeroU32::new(1);
    settings.patience = Duration::from_millis(10);
    let bench = Workbench::with_mailer(SmtpMailer::new(settings)).await;
    let jobs = newcomers(&bench, 2).await;
    for job in &jobs {
        bench.deliver(*job).await;
    }
    assert_eq!(bench.row(jobs[0]).await.state, "succeeded");
    let row = bench.row(jobs[1]).await;
    assert_eq!((row.state.as_str(), row.failures), ("queued", 0));
    assert!((30.0..=60.0).contains(&row.waits_seconds), "{row:?}");
    assert_eq!(bench.text(DELIVERIES).await, "sent 1, sending 0");
    assert_eq!(server.count("MESSAGE"), 1);
}

#[tokio::test]
async fn a_worker_that_stops_in_the_middle_of_a_mail_waits_for_the_servers_yes() {
    let answer = Arc::new(Notify::new());
    let told = Arc::clone(&answer);
    let server = FakeSmtp::start(move |asked| asked.starts_with("MESSAGE").then(|| Answer::When(Arc::clone(&told)))).await;
    let bench = Arc::new(Workbench::with_mailer(SmtpMailer::new(settings(&server.url()))).await);
    let job = newcomers(&bench, 1).await[0];
    let working = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.deliver(job).await }
    });
    until("the message to arrive", || async { (server.count("MESSAGE") == 1).then_some(()) }).await;
    bench.running.ask_all(StopReason::Shutdown);
    answer.notify_one();
    working.await.unwrap();
    assert_eq!(bench.row(job).await.state, "succeeded");
    assert_eq!(bench.text(DELIVERIES).await, "sent 1");
    bench.deliver(job).await;
    assert_eq!(server.count("MESSAGE"), 1);
}

#[tokio::test]
async fn a_mail_that_outlives_the_grace_time_goes_back_and_comes_again_as_the_same_mail() {
    let messages = AtomicUsize::new(0);
    let server = FakeSmtp::start(move |asked| {
        (asked.starts_with("MESSAGE") && messages.fetch_add(1, Ordering::SeqCst) == 0).then_some(Answer::Hang)
    })
    .await;
    let bench = Arc::new(Workbench::with_mailer(SmtpMailer::new(settings(&server.url()))).await);
    let job = newcomers(&bench, 1).await[0];
    let working = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.deliver(job).await }
    });
    until("the message to arrive", || async { (server.count("MESSAGE") == 1).then_some(()) }).await;
    bench.running.force_all();
    working.await.unwrap();
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("queued", 0));
    let another_worker = Arc::default();
    execute(Arc::clone(&bench.context), another_worker, job).await.unwrap();
    assert_eq!(bench.row(job).await.state, "succeeded");
    let ids: Vec<String> = server
        .asked()
        .iter()
        .filter(|asked| asked.starts_with("MESSAGE"))
        .map(|message| message.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(
        bench.text("SELECT count(*) || ' ' || max(state) FROM email_deliveries").await,
        "1 sent"
    );
}
