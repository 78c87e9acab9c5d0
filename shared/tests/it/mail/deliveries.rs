//! The log of mails: who sees which, and finding one.

use crate::campus::{Campus, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::PageRequest;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::{DeliveryState, MailKind, Role};
use acurate_shared::mail::deliveries::{Delivery, DeliveryFilter, list};

async fn found(campus: &Campus, actor: &Actor, filter: DeliveryFilter) -> Vec<Delivery> {
    let page = list(campus.db(), actor, filter, PageRequest::new(1, 100)).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items
}

async fn mail(campus: &Campus, actor: &Actor, user: UserId, kind: &str, state: &str) {
    let insert = "
        INSERT INTO email_deliveries (institution_id, user_id, kind, message_id, state, last_error, sent_at)
        VALUES ($1, $2, $3, gen_random_uuid(), $4, CASE WHEN $4 = 'failed' THEN '550 no' END, CASE WHEN $4 = 'sent' THEN now() END)";
    campus
        .execute(insert, [actor.institution_id.into(), user.into(), kind.into(), state.into()])
        .await;
}

#[tokio::test]
async fn an_administrator_finds_what_became_of_a_students_welcome_mail() {
    let campus = Campus::create().await;
    let (one, other) = (
        campus.enrol(record("1")).await.unwrap().id,
        campus.enrol(record("2")).await.unwrap().id,
    );
    mail(&campus, &campus.admin, one, "password_reset", "sent").await;
    mail(&campus, &campus.admin, one, "welcome", "failed").await;
    mail(&campus, &campus.admin, other, "welcome", "sent").await;
    mail(&campus, &campus.rival, campus.rival.user_id, "welcome", "sent").await;

    let all = found(&campus, &campus.admin, DeliveryFilter::default()).await;
    assert_eq!(
        all.iter().map(|mail| mail.user_id).collect::<Vec<_>>(),
        [other, one, one],
        "the newest first"
    );
    let of_one = DeliveryFilter {
        user_id: Some(one),
        ..DeliveryFilter::default()
    };
    assert_eq!(found(&campus, &campus.admin, of_one).await.len(), 2);
    let failed = DeliveryFilter {
        state: Some(DeliveryState::Failed),
        ..of_one
    };
    let failed = found(&campus, &campus.admin, failed).await;
    assert_eq!(
        (failed.len(), failed[0].kind, failed[0].last_error.as_deref()),
        (1, MailKind::Welcome, Some("550 no"))
    );
    let resets = DeliveryFilter {
        kind: Some(MailKind::PasswordReset),
        ..DeliveryFilter::default()
    };
    assert_eq!(found(&campus, &campus.admin, resets).await.len(), 1);
}

#[tokio::test]
async fn mails_of_another_institution_are_not_found_and_the_owner_sees_all() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap().id;
    mail(&campus, &campus.admin, student, "welcome", "sent").await;
    let of_student = DeliveryFilter {
        user_id: Some(student),
        ..DeliveryFilter::default()
    };
    assert_eq!(found(&campus, &campus.rival, of_student).await, []);
    assert_eq!(found(&campus, &campus.owner, of_student).await.len(), 1);
    for role in [Role::Student, Role::Teacher] {
        let actor = Actor {
            user_id: student,
            role,
            institution_id: campus.admin.institution_id,
        };
        let refused = list(campus.db(), &actor, of_student, PageRequest::new(1, 20)).await;
        assert_eq!(refusal(refused), "role_required");
    }
}
