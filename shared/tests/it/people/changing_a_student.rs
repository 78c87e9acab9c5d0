//! Changing students, and what follows from it.

use super::{home, of};
use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::Expected;
use acurate_shared::error::Result;
use acurate_shared::ids::{ProgramId, UserId};
use acurate_shared::kinds::Role;
use acurate_shared::people::students::{self, Student, StudentPatch};

async fn update(campus: &Campus, actor: &Actor, id: UserId, patch: StudentPatch) -> Result<Student> {
    let mut work = campus.begin().await;
    let student = students::update(&mut work, actor, &campus.settings, id, &Expected::Any, patch).await?;
    let _ = work.commit().await?;
    Ok(student)
}

async fn marks(campus: &Campus, id: UserId) -> i64 {
    let select = "SELECT count(*) AS id FROM achievement_marks WHERE student_id = $1";
    campus.value(select, [id.into()]).await
}

#[tokio::test]
async fn touches_what_is_named_and_nothing_else() {
    let campus = Campus::create().await;
    let mut order = record("1");
    order.person.phone = Some("555".into());
    order.year_of_study = Some(1);
    let before = campus.enrol(order).await.unwrap();

    let patch = StudentPatch {
        first_name: Some(" Ayşe ".into()),
        phone: Some(None),
        year_of_study: Some(Some(2)),
        ..StudentPatch::default()
    };
    let after = update(&campus, &campus.admin, before.id, patch).await.unwrap();

    let expected = Student {
        first_name: "Ayşe".into(),
        phone: None,
        year_of_study: Some(2),
        version: before.version + 1,
        updated_at: after.updated_at,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(students::find(campus.db(), &campus.admin, after.id).await.unwrap(), after);
    assert_eq!(marks(&campus, after.id).await, 0);
    assert_eq!(campus.welcome_mails(after.id).await, 1);
    let changed = "SELECT detail ->> 'changed' AS id FROM activity_log WHERE action = 'student.updated'";
    let changed: String = campus.value(changed, []).await;
    assert_eq!(changed, r#"["first_name", "phone", "year_of_study"]"#);
}

#[tokio::test]
async fn to_what_it_is_already_writes_nothing() {
    let campus = Campus::create().await;
    let before = campus.enrol(record("1")).await.unwrap();
    let patch = StudentPatch {
        student_number: Some("1".into()),
        email: Some("S1@ata.edu.tr".into()),
        is_active: Some(true),
        ..StudentPatch::default()
    };
    assert_eq!(update(&campus, &campus.admin, before.id, patch).await.unwrap(), before);
    assert_eq!(campus.deeds(before.id).await, ["student.created"]);
}

#[tokio::test]
async fn to_another_program_moves_it_there_and_its_results_are_computed_anew() {
    let campus = Campus::create().await;
    let (ceng, ceng_program) = campus.department(home(&campus.admin), "CENG").await;
    let (math, math_program) = campus.department(home(&campus.admin), "MATH").await;
    let mut order = record("1");
    order.program_id = Some(ceng_program);
    let id = campus.enrol(order).await.unwrap().id;
    assert_eq!(marks(&campus, id).await, 0);

    let program = |program_id| StudentPatch {
        program_id: Some(program_id),
        ..StudentPatch::default()
    };
    let moved = update(&campus, &campus.admin, id, program(Some(math_program))).await.unwrap();
    assert_eq!((moved.department_id, moved.program_id), (Some(math), Some(math_program)));
    assert_eq!(marks(&campus, id).await, 1);
    let job = "SELECT count(*) AS id FROM jobs WHERE kind = 'achievement' AND state = 'queued'";
    assert_eq!(campus.value::<i64, 0>(job, []).await, 1);

    let left = update(&campus, &campus.admin, id, program(None)).await.unwrap();
    assert_eq!((left.department_id, left.program_id), (Some(math), None));
    assert_eq!(marks(&campus, id).await, 2);

    let department = StudentPatch {
        department_id: Some(Some(ceng)),
        ..StudentPatch::default()
    };
    let moved = update(&campus, &campus.admin, id, department).await.unwrap();
    assert_eq!((moved.department_id, moved.program_id), (Some(ceng), None));
    assert_eq!(marks(&campus, id).await, 2);
}

#[tokio::test]
async fn keeps_department_and_program_together() {
    let campus = Campus::create().await;
    let (_, ceng_program) = campus.department(home(&campus.admin), "CENG").await;
    let (math, _) = campus.department(home(&campus.admin), "MATH").await;
    let mut order = record("1");
    order.program_id = Some(ceng_program);
    let before = campus.enrol(order).await.unwrap();
    for (department, expected) in [
        (Some(math), "program_id: program_not_in_department"),
        (None, "department_id: required_by_program"),
    ] {
        let patch = StudentPatch {
            department_id: Some(department),
            ..StudentPatch::default()
        };
        assert_eq!(refusal(update(&campus, &campus.admin, before.id, patch).await), expected);
    }
    let both = StudentPatch {
        department_id: Some(None),
        program_id: Some(None),
        ..StudentPatch::default()
    };
    let after = update(&campus, &campus.admin, before.id, both).await.unwrap();
    assert_eq!((after.department_id, after.program_id), (None, None));
}

#[tokio::test]
async fn to_inactive_ends_its_sessions_and_back_lets_it_sign_in_again() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let active = |is_active| StudentPatch {
        is_active: Some(is_active),
        ..StudentPatch::default()
    };
    update(&campus, &campus.admin, session.user.id, active(false)).await.unwrap();
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");

    update(&campus, &campus.admin, session.user.id, active(true)).await.unwrap();
    assert!(!campus.is_alive(&session).await, "what was ended stays ended");
    assert!(campus.sign_in("s1@ata.edu.tr", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn to_another_address_sends_a_new_password_there_while_none_was_chosen() {
    let campus = Campus::create().await;
    let waiting = campus.enrol(record("1")).await.unwrap();
    let settled = campus.settled("2").await;
    let old = campus.mailed(waiting.id).await;
    let begun = campus.sign_in("s1@ata.edu.tr", old.expose()).await.unwrap();
    let address = |email: &str| StudentPatch {
        email: Some(email.into()),
        ..StudentPatch::default()
    };

    update(&campus, &campus.admin, waiting.id, address("right@ata.edu.tr"))
        .await
        .unwrap();
    assert_eq!(campus.welcome_mails(waiting.id).await, 2);
    assert!(!campus.is_alive(&begun).await);
    assert_eq!(
        refusal(campus.sign_in("right@ata.edu.tr", old.expose()).await),
        "invalid_credentials"
    );
    let new = campus.mailed(waiting.id).await;
    assert!(campus.sign_in("right@ata.edu.tr", new.expose()).await.is_ok());

    update(&campus, &campus.admin, settled.user.id, address("moved@ata.edu.tr"))
        .await
        .unwrap();
    assert_eq!(campus.welcome_mails(settled.user.id).await, 1);
    assert!(campus.sign_in("moved@ata.edu.tr", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn is_refused_where_the_same_would_be_refused_for_a_new_one() {
    let campus = Campus::create().await;
    campus.enrol(record("1")).await.unwrap();
    let two = campus.enrol(record("2")).await.unwrap();
    let patch = StudentPatch {
        email: Some("x".into()),
        last_name: Some(String::new()),
        year_of_study: Some(Some(0)),
        program_id: Some(Some(ProgramId(999_999))),
        ..StudentPatch::default()
    };
    assert_eq!(
        refusal(update(&campus, &campus.admin, two.id, patch).await),
        "email: invalid_email, last_name: required, year_of_study: out_of_range, program_id: unknown_program"
    );
    for (patch, expected) in [
        (
            StudentPatch {
                email: Some("s1@ata.edu.tr".into()),
                ..StudentPatch::default()
            },
            "email_in_use",
        ),
        (
            StudentPatch {
                student_number: Some("1".into()),
                ..StudentPatch::default()
            },
            "student_number_in_use",
        ),
    ] {
        assert_eq!(refusal(update(&campus, &campus.admin, two.id, patch).await), expected);
    }
    let found = students::find(campus.db(), &campus.admin, two.id).await.unwrap();
    assert_eq!(found, two);
}

#[tokio::test]
async fn is_for_administrators_of_its_institution() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap();
    let patch = StudentPatch::default();
    assert_eq!(
        refusal(update(&campus, &campus.rival, student.id, patch.clone()).await),
        "no student"
    );
    for actor in [of(&campus, Role::Teacher, UserId(1)), of(&campus, Role::Student, student.id)] {
        assert_eq!(refusal(update(&campus, &actor, student.id, patch.clone()).await), "role_required");
    }
}
