//! Addresses that do not work: noted, shown, cleared by whoever may, and forgotten with the address.

use crate::campus::{Campus, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::{Expected, Page, PageRequest};
use acurate_shared::error::Result;
use acurate_shared::identity::profile;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Role;
use acurate_shared::mail::suppressions::{self, Suppression};
use acurate_shared::people::students::{self, StudentFilter, StudentPatch};
use acurate_shared::people::{Newcomer, resend_welcome};
use acurate_shared::platform::administrators;

const REASON: &str = "RCPT TO: 550 5.1.1 no such user";

fn all() -> PageRequest {
    PageRequest::new(1, 100)
}

async fn list(campus: &Campus, actor: &Actor) -> Result<Page<Suppression>> {
    suppressions::list(campus.db(), actor, all()).await
}

async fn clear(campus: &Campus, actor: &Actor, user: UserId) -> Result<()> {
    let work = campus.begin().await;
    suppressions::clear(&work, actor, user).await?;
    let _ = work.commit().await?;
    Ok(())
}

/// A student whose address `s1@ata.edu.tr` was refused.
async fn refused(campus: &Campus) -> UserId {
    let student = campus.enrol(record("1")).await.unwrap();
    suppressions::note(campus.db(), student.id, "s1@ata.edu.tr", REASON).await.unwrap();
    student.id
}

async fn readdress(campus: &Campus, student: UserId, email: &str) {
    let mut work = campus.begin().await;
    let patch = StudentPatch {
        email: Some(email.into()),
        ..StudentPatch::default()
    };
    students::update(&mut work, &campus.admin, &campus.settings, student, &Expected::Any, patch)
        .await
        .unwrap();
    let _ = work.commit().await.unwrap();
}

async fn is_suppressed(campus: &Campus, student: UserId, address: &str) -> bool {
    suppressions::since(campus.db(), student, address).await.unwrap().is_some()
}

#[tokio::test]
async fn a_refused_address_shows_wherever_its_user_is_shown() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    let record = students::find(campus.db(), &campus.admin, id).await.unwrap();
    assert_eq!(record.mail_failure.as_deref(), Some(REASON));
    assert!(record.mail_suppressed_at.is_some());
    let listed = students::list(campus.db(), &campus.admin, &StudentFilter::default(), all())
        .await
        .unwrap();
    assert_eq!(listed.items, [record]);
    let student = Actor {
        user_id: id,
        role: Role::Student,
        institution_id: campus.admin.institution_id,
    };
    let own = profile::me(campus.db(), &student).await.unwrap();
    assert_eq!(own.mail_failure.as_deref(), Some(REASON));
    suppressions::note(campus.db(), campus.admin.user_id, "admin@ata.edu.tr", REASON)
        .await
        .unwrap();
    let institution = campus.admin.institution_id.unwrap();
    let admin = administrators::find(campus.db(), &campus.owner, institution, campus.admin.user_id)
        .await
        .unwrap();
    assert_eq!(admin.mail_failure.as_deref(), Some(REASON));
}

#[tokio::test]
async fn administrators_see_those_of_their_institution_and_the_owner_sees_all() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    let own = list(&campus, &campus.admin).await.unwrap();
    assert_eq!((own.total, own.items[0].user_id, own.items[0].role), (1, id, Role::Student));
    assert_eq!(
        (own.items[0].address.as_str(), own.items[0].reason.as_str()),
        ("s1@ata.edu.tr", REASON)
    );
    assert_eq!(list(&campus, &campus.rival).await.unwrap().total, 0);
    assert_eq!(list(&campus, &campus.owner).await.unwrap().total, 1);
    let student = Actor {
        user_id: id,
        role: Role::Student,
        institution_id: campus.admin.institution_id,
    };
    assert_eq!(refusal(list(&campus, &student).await), "role_required");
    assert_eq!(refusal(clear(&campus, &student, id).await), "role_required");
}

#[tokio::test]
async fn clearing_is_for_the_own_institution_and_is_a_deed() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    assert_eq!(refusal(clear(&campus, &campus.rival, id).await), "no suppression");
    assert!(is_suppressed(&campus, id, "s1@ata.edu.tr").await);
    clear(&campus, &campus.admin, id).await.unwrap();
    assert!(!is_suppressed(&campus, id, "s1@ata.edu.tr").await);
    assert_eq!(campus.deeds(id).await, ["student.created", "mail.suppression_cleared"]);
    assert_eq!(refusal(clear(&campus, &campus.admin, id).await), "no suppression");
}

#[tokio::test]
async fn another_address_is_a_new_start_and_so_is_the_old_one_again() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    readdress(&campus, id, "new@ata.edu.tr").await;
    assert_eq!(list(&campus, &campus.admin).await.unwrap().total, 0);
    readdress(&campus, id, "s1@ata.edu.tr").await;
    assert!(!is_suppressed(&campus, id, "s1@ata.edu.tr").await);
}

#[tokio::test]
async fn a_refusal_that_comes_after_the_address_changed_is_none_of_the_new_one() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    readdress(&campus, id, "new@ata.edu.tr").await;
    suppressions::note(campus.db(), id, "s1@ata.edu.tr", REASON).await.unwrap();
    assert_eq!(list(&campus, &campus.admin).await.unwrap().total, 0);
    // As when both happen at once: the row is there, and counts for nothing.
    let late = "INSERT INTO email_suppressions (user_id, address, reason) VALUES ($1, 's1@ata.edu.tr', 'late')";
    campus.execute(late, [id.into()]).await;
    assert_eq!(list(&campus, &campus.admin).await.unwrap().total, 0);
    assert!(!is_suppressed(&campus, id, "new@ata.edu.tr").await);
    assert_eq!(
        students::find(campus.db(), &campus.admin, id).await.unwrap().mail_suppressed_at,
        None
    );
    assert_eq!(refusal(clear(&campus, &campus.admin, id).await), "no suppression");
    suppressions::note(campus.db(), id, "new@ata.edu.tr", "gone, too").await.unwrap();
    assert_eq!(list(&campus, &campus.admin).await.unwrap().items[0].reason, "gone, too");
}

#[tokio::test]
async fn no_access_is_reset_by_a_mail_that_would_not_arrive() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    let mut work = campus.begin().await;
    let refused = resend_welcome(&mut work, &campus.admin, &campus.settings, Newcomer::Student(id), true).await;
    assert_eq!(refusal(refused), "address_suppressed");
    drop(work);
    clear(&campus, &campus.admin, id).await.unwrap();
    let mut work = campus.begin().await;
    assert!(
        resend_welcome(&mut work, &campus.admin, &campus.settings, Newcomer::Student(id), true)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn any_reason_can_be_written() {
    let campus = Campus::create().await;
    let id = refused(&campus).await;
    let reason = format!("zero \0 and too long: {}", "ş".repeat(2000));
    suppressions::note(campus.db(), id, "s1@ata.edu.tr", &reason).await.unwrap();
    let kept = list(&campus, &campus.admin).await.unwrap().items[0].reason.clone();
    assert!(kept.starts_with("zero  and too long: ş"));
    assert_eq!(kept.chars().count(), 1000);
}
