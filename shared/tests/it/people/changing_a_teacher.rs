//! Changing teachers, and what follows from it.

use super::{PAGE, home};
use crate::campus::{Campus, PASSWORD, person, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::Expected;
use acurate_shared::error::Result;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Role;
use acurate_shared::people::teachers::{self, NewTeacher, Teacher, TeacherFilter, TeacherPatch};

async fn hire(campus: &Campus, email: &str) -> Teacher {
    let mut work = campus.begin().await;
    let order = NewTeacher {
        person: person(email),
        department_id: None,
    };
    let teacher = teachers::create(&mut work, &campus.admin, &campus.settings, order).await.unwrap();
    let _ = work.commit().await.unwrap();
    teacher
}

async fn update(campus: &Campus, actor: &Actor, id: UserId, expected: Expected, patch: TeacherPatch) -> Result<Teacher> {
    let mut work = campus.begin().await;
    let teacher = teachers::update(&mut work, actor, &campus.settings, id, &expected, patch).await?;
    let _ = work.commit().await?;
    Ok(teacher)
}

fn active(is_active: bool) -> TeacherPatch {
    TeacherPatch {
        is_active: Some(is_active),
        ..TeacherPatch::default()
    }
}

#[tokio::test]
async fn touches_what_is_named_and_nothing_else() {
    let campus = Campus::create().await;
    let (department, _) = campus.department(home(&campus.admin), "CENG").await;
    let before = hire(&campus, "t@ata.edu.tr").await;
    let patch = TeacherPatch {
        last_name: Some(" Çelik ".into()),
        phone: Some(Some("555".into())),
        department_id: Some(Some(department)),
        ..TeacherPatch::default()
    };
    let after = update(&campus, &campus.admin, before.id, Expected::Any, patch).await.unwrap();
    let expected = Teacher {
        last_name: "Çelik".into(),
        phone: Some("555".into()),
        department_id: Some(department),
        version: before.version + 1,
        updated_at: after.updated_at,
        ..before.clone()
    };
    assert_eq!(after, expected);
    let patch = TeacherPatch {
        phone: Some(None),
        department_id: Some(None),
        ..TeacherPatch::default()
    };
    let emptied = update(&campus, &campus.admin, before.id, Expected::Any, patch).await.unwrap();
    assert_eq!((emptied.phone, emptied.department_id), (None, None));
    let changed = "SELECT detail ->> 'changed' AS id FROM activity_log WHERE action = 'teacher.updated' ORDER BY activity_log.id LIMIT 1";
    let changed: String = campus.value(changed, []).await;
    assert_eq!(changed, r#"["last_name", "phone", "department_id"]"#);
}

#[tokio::test]
async fn deactivating_ends_the_sessions_and_keeps_the_account() {
    let campus = Campus::create().await;
    let teacher = hire(&campus, "t@ata.edu.tr").await;
    let actor = Actor {
        user_id: teacher.id,
        role: Role::Teacher,
        institution_id: campus.admin.institution_id,
    };
    let session = campus.change(&actor, None, PASSWORD).await.unwrap();

    let changed = update(&campus, &campus.admin, teacher.id, Expected::Any, active(false))
        .await
        .unwrap();
    assert!(!changed.is_active);
    assert!(!campus.is_alive(&session).await);
    assert_eq!(refusal(campus.refresh(&session.refresh_token.unwrap()).await), "session_ended");
    assert_eq!(refusal(campus.sign_in("t@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    update(&campus, &campus.admin, teacher.id, Expected::Any, active(true))
        .await
        .unwrap();
    assert!(campus.sign_in("t@ata.edu.tr", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_new_address_gets_a_new_password_while_none_was_chosen() {
    let campus = Campus::create().await;
    let teacher = hire(&campus, "wrong@ata.edu.tr").await;
    let old = campus.mailed(teacher.id).await;
    let patch = TeacherPatch {
        email: Some("Right@ata.edu.tr".into()),
        ..TeacherPatch::default()
    };
    update(&campus, &campus.admin, teacher.id, Expected::Any, patch).await.unwrap();
    assert_eq!(campus.welcome_mails(teacher.id).await, 2);
    assert_eq!(
        refusal(campus.sign_in("right@ata.edu.tr", old.expose()).await),
        "invalid_credentials"
    );
    let new = campus.mailed(teacher.id).await;
    assert!(campus.sign_in("right@ata.edu.tr", new.expose()).await.is_ok());
}

#[tokio::test]
async fn what_is_wrong_outdated_or_somebody_elses_is_refused() {
    let campus = Campus::create().await;
    let (foreign, _) = campus.department(home(&campus.rival), "CENG").await;
    let teacher = hire(&campus, "t@ata.edu.tr").await;
    hire(&campus, "u@ata.edu.tr").await;
    let bad = TeacherPatch {
        email: Some("x".into()),
        first_name: Some(" ".into()),
        department_id: Some(Some(foreign)),
        ..TeacherPatch::default()
    };
    assert_eq!(
        refusal(update(&campus, &campus.admin, teacher.id, Expected::Any, bad).await),
        "email: invalid_email, first_name: required, department_id: unknown_department"
    );
    let taken = TeacherPatch {
        email: Some("u@ata.edu.tr".into()),
        ..TeacherPatch::default()
    };
    assert_eq!(
        refusal(update(&campus, &campus.admin, teacher.id, Expected::Any, taken).await),
        "email_in_use"
    );
    let old = Expected::OneOf(vec![teacher.version - 1]);
    assert_eq!(
        refusal(update(&campus, &campus.admin, teacher.id, old, active(false)).await),
        "outdated"
    );
    for (actor, expected) in [(&campus.rival, "no teacher"), (&campus.owner, "role_required")] {
        let refused = update(&campus, actor, teacher.id, Expected::Any, active(false)).await;
        assert_eq!(refusal(refused), expected);
    }
    let student = campus.settled("1").await.user.id;
    let refused = update(&campus, &campus.admin, student, Expected::Any, active(false)).await;
    assert_eq!(refusal(refused), "no teacher", "a student is not made a teacher");
}

#[tokio::test]
async fn a_list_comes_in_the_order_that_is_wished_for() {
    let campus = Campus::create().await;
    for (email, last_name) in [("a@ata.edu.tr", "Şahin"), ("b@ata.edu.tr", "Çelik"), ("c@ata.edu.tr", "Demir")] {
        let id = hire(&campus, email).await.id;
        campus
            .execute("UPDATE users SET last_name = $2 WHERE id = $1", [id.into(), last_name.into()])
            .await;
    }
    for (sort, expected) in [
        (None, ["Çelik", "Demir", "Şahin"]),
        (Some("-last_name"), ["Şahin", "Demir", "Çelik"]),
        (Some("email"), ["Şahin", "Çelik", "Demir"]),
        (Some("is_active,-created_at"), ["Demir", "Çelik", "Şahin"]),
    ] {
        let filter = TeacherFilter {
            sort: sort.map(str::to_owned),
            ..TeacherFilter::default()
        };
        let page = teachers::list(campus.db(), &campus.admin, &filter, PAGE).await.unwrap();
        let names: Vec<&str> = page.items.iter().map(|teacher| teacher.last_name.as_str()).collect();
        assert_eq!(names, expected, "{sort:?}");
    }
    let filter = TeacherFilter {
        sort: Some("password_hash".into()),
        ..TeacherFilter::default()
    };
    let refused = teachers::list(campus.db(), &campus.admin, &filter, PAGE).await;
    assert_eq!(refusal(refused), "sort: unknown_sort");
}
