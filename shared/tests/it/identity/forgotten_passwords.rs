//! A forgotten password: the link that is ordered, and what it is good for.

use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::error::Result;
use acurate_shared::identity::{Client, CredentialNonce, forgot_password, reset_password, reset_token};
use acurate_shared::ids::{PasswordResetTokenId, UserId};
use acurate_shared::people::students::{self, StudentPatch};
use sea_orm::Value;

const NEW: &str = "another horse battery";

async fn forget(campus: &Campus, email: &str) -> Result<()> {
    let client = Client {
        ip: Some("192.0.2.7".into()),
        user_agent: None,
    };
    let mut work = campus.begin().await;
    forgot_password::request(&mut work, &campus.settings, email, &client).await?;
    let _ = work.commit().await?;
    Ok(())
}

/// The token in the mail that the newest job sends.
async fn link(campus: &Campus) -> String {
    let newest =
        "SELECT (payload ->> 'token_id')::bigint AS id FROM jobs WHERE kind = 'password_reset_email' ORDER BY jobs.id DESC LIMIT 1";
    let id: PasswordResetTokenId = campus.value(newest, []).await;
    let nonce: Vec<u8> = campus
        .value("SELECT nonce AS id FROM password_reset_tokens WHERE id = $1", [id.into()])
        .await;
    let nonce = CredentialNonce::try_from(nonce.as_slice()).unwrap();
    let token = reset_token::derive(&campus.settings.secret, id, &nonce);
    token.encoded().expose().clone()
}

/// A link for an address.
async fn link_to(campus: &Campus, email: &str) -> String {
    forget(campus, email).await.unwrap();
    link(campus).await
}

async fn check(campus: &Campus, token: &str, new: &str) -> Result<reset_password::Checked> {
    let order = reset_password::Order {
        token: token.into(),
        new: new.into(),
    };
    reset_password::check(campus.db(), &campus.hasher, &campus.settings, &order).await
}

async fn apply(campus: &Campus, checked: reset_password::Checked) -> Result<reset_password::Done> {
    let mut work = campus.begin().await;
    let done = reset_password::apply(&mut work, checked).await?;
    let _ = work.commit().await?;
    Ok(done)
}

async fn reset(campus: &Campus, token: &str, new: &str) -> Result<reset_password::Done> {
    apply(campus, check(campus, token, new).await?).await
}

async fn mails(campus: &Campus) -> i64 {
    campus
        .value("SELECT count(*) AS id FROM jobs WHERE kind = 'password_reset_email'", [])
        .await
}

/// Makes every token older than the cooldown, but not than its life.
async fn cool_down(campus: &Campus) {
    let age =
        "UPDATE password_reset_tokens SET created_at = created_at - interval '3 minutes', expires_at = expires_at - interval '3 minutes'";
    campus.execute(age, []).await;
}

#[tokio::test]
async fn a_link_sets_the_password_and_ends_every_session() {
    let campus = Campus::create().await;
    let here = campus.settled("1").await;
    let there = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let token = link_to(&campus, " S1@ATA.edu.tr ").await;

    let done = reset(&campus, &token, NEW).await.unwrap();

    let mut ended = vec![here.family, there.family];
    ended.sort();
    let mut told = done.ended;
    told.sort();
    assert_eq!((done.user_id, told), (here.user.id, ended));
    assert!(!campus.is_alive(&here).await && !campus.is_alive(&there).await);
    assert_eq!(refusal(campus.refresh(&there.refresh_token.unwrap()).await), "session_ended");
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    campus.sign_in("s1@ata.edu.tr", NEW).await.unwrap();
    let deeds = campus.deeds(done.user_id).await;
    assert!(deeds.ends_with(&[
        "user.password_reset_requested".into(),
        "user.password_reset".into(),
        "user.signed_in".into()
    ]));
}

#[tokio::test]
async fn a_link_works_once() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    let token = link_to(&campus, "s1@ata.edu.tr").await;
    reset(&campus, &token, NEW).await.unwrap();
    let again = reset(&campus, &token, "a third horse battery").await;
    assert_eq!(refusal(again), "token: unusable_token");
    campus.sign_in("s1@ata.edu.tr", NEW).await.unwrap();
}

