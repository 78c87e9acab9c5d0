//! Choosing passwords, and the own profile.

use super::actor;
use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::identity::{Client, change_password, profile};
use acurate_shared::kinds::Role;

#[tokio::test]
async fn a_change_ends_all_sessions_and_opens_a_new_one() {
    let campus = Campus::create().await;
    let here = campus.settled("1").await;
    let there = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();

    let new = campus
        .change(&actor(&campus, &here).await, Some(PASSWORD), "another horse battery")
        .await
        .unwrap();

    assert!(campus.is_alive(&new).await);
    assert!(!campus.is_alive(&here).await);
    assert!(!campus.is_alive(&there).await);
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");
}

#[tokio::test]
async fn every_fault_of_a_change_is_named() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let student = actor(&campus, &session).await;
    for (current, new, expected) in [
        (None, "another horse battery", "current_password: required"),
        (Some("wrong"), "another horse battery", "current_password: wrong_password"),
        (Some(PASSWORD), "short", "new_password: password_too_short"),
        (Some(PASSWORD), "s1@ata.edu.tr", "new_password: password_equals_email"),
        (Some(PASSWORD), PASSWORD, "new_password: password_reused"),
        (
            Some("wrong"),
            "s1",
            "current_password: wrong_password, new_password: password_too_short, new_password: password_equals_email",
        ),
    ] {
        assert_eq!(refusal(campus.change(&student, current, new).await), expected);
    }
    assert!(campus.is_alive(&session).await);
}

#[tokio::test]
async fn the_temporary_password_cannot_be_chosen_and_a_wrong_one_does_not_replace_it() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap();
    let mailed = campus.mailed(student.id).await;
    let student = Actor {
        user_id: student.id,
        role: Role::Student,
        institution_id: campus.admin.institution_id,
    };

    let same = campus.change(&student, None, mailed.expose()).await;
    assert_eq!(refusal(same), "new_password: password_equals_temporary");
    let wrong = campus.change(&student, Some("AAAA-AAAA-AAAA-AAAA-AAAA"), PASSWORD).await;
    assert_eq!(refusal(wrong), "current_password: wrong_password");
    assert!(campus.change(&student, Some(mailed.expose()), PASSWORD).await.is_ok());
}

#[tokio::test]
async fn the_last_five_passwords_cannot_be_chosen_again_but_the_sixth_can() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let passwords: Vec<String> = (1..=5).map(|n| format!("horse battery number {n}")).collect();
    let mut current = PASSWORD.to_owned();
    for next in &passwords[..4] {
        campus.change(&student, Some(&current), next).await.unwrap();
        current.clone_from(next);
    }
    for recent in [PASSWORD].into_iter().chain(passwords[..4].iter().map(String::as_str)) {
        let refused = campus.change(&student, Some(&current), recent).await;
        assert_eq!(refusal(refused), "new_password: password_reused", "{recent}");
    }

    campus.change(&student, Some(&current), &passwords[4]).await.unwrap();
    campus.change(&student, Some(&passwords[4]), PASSWORD).await.unwrap();

    let kept = "SELECT count(*) AS id FROM password_history WHERE user_id = $1";
    assert_eq!(campus.value::<i64, 1>(kept, [student.user_id.into()]).await, 4);
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let mut checked = Vec::new();
    for new in ["horse battery number 1", "horse battery number 2"] {
        let order = change_password::NewPassword {
            current: Some(PASSWORD.into()),
            new: new.into(),
        };
        checked.push(
            change_password::check(campus.db(), &campus.hasher, &campus.settings, &student, &order)
                .await
                .unwrap(),
        );
    }
    let apply = async |checked| {
        let mut work = campus.begin().await;
        let session = change_password::apply(&mut work, &campus.settings, checked, &Client::default()).await?;
        let _ = work.commit().await?;
        Ok::<_, acurate_shared::error::Error>(session)
    };

    let (second, first) = (checked.pop().unwrap(), checked.pop().unwrap());
    let (one, two) = tokio::join!(apply(first), apply(second));

    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert_eq!(refusal(lost), "password_changed_meanwhile");
    assert!(campus.is_alive(&won.unwrap()).await);
}

#[tokio::test]
async fn the_own_profile_says_who_one_is() {
    let campus = Campus::create().await;
    let owner = profile::me(campus.db(), &campus.owner).await.unwrap();
    assert_eq!((owner.role, owner.institution_id, owner.locale), (Role::SuperAdmin, None, None));
    assert!(!owner.must_change_password);

    let admin = profile::me(campus.db(), &campus.admin).await.unwrap();
    assert_eq!(admin.email, "admin@ata.edu.tr");
    assert!(admin.must_change_password);
    assert!(admin.last_sign_in_at.is_none());
}
