//! The administrators of an institution.

use super::{PAGE, actions, home};
use crate::campus::{Campus, PASSWORD, person, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::error::Result;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::platform::administrators::{self, Administrator};
use acurate_shared::platform::institutions;

async fn add(campus: &Campus, actor: &Actor, id: InstitutionId, email: &str) -> Result<Administrator> {
    let mut work = campus.begin().await;
    let admin = administrators::add(&mut work, actor, &campus.settings, id, person(email)).await?;
    let _ = work.commit().await?;
    Ok(admin)
}

async fn reset(campus: &Campus, actor: &Actor, id: InstitutionId, admin: UserId) -> Result<Administrator> {
    let mut work = campus.begin().await;
    let reset = administrators::reset_access(&mut work, actor, &campus.settings, id, admin).await?;
    let _ = work.commit().await?;
    Ok(reset)
}

async fn set_active(campus: &Campus, actor: &Actor, admin: UserId, is_active: bool) -> Result<Administrator> {
    let work = campus.begin().await;
    let changed = administrators::set_active(&work, actor, home(&campus.admin), admin, is_active).await?;
    let _ = work.commit().await?;
    Ok(changed)
}

async fn suspend(campus: &Campus, id: InstitutionId) {
    let work = campus.begin().await;
    institutions::suspend(&work, &campus.owner, id).await.unwrap();
    let _ = work.commit().await.unwrap();
}

#[tokio::test]
async fn an_institution_can_have_several_each_mailed_a_password_that_works() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let added = add(&campus, &campus.owner, id, "Second@ata.edu.tr").await.unwrap();
    let mailed = campus.mailed(added.id).await;
    let session = campus.sign_in("second@ata.edu.tr", mailed.expose()).await.unwrap();
    assert_eq!(session.user.institution_id, Some(id));

    let page = administrators::list(campus.db(), &campus.owner, id, PAGE).await.unwrap();
    let mut found: Vec<UserId> = page.items.iter().map(|admin| admin.id).collect();
    found.sort();
    assert_eq!((page.total, found), (2, vec![campus.admin.user_id, added.id]));
    let found = administrators::find(campus.db(), &campus.owner, id, added.id).await.unwrap();
    assert!(found.last_sign_in_at.is_some());
    let expected = ["institution.created", "institution_admin.created", "user.signed_in"];
    assert_eq!(actions(&campus, id).await, expected);
}

#[tokio::test]
async fn they_are_the_business_of_the_platforms_owner() {
    let campus = Campus::create().await;
    let (id, admin) = (home(&campus.admin), campus.admin.user_id);
    let student = campus.settled("1").await.user.id;
    assert_eq!(refusal(add(&campus, &campus.admin, id, "x@ata.edu.tr").await), "role_required");
    assert_eq!(refusal(reset(&campus, &campus.admin, id, admin).await), "role_required");
    assert_eq!(refusal(set_active(&campus, &campus.admin, admin, false).await), "role_required");
    assert_eq!(
        refusal(administrators::list(campus.db(), &campus.admin, id, PAGE).await),
        "role_required"
    );
    for other in [campus.rival.user_id, student, campus.owner.user_id] {
        assert_eq!(refusal(reset(&campus, &campus.owner, id, other).await), "no administrator");
        assert_eq!(
            refusal(administrators::find(campus.db(), &campus.owner, id, other).await),
            "no administrator"
        );
    }
    let nowhere = InstitutionId(999_999);
    assert_eq!(
        refusal(add(&campus, &campus.owner, nowhere, "x@ata.edu.tr").await),
        "no institution"
    );
    assert_eq!(
        refusal(administrators::list(campus.db(), &campus.owner, nowhere, PAGE).await),
        "no institution"
    );
    assert_eq!(refusal(add(&campus, &campus.owner, id, "x").await), "email: invalid_email");
    assert_eq!(refusal(add(&campus, &campus.owner, id, "admin@ata.edu.tr").await), "email_in_use");
}

#[tokio::test]
async fn a_reset_ends_password_and_sessions_and_mails_a_new_password() {
    let campus = Campus::create().await;
    let (id, admin) = (home(&campus.admin), campus.admin.user_id);
    let session = campus.change(&campus.admin, None, PASSWORD).await.unwrap();
    let token = "
        INSERT INTO password_reset_tokens (user_id, token_hash, nonce, email, expires_at)
        VALUES ($1, sha256('x'), decode(repeat('ab', 16), 'hex'), 'admin@ata.edu.tr', now() + interval '1 hour')";
    campus.execute(token, [admin.into()]).await;

    reset(&campus, &campus.owner, id, admin).await.unwrap();

    assert!(!campus.is_alive(&session).await);
    assert_eq!(refusal(campus.refresh(&session.refresh_token.unwrap()).await), "session_ended");
    assert_eq!(refusal(campus.sign_in("admin@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    assert_eq!(campus.welcome_mails(admin).await, 2);
    let open = "SELECT count(*) AS id FROM password_reset_tokens WHERE used_at IS NULL";
    assert_eq!(campus.value::<i64, 0>(open, []).await, 0);
    let mailed = campus.mailed(admin).await;
    assert!(
        campus
            .sign_in("admin@ata.edu.tr", mailed.expose())
            .await
            .unwrap()
            .must_change_password()
    );
    let again = campus.change(&campus.admin, None, PASSWORD).await;
    assert_eq!(refusal(again), "new_password: password_reused");
    assert!(campus.deeds(admin).await.contains(&"institution_admin.access_reset".to_owned()));
}

#[tokio::test]
async fn a_password_is_mailed_only_where_it_works() {
    let campus = Campus::create().await;
    let (id, admin) = (home(&campus.admin), campus.admin.user_id);
    add(&campus, &campus.owner, id, "second@ata.edu.tr").await.unwrap();
    set_active(&campus, &campus.owner, admin, false).await.unwrap();
    assert_eq!(refusal(reset(&campus, &campus.owner, id, admin).await), "account_inactive");
    set_active(&campus, &campus.owner, admin, true).await.unwrap();
    suspend(&campus, id).await;
    assert_eq!(refusal(reset(&campus, &campus.owner, id, admin).await), "institution_suspended");
    assert_eq!(
        refusal(add(&campus, &campus.owner, id, "third@ata.edu.tr").await),
        "institution_suspended"
    );
}

#[tokio::test]
async fn one_is_let_go_but_never_the_last() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let first = campus.admin.user_id;
    let refused = set_active(&campus, &campus.owner, first, false).await;
    assert_eq!(refusal(refused), "last_administrator");
    let second = add(&campus, &campus.owner, id, "second@ata.edu.tr").await.unwrap().id;
    let session = campus.change(&campus.admin, None, PASSWORD).await.unwrap();

    assert!(!set_active(&campus, &campus.owner, first, false).await.unwrap().is_active);
    assert!(!campus.is_alive(&session).await);
    assert_eq!(refusal(campus.sign_in("admin@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    let refused = set_active(&campus, &campus.owner, second, false).await;
    assert_eq!(refusal(refused), "last_administrator");
    assert!(set_active(&campus, &campus.owner, first, true).await.unwrap().is_active);
    assert!(campus.sign_in("admin@ata.edu.tr", PASSWORD).await.is_ok());
}