#[tokio::test]
async fn of_two_uses_at_once_exactly_one_wins() {
    let campus = Campus::create().await;
    for round in 0..8 {
        campus.settled(&round.to_string()).await;
        let email = format!("s{round}@ata.edu.tr");
        let token = link_to(&campus, &email).await;
        let (new, other) = ("horse battery number 1", "horse battery number 2");
        // Both have passed the check before either writes.
        let first = check(&campus, &token, new).await.unwrap();
        let second = check(&campus, &token, other).await.unwrap();

        let (one, two) = tokio::join!(apply(&campus, first), apply(&campus, second));

        assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
        let (won, lost, refused) = if one.is_ok() { (new, other, two) } else { (other, new, one) };
        assert_eq!(refusal(refused), "token: unusable_token");
        campus.sign_in(&email, won).await.unwrap();
        assert_eq!(refusal(campus.sign_in(&email, lost).await), "invalid_credentials");
    }
}

#[tokio::test]
async fn a_new_password_obeys_the_rules_and_a_refused_one_does_not_use_the_link_up() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    let token = link_to(&campus, "s1@ata.edu.tr").await;
    for (new, expected) in [
        ("short", "new_password: password_too_short"),
        ("s1@ata.edu.tr", "new_password: password_equals_email"),
        (PASSWORD, "new_password: password_reused"),
    ] {
        assert_eq!(refusal(reset(&campus, &token, new).await), expected);
    }
    reset(&campus, &token, NEW).await.unwrap();
    cool_down(&campus).await;
    let token = link_to(&campus, "s1@ata.edu.tr").await;
    assert_eq!(
        refusal(reset(&campus, &token, PASSWORD).await),
        "new_password: password_reused",
        "the password of before is remembered"
    );
}

#[tokio::test]
async fn a_newer_link_ends_the_older_one() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    let older = link_to(&campus, "s1@ata.edu.tr").await;
    cool_down(&campus).await;
    let newer = link_to(&campus, "s1@ata.edu.tr").await;
    assert_ne!(older, newer);
    assert_eq!(refusal(reset(&campus, &older, NEW).await), "token: unusable_token");
    reset(&campus, &newer, NEW).await.unwrap();
}

#[tokio::test]
async fn within_the_cooldown_nothing_is_mailed_and_the_first_link_goes_on_working() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    campus.settled("2").await;
    let token = link_to(&campus, "s1@ata.edu.tr").await;
    for _ in 0..5 {
        forget(&campus, "s1@ata.edu.tr").await.unwrap();
    }
    assert_eq!(mails(&campus).await, 1);
    forget(&campus, "s2@ata.edu.tr").await.unwrap();
    assert_eq!(mails(&campus).await, 2, "the cooldown is one account's");
    reset(&campus, &token, NEW).await.unwrap();
}

#[tokio::test]
async fn of_many_requests_at_once_one_is_mailed() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    let request = || forget(&campus, "s1@ata.edu.tr");
    let (one, two, three, four) = tokio::join!(request(), request(), request(), request());
    for result in [one, two, three, four] {
        result.unwrap();
    }
    assert_eq!(mails(&campus).await, 1);
}

#[tokio::test]
async fn whoever_may_not_sign_in_gets_no_link_and_nobody_is_told() {
    let campus = Campus::create().await;
    let inactive = campus.settled("1").await.user.id;
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [inactive.into()])
        .await;
    let suspend = "UPDATE institutions SET is_active = false WHERE id = $1";
    campus.execute(suspend, [campus.rival.institution_id.into()]).await;

    for email in ["s1@ata.edu.tr", "admin@bogazici.edu.tr", "nobody@ata.edu.tr"] {
        forget(&campus, email).await.unwrap();
    }
    assert_eq!(mails(&campus).await, 0);
    assert_eq!(refusal(forget(&campus, "no address").await), "email: invalid_email");
}

