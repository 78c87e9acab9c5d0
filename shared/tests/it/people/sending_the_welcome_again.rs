//! Sending the welcome mail again.

use super::of;
use crate::campus::{Campus, PASSWORD, person, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::identity::{Client, forgot_password};
use acurate_shared::ids::{JobId, UserId};
use acurate_shared::kinds::Role;
use acurate_shared::people::teachers::{self, NewTeacher};
use acurate_shared::people::{Newcomer, resend_welcome};

async fn resend(campus: &Campus, actor: &Actor, newcomer: Newcomer, reset_access: bool) -> Result<JobId> {
    let mut work = campus.begin().await;
    let job = resend_welcome(&mut work, actor, &campus.settings, newcomer, reset_access).await?;
    let _ = work.commit().await?;
    Ok(job)
}

#[tokio::test]
async fn the_new_mail_holds_a_new_password_and_the_old_one_ends() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap().id;
    let old = campus.mailed(student).await;
    let begun = campus.sign_in("s1@ata.edu.tr", old.expose()).await.unwrap();
    let expire = "UPDATE users SET credential_expires_at = now() WHERE id = $1";
    campus.execute(expire, [student.into()]).await;

    let job = resend(&campus, &campus.admin, Newcomer::Student(student), false).await.unwrap();

    let of_user = "SELECT (payload ->> 'user_id')::bigint AS id FROM jobs WHERE id = $1 AND kind = 'welcome_email'";
    assert_eq!(campus.value::<UserId, 1>(of_user, [job.into()]).await, student);
    assert_eq!(campus.welcome_mails(student).await, 2);
    assert!(!campus.is_alive(&begun).await);
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", old.expose()).await), "invalid_credentials");
    let new = campus.mailed(student).await;
    assert!(campus.sign_in("s1@ata.edu.tr", new.expose()).await.unwrap().must_change_password());
    let deeds = campus.deeds(student).await;
    assert!(deeds.contains(&"student.welcome_resent".into()), "{deeds:?}");
}

#[tokio::test]
async fn a_chosen_password_is_taken_away_only_when_that_is_said() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let student = Newcomer::Student(session.user.id);
    assert_eq!(refusal(resend(&campus, &campus.admin, student, false).await), "password_chosen");
    assert!(campus.is_alive(&session).await);
    assert_eq!(campus.welcome_mails(session.user.id).await, 1);

    let mut work = campus.begin().await;
    forgot_password::request(&mut work, &campus.settings, "s1@ata.edu.tr", &Client::default())
        .await
        .unwrap();
    let _ = work.commit().await.unwrap();
    resend(&campus, &campus.admin, student, true).await.unwrap();

    assert!(!campus.is_alive(&session).await);
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    let open = "SELECT count(*) AS id FROM password_reset_tokens WHERE used_at IS NULL";
    assert_eq!(campus.value::<i64, 0>(open, []).await, 0, "a link on its way ends too");
    let mailed = campus.mailed(session.user.id).await;
    campus.sign_in("s1@ata.edu.tr", mailed.expose()).await.unwrap();
    let actor = of(&campus, Role::Student, session.user.id);
    let again = campus.change(&actor, None, PASSWORD).await;
    assert_eq!(refusal(again), "new_password: password_reused", "the old password is remembered");
    campus.change(&actor, None, "another horse battery").await.unwrap();
}

#[tokio::test]
async fn a_teacher_gets_one_as_a_teacher_only() {
    let campus = Campus::create().await;
    let mut work = campus.begin().await;
    let order = NewTeacher {
        person: person("t@ata.edu.tr"),
        department_id: None,
    };
    let teacher = teachers::create(&mut work, &campus.admin, &campus.settings, order)
        .await
        .unwrap()
        .id;
    let _ = work.commit().await.unwrap();
    let student = campus.enrol(record("1")).await.unwrap().id;

    resend(&campus, &campus.admin, Newcomer::Teacher(teacher), false).await.unwrap();

    assert_eq!(campus.welcome_mails(teacher).await, 2);
    assert_eq!(campus.deeds(teacher).await, ["teacher.created", "teacher.welcome_resent"]);
    for (newcomer, expected) in [
        (Newcomer::Student(teacher), "no student"),
        (Newcomer::Teacher(student), "no teacher"),
        (Newcomer::Teacher(campus.admin.user_id), "no teacher"),
        (Newcomer::Student(UserId(987_654)), "no student"),
    ] {
        assert_eq!(refusal(resend(&campus, &campus.admin, newcomer, true).await), expected);
    }
}

#[tokio::test]
async fn it_is_the_business_of_administrators_of_the_institution() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap().id;
    let newcomer = Newcomer::Student(student);
    assert_eq!(refusal(resend(&campus, &campus.rival, newcomer, true).await), "no student");
    for actor in [
        of(&campus, Role::Teacher, UserId(1)),
        of(&campus, Role::Student, student),
        campus.owner.clone(),
    ] {
        assert_eq!(refusal(resend(&campus, &actor, newcomer, true).await), "role_required");
    }
    assert_eq!(campus.welcome_mails(student).await, 1);
}

#[tokio::test]
async fn who_may_not_sign_in_gets_none() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap().id;
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [student.into()])
        .await;
    let refused = resend(&campus, &campus.admin, Newcomer::Student(student), true).await;
    assert_eq!(refusal(refused), "account_inactive");
}
