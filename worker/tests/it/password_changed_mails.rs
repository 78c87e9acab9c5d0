//! News of a changed password: once, and to whom the account belonged before anybody could have taken it over.

use crate::fake_smtp::FakeSmtp;
use crate::mail_fixture::settings;
use crate::workbench::{Answer, Workbench};
use acurate_shared::jobs::Job;
use acurate_worker::mailer::SmtpMailer;

/// The state of a user who has just changed its password.
const CHANGED: &str = "
    UPDATE users SET credential_nonce = NULL, credential_expires_at = NULL, password_hash = 'x', password_changed_at = now()";

#[tokio::test]
async fn it_goes_out_once_for_each_change() {
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    bench.execute(CHANGED).await;
    for _ in 0..2 {
        let job = bench.enqueue(Job::PasswordChangedEmail { user_id }).await;
        bench.deliver(job).await;
        assert_eq!(bench.row(job).await.state, "succeeded");
    }
    assert_eq!(bench.taken().len(), 1, "two jobs tell of one change");
    assert!(bench.contents()[0].contains("parolası"), "{}", bench.contents()[0]);
    bench.execute(CHANGED).await;
    let job = bench.enqueue(Job::PasswordChangedEmail { user_id }).await;
    bench.deliver(job).await;
    assert_eq!(bench.taken().len(), 2);
    assert_eq!(
        bench
            .text("SELECT string_agg(kind || ' ' || state, ', ') FROM email_deliveries")
            .await,
        "password_changed sent, password_changed sent"
    );
}

#[tokio::test]
async fn it_goes_to_the_address_that_the_account_had_before_it_could_be_taken_over() {
    for (changes, recipient) in [
        (vec![CHANGED], "ogretmen@"),
        // The address first, then the password.
        (vec![CHANGED, "UPDATE users SET email = 'eve@acurate.test'", CHANGED], "ogretmen@"),
        // The password first, then the address, before the mail is written.
        (vec![CHANGED, CHANGED, "UPDATE users SET email = 'eve@acurate.test'"], "ogretmen@"),
        // Twice in a row.
        (
            vec![
                CHANGED,
                "UPDATE users SET email = 'eve1@acurate.test'",
                "UPDATE users SET email = 'eve@acurate.test'",
                CHANGED,
            ],
            "ogretmen@",
        ),
        // A change of the address that is long past.
        (
            vec![
                CHANGED,
                "UPDATE users SET email = 'eve@acurate.test'",
                "UPDATE users SET email_changed_at = now() - interval '31 days'",
                CHANGED,
            ],
            "eve@",
        ),
        // A wrong address that was corrected before anybody chose a password.
        (vec!["UPDATE users SET email = 'eve@acurate.test'", CHANGED], "eve@"),
    ] {
        let server = FakeSmtp::start(|_| None).await;
        let bench = Workbench::with_mailer(SmtpMailer::new(settings(&server.url()))).await;
        let user_id = bench.newcomer(3600.0).await;
        for change in &changes {
            bench.execute(change).await;
        }
        let job = bench.enqueue(Job::PasswordChangedEmail { user_id }).await;
        bench.deliver(job).await;
        let asked = server.asked();
        let to: Vec<&String> = asked.iter().filter(|asked| asked.starts_with("RCPT")).collect();
        assert_eq!(to.len(), 1, "{changes:?}");
        assert!(to[0].contains(recipient), "{changes:?}: {to:?}");
    }
}

#[tokio::test]
async fn nobody_is_told_whose_account_is_closed_or_who_has_no_password() {
    for (change, reason) in [
        ("SELECT 1", "the account has no password of its own"),
        ("DELETE FROM users", "the account is gone"),
    ] {
        let bench = Workbench::new(Answer::Take).await;
        let user_id = bench.newcomer(3600.0).await;
        bench.execute(change).await;
        let job = bench.enqueue(Job::PasswordChangedEmail { user_id }).await;
        bench.deliver(job).await;
        assert_eq!(bench.row(job).await.result.unwrap()["skipped"], reason);
    }
    let bench = Workbench::new(Answer::Take).await;
    let user_id = bench.newcomer(3600.0).await;
    bench.execute(CHANGED).await;
    bench.execute("UPDATE users SET is_active = false").await;
    let job = bench.enqueue(Job::PasswordChangedEmail { user_id }).await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.result.unwrap()["skipped"], "the account is not active");
    assert!(bench.taken().is_empty());
}
