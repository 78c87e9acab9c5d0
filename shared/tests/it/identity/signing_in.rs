//! Signing in with a chosen and with a temporary password.

use super::actor;
use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::identity::{Client, HashSettings, PasswordHasher, sign_in};
use acurate_shared::kinds::Role;

#[tokio::test]
async fn a_chosen_password_opens_a_session_that_is_recorded() {
    let campus = Campus::create().await;
    let student = campus.settled("1").await.user;

    let session = campus.sign_in(" S1@ATA.edu.tr ", PASSWORD).await.unwrap();

    assert!(!session.must_change_password());
    assert!(session.refresh_token.is_some());
    assert_eq!(session.user.id, student.id);
    assert_eq!(session.user.institution_name.as_deref(), Some("Atatürk Üniversitesi"));
    assert!(session.user.last_sign_in_at.is_some());
    let expected = Actor {
        user_id: student.id,
        role: Role::Student,
        institution_id: campus.admin.institution_id,
    };
    assert_eq!(actor(&campus, &session).await, expected);
    assert_eq!(
        campus.deeds(student.id).await,
        ["student.created", "user.password_changed", "user.signed_in"]
    );
}

#[tokio::test]
async fn whoever_may_not_sign_in_learns_one_thing_only() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    let inactive = campus.settled("2").await.user.id;
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [inactive.into()])
        .await;
    let waiting = campus.enrol(record("3")).await.unwrap().id;
    let mailed = campus.mailed(waiting).await;
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [waiting.into()])
        .await;

    for (email, password) in [
        ("s1@ata.edu.tr", "wrong horse battery"),
        ("s1@ata.edu.tr", ""),
        ("nobody@ata.edu.tr", PASSWORD),
        ("no address \0", PASSWORD),
        ("s2@ata.edu.tr", PASSWORD),
        ("s3@ata.edu.tr", mailed.expose()),
    ] {
        let refused = campus.sign_in(email, password).await;
        assert_eq!(refusal(refused), "invalid_credentials", "{email}");
    }
}

#[tokio::test]
async fn nobody_signs_in_to_a_suspended_institution() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let suspend = "UPDATE institutions SET is_active = false WHERE id = $1";
    campus.execute(suspend, [campus.admin.institution_id.into()]).await;

    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    assert!(!campus.is_alive(&session).await);
    assert_eq!(refusal(campus.refresh(&session.refresh_token.unwrap()).await), "session_ended");
    assert!(campus.sign_in("owner@acurate.example", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_temporary_password_leads_to_nothing_but_its_change() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap();
    let mailed = campus.mailed(student.id).await;

    let first = campus.sign_in("s1@ata.edu.tr", mailed.expose()).await.unwrap();
    assert!(first.must_change_password());
    assert!(first.refresh_token.is_none());

    let settled = campus.change(&actor(&campus, &first).await, None, PASSWORD).await.unwrap();
    assert!(!settled.must_change_password());
    assert!(settled.refresh_token.is_some());
    assert!(campus.is_alive(&settled).await);
    assert!(!campus.is_alive(&first).await);
    assert_eq!(
        refusal(campus.sign_in("s1@ata.edu.tr", mailed.expose()).await),
        "invalid_credentials"
    );
    assert!(campus.sign_in("s1@ata.edu.tr", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn only_who_has_the_temporary_password_learns_that_it_has_expired() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap();
    let mailed = campus.mailed(student.id).await;
    let expire = "UPDATE users SET credential_expires_at = now() - interval '1 second' WHERE id = $1";
    campus.execute(expire, [student.id.into()]).await;

    assert_eq!(
        refusal(campus.sign_in("s1@ata.edu.tr", mailed.expose()).await),
        "temporary_password_expired"
    );
    assert_eq!(
        refusal(campus.sign_in("s1@ata.edu.tr", "AAAA-AAAA-AAAA-AAAA-AAAA").await),
        "invalid_credentials"
    );
}

#[tokio::test]
async fn a_hash_of_an_older_cost_is_replaced_at_the_next_sign_in() {
    let mut campus = Campus::create().await;
    campus.settled("1").await;
    let stored = "SELECT password_hash AS id FROM users WHERE email = 's1@ata.edu.tr'";
    let old: String = campus.value(stored, []).await;
    campus.hasher = PasswordHasher::new(HashSettings {
        memory_kib: 16,
        iterations: 1,
        parallelism: 1,
        concurrency: 1,
    })
    .unwrap();

    campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let new: String = campus.value(stored, []).await;
    assert!(old.contains("m=8,") && new.contains("m=16,"), "{old} {new}");

    campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    assert_eq!(campus.value::<String, 0>(stored, []).await, new);
}

#[tokio::test]
async fn a_proof_is_worth_nothing_once_the_password_has_changed() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let proven = sign_in::prove(campus.db(), &campus.hasher, &campus.settings, "s1@ata.edu.tr", &PASSWORD.into())
        .await
        .unwrap();
    campus
        .change(&actor(&campus, &session).await, Some(PASSWORD), "another horse battery")
        .await
        .unwrap();

    let work = campus.begin().await;
    let late = sign_in::open(&work, &campus.settings, proven, &Client::default()).await;
    assert_eq!(refusal(late), "invalid_credentials");
}
