//! Mails about a forgotten password as jobs: sent once, with a link that works, and skipped when it would not.

use crate::workbench::{Answer, Workbench};
use acurate_shared::db::{Work, sql};
use acurate_shared::identity::{Client, forgot_password, reset_token};
use acurate_shared::ids::{JobId, PasswordResetTokenId, UserId};
use acurate_shared::jobs::Job;
use acurate_shared::testing::identity_settings;
use sea_orm::ConnectionTrait;

/// The job that the request of a forgotten password asks for, and the id of its token.
async fn forget(bench: &Workbench) -> (JobId, PasswordResetTokenId) {
    let mut settings = identity_settings();
    settings.secret = bench.context.server_secret.clone();
    let mut work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
    forgot_password::request(&mut work, &settings, "ogretmen@acurate.test", &Client::default())
        .await
        .unwrap();
    let _not_sent = work.commit().await.unwrap();
    let select = "SELECT id, (payload ->> 'token_id')::bigint AS token_id FROM jobs WHERE kind = 'password_reset_email' ORDER BY id DESC";
    let orm = bench.database.database().orm();
    let row = orm.query_one_raw(sql(select, [])).await.unwrap().unwrap();
    (row.try_get("", "id").unwrap(), row.try_get("", "token_id").unwrap())
}

#[tokio::test]
async fn the_mail_goes_out_once_and_holds_the_token_whose_digest_is_stored() {
    let bench = Workbench::new(Answer::Take).await;
    bench.newcomer(3600.0).await;
    let (job, token_id) = forget(&bench).await;

    bench.deliver(job).await;
    bench.deliver(job).await;

    assert_eq!(bench.row(job).await.state, "succeeded");
    let sent = bench.text("SELECT kind || ' ' || state FROM email_deliveries").await;
    assert_eq!(sent, "password_reset sent");
    let mails = bench.contents();
    assert_eq!(mails.len(), 1);
    let nonce = bench.text("SELECT encode(nonce, 'hex') FROM password_reset_tokens").await;
    let nonce: Vec<u8> = (0..16)
        .map(|place| u8::from_str_radix(&nonce[place * 2..place * 2 + 2], 16).unwrap())
        .collect();
    let nonce = nonce.as_slice().try_into().unwrap();
    let token = reset_token::derive(&bench.context.server_secret, token_id, &nonce);
    let link = format!("https://acurate.test/reset-password#token={}", token.encoded().expose());
    assert!(mails[0].contains(&link), "{link} is not in:\n{}", mails[0]);
    let stored: String = token.digest().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        bench.text("SELECT encode(token_hash, 'hex') FROM password_reset_tokens").await,
        stored
    );
}

#[tokio::test]
async fn every_try_holds_the_same_link_until_there_is_none_left() {
    let bench = Workbench::new(Answer::Wait).await;
    bench.newcomer(3600.0).await;
    let (job, _) = forget(&bench).await;
    for failures in 1..=3 {
        bench.deliver(job).await;
        let row = bench.row(job).await;
        assert_eq!((row.state.as_str(), row.failures), ("queued", failures));
        bench.execute("UPDATE jobs SET run_at = now()").await;
    }
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "dead");
    let delivery = "SELECT count(*) || ' ' || max(state) || ' ' || max(attempts) FROM email_deliveries";
    assert_eq!(bench.text(delivery).await, "1 failed 4");
}

#[tokio::test]
async fn a_link_that_would_not_work_is_not_mailed() {
    for (change, reason) in [
        ("UPDATE password_reset_tokens SET used_at = now()", "the link was used or replaced"),
        ("DELETE FROM password_reset_tokens", "the link was used or replaced"),
        (
            "UPDATE users SET email = 'new@acurate.test' WHERE role = 'teacher'",
            "the link was used or replaced",
        ),
        (
            "UPDATE password_reset_tokens SET created_at = created_at - interval '1 hour', expires_at = now()",
            "the link has expired",
        ),
        ("UPDATE users SET is_active = false", "the account is not active"),
        ("UPDATE institutions SET is_active = false", "the account is not active"),
    ] {
        let bench = Workbench::new(Answer::Take).await;
        bench.newcomer(3600.0).await;
        let (job, _) = forget(&bench).await;
        bench.execute(change).await;
        bench.deliver(job).await;
        let row = bench.row(job).await;
        assert_eq!(row.state, "succeeded", "{change}");
        assert_eq!(row.result.unwrap()["skipped"], reason, "{change}");
        assert!(bench.contents().is_empty(), "{change}");
    }
}

#[tokio::test]
async fn neither_the_job_nor_the_log_of_mails_holds_the_token_or_the_address() {
    let bench = Workbench::new(Answer::Refuse).await;
    let _user: UserId = bench.newcomer(3600.0).await;
    let (job, token_id) = forget(&bench).await;
    bench.deliver(job).await;
    let payload = bench
        .text("SELECT payload::text FROM jobs WHERE kind = 'password_reset_email'")
        .await;
    assert_eq!(
        payload,
        Job::PasswordResetEmail { token_id }.payload().to_string().replace(':', ": ")
    );
    let told = bench
        .text("SELECT concat(j.error, j.result, d.message_id, d.last_error) FROM jobs j JOIN email_deliveries d ON d.job_id = j.id")
        .await;
    assert!(told.contains("<password-reset.") && told.contains("no such user"), "{told}");
    assert!(!told.contains("ogretmen") && !told.contains("token="), "{told}");
}
