//! Addresses that a server refuses for good get nothing more, until they change or somebody clears them.

use crate::fake_smtp::{Answer, FakeSmtp};
use crate::mail_fixture::settings;
use crate::workbench::Workbench;
use acurate_shared::ids::{JobId, UserId};
use acurate_shared::jobs::Job;
use acurate_worker::mailer::SmtpMailer;

/// A worker whose server gives this answer to every recipient called `t0`.
async fn bench(answer: &'static str) -> (Workbench, FakeSmtp) {
    let server =
        FakeSmtp::start(move |asked| (asked.starts_with("RCPT") && asked.contains("t0@")).then(|| Answer::Say(answer.to_owned()))).await;
    let bench = Workbench::with_mailer(SmtpMailer::new(settings(&server.url()))).await;
    (bench, server)
}

/// A new temporary password, and its mail.
async fn welcome(bench: &Workbench, user_id: UserId) -> JobId {
    bench
        .execute("UPDATE users SET credential_nonce = uuid_send(gen_random_uuid())")
        .await;
    let job = bench.enqueue(Job::WelcomeEmail { user_id }).await;
    bench.deliver(job).await;
    job
}

const SUPPRESSED: &str = "SELECT COALESCE(string_agg(address || ' ' || reason, ''), '-') FROM email_suppressions";

#[tokio::test]
async fn a_refused_address_gets_nothing_more_and_the_log_says_why() {
    let (bench, server) = bench("550 5.1.1 <t0@acurate.test>: no such user").await;
    let user = bench.newcomer_at("t0@acurate.test", 3600.0).await;
    let first = welcome(&bench, user).await;
    assert_eq!(bench.row(first).await.state, "dead");
    assert_eq!(
        bench.text(SUPPRESSED).await,
        "t0@acurate.test RCPT TO: 550 5.1.1 <t***@acurate.test>: no such user"
    );
    let second = welcome(&bench, user).await;
    let row = bench.row(second).await;
    assert_eq!(row.state, "succeeded");
    assert_eq!(row.result.unwrap()["skipped"], "the address is known not to work");
    assert_eq!(server.count("RCPT"), 1);
    let log = "SELECT string_agg(state || ' ' || attempts, ', ' ORDER BY id) FROM email_deliveries";
    assert_eq!(bench.text(log).await, "failed 1, suppressed 0");
}

#[tokio::test]
async fn a_new_address_and_a_cleared_one_get_mails_again() {
    let (bench, server) = bench("550 5.1.1 no such user").await;
    let user = bench.newcomer_at("t0@acurate.test", 3600.0).await;
    welcome(&bench, user).await;
    bench.execute("UPDATE users SET email = 't1@acurate.test'").await;
    let job = welcome(&bench, user).await;
    assert_eq!(bench.row(job).await.state, "succeeded");
    assert_eq!(server.count("MESSAGE"), 1);

    bench.execute("UPDATE users SET email = 't0@acurate.test'").await;
    welcome(&bench, user).await;
    assert_ne!(bench.text(SUPPRESSED).await, "-");
    bench.execute("DELETE FROM email_suppressions").await;
    welcome(&bench, user).await;
    assert_eq!(server.count("RCPT"), 4, "it is asked again");
}

#[tokio::test]
async fn what_is_no_fault_of_the_address_suppresses_nothing() {
    for answer in [
        "550 5.7.1 access denied",
        "550 5.1.8 sender rejected",
        "450 4.2.0 greylisted",
        "451 4.3.0 trouble",
        "554 transaction failed",
    ] {
        let (bench, _server) = bench(answer).await;
        let user = bench.newcomer_at("t0@acurate.test", 3600.0).await;
        let job = welcome(&bench, user).await;
        assert!(bench.row(job).await.failures == 1, "{answer}");
        assert_eq!(bench.text(SUPPRESSED).await, "-", "{answer}");
    }
}
