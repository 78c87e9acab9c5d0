//! Changing the own profile.

use super::actor;
use crate::campus::{Campus, PASSWORD, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::Expected;
use acurate_shared::error::{Error, Result};
use acurate_shared::identity::Profile;
use acurate_shared::identity::profile::{self, ProfilePatch};

async fn update(campus: &Campus, actor: &Actor, expected: Expected, patch: ProfilePatch) -> Result<Profile> {
    let work = campus.begin().await;
    let profile = profile::update(&work, actor, &expected, patch).await?;
    let _ = work.commit().await?;
    Ok(profile)
}

fn named(first_name: &str) -> ProfilePatch {
    ProfilePatch {
        first_name: Some(first_name.into()),
        ..ProfilePatch::default()
    }
}

#[tokio::test]
async fn what_is_named_changes_and_nothing_else() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let student = actor(&campus, &session).await;
    let patch = ProfilePatch {
        first_name: Some(" Ayşe ".into()),
        last_name: None,
        phone: Some(Some("555 01 01".into())),
        mail_grades: Some(true),
    };

    let after = update(&campus, &student, Expected::Any, patch).await.unwrap();

    let expected = Profile {
        first_name: "Ayşe".into(),
        phone: Some("555 01 01".into()),
        mail_grades: true,
        version: session.user.version + 1,
        ..session.user
    };
    assert_eq!(after, expected);
    let changed = "SELECT detail ->> 'changed' AS id FROM activity_log WHERE action = 'user.profile_updated'";
    assert_eq!(
        campus.value::<String, 0>(changed, []).await,
        r#"["first_name", "phone", "mail_grades"]"#
    );

    let empty = ProfilePatch {
        phone: Some(None),
        ..ProfilePatch::default()
    };
    assert_eq!(update(&campus, &student, Expected::Any, empty).await.unwrap().phone, None);
}

#[tokio::test]
async fn every_fault_is_named_and_nothing_is_written() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let before = profile::me(campus.db(), &student).await.unwrap();
    let patch = ProfilePatch {
        first_name: Some(" ".into()),
        last_name: Some("x".repeat(151)),
        phone: Some(Some("call me".into())),
        mail_grades: None,
    };
    assert_eq!(
        refusal(update(&campus, &student, Expected::Any, patch).await),
        "first_name: required, last_name: too_long, phone: invalid_phone"
    );
    assert_eq!(profile::me(campus.db(), &student).await.unwrap(), before);
}

#[tokio::test]
async fn of_two_changes_of_one_version_the_second_is_told() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let read = profile::me(campus.db(), &student).await.unwrap().version;
    let expected = || Expected::OneOf(vec![read]);
    let (one, two) = tokio::join!(
        update(&campus, &student, expected(), named("Ayşe")),
        update(&campus, &student, expected(), named("Zeynep"))
    );
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let lost = one.and(two).unwrap_err();
    assert!(matches!(lost, Error::Outdated), "{lost:?}");
}

#[tokio::test]
async fn a_sign_in_and_a_change_that_changes_nothing_keep_the_version() {
    let campus = Campus::create().await;
    let student = actor(&campus, &campus.settled("1").await).await;
    let before = profile::me(campus.db(), &student).await.unwrap();
    let updated_at = "SELECT updated_at::text AS id FROM users WHERE id = $1";
    let touched: String = campus.value(updated_at, [student.user_id.into()]).await;

    let session = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    assert_eq!(session.user.version, before.version);
    assert!(session.user.last_sign_in_at > before.last_sign_in_at);
    let same = update(&campus, &student, Expected::Any, named(&before.first_name)).await.unwrap();
    assert_eq!(same.version, before.version);
    assert_eq!(campus.value::<String, 1>(updated_at, [student.user_id.into()]).await, touched);
}

#[tokio::test]
async fn everybody_has_one_the_owner_of_the_platform_too() {
    let campus = Campus::create().await;
    for who in [&campus.owner, &campus.admin] {
        let after = update(&campus, who, Expected::Any, named("Deniz")).await.unwrap();
        assert_eq!((after.id, after.first_name.as_str()), (who.user_id, "Deniz"));
    }
}