#[tokio::test]
async fn a_temporary_password_is_replaced_by_way_of_a_link_too() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap();
    let mailed = campus.mailed(student.id).await;
    let begun = campus.sign_in("s1@ata.edu.tr", mailed.expose()).await.unwrap();
    let expire = "UPDATE users SET credential_expires_at = now() - interval '1 second' WHERE id = $1";
    campus.execute(expire, [student.id.into()]).await;
    let token = link_to(&campus, "s1@ata.edu.tr").await;

    assert_eq!(
        refusal(reset(&campus, &token, mailed.expose()).await),
        "new_password: password_equals_temporary"
    );
    reset(&campus, &token, NEW).await.unwrap();

    assert!(!campus.is_alive(&begun).await);
    let session = campus.sign_in("s1@ata.edu.tr", NEW).await.unwrap();
    assert!(!session.must_change_password());
    assert_eq!(
        refusal(campus.sign_in("s1@ata.edu.tr", mailed.expose()).await),
        "invalid_credentials"
    );
}

#[tokio::test]
async fn a_link_ends_with_its_time_its_password_its_address_and_its_account() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let student = super::actor(&campus, &session).await;
    let token = link_to(&campus, "s1@ata.edu.tr").await;
    campus.change(&student, Some(PASSWORD), "a changed horse battery").await.unwrap();
    assert_eq!(refusal(reset(&campus, &token, NEW).await), "token: unusable_token");

    for (number, end) in [
        (
            "2",
            "UPDATE password_reset_tokens SET created_at = created_at - interval '1 hour', expires_at = now() WHERE user_id = $1",
        ),
        ("3", "UPDATE users SET is_active = false WHERE id = $1"),
    ] {
        let user = campus.settled(number).await.user;
        let token = link_to(&campus, &user.email).await;
        let checked = check(&campus, &token, NEW).await.unwrap();
        campus.execute(end, [user.id.into()]).await;
        assert_eq!(refusal(reset(&campus, &token, NEW).await), "token: unusable_token", "{end}");
        assert_eq!(refusal(apply(&campus, checked).await), "token: unusable_token", "{end}");
    }

    let user = campus.settled("4").await.user;
    let token = link_to(&campus, "s4@ata.edu.tr").await;
    let patch = StudentPatch {
        email: Some("elsewhere@ata.edu.tr".into()),
        ..StudentPatch::default()
    };
    let mut work = campus.begin().await;
    students::update(
        &mut work,
        &campus.admin,
        &campus.settings,
        user.id,
        &acurate_shared::db::Expected::Any,
        patch,
    )
    .await
    .unwrap();
    let _ = work.commit().await.unwrap();
    assert_eq!(
        refusal(reset(&campus, &token, NEW).await),
        "token: unusable_token",
        "it was mailed to an address that is no longer the account's"
    );
}

#[tokio::test]
async fn what_is_no_token_is_refused_before_any_rule_is_told() {
    let campus = Campus::create().await;
    for token in ["", "nonsense", &"A".repeat(43), &"A".repeat(100_000)] {
        assert_eq!(refusal(reset(&campus, token, "short").await), "token: unusable_token");
    }
}

#[tokio::test]
async fn the_table_holds_no_token_and_one_row_for_each_account() {
    let campus = Campus::create().await;
    let user: UserId = campus.settled("1").await.user.id;
    let older = link_to(&campus, "s1@ata.edu.tr").await;
    cool_down(&campus).await;
    let newer = link_to(&campus, "s1@ata.edu.tr").await;
    let rows = "SELECT count(*) AS id FROM password_reset_tokens WHERE user_id = $1 AND ip = '192.0.2.7'";
    assert_eq!(campus.value::<i64, 1>(rows, [user.into()]).await, 1);
    let plain = "SELECT count(*) AS id FROM password_reset_tokens t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'";
    for token in [older, newer] {
        assert_eq!(campus.value::<i64, 1>(plain, [Value::from(token)]).await, 0);
    }
}
