//! Suspending institutions and letting them go on.

use super::{actions, home};
use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::entity::institution::Model;
use acurate_shared::error::Result;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::platform::institutions::{self, MAIL_HELD};

async fn suspend(campus: &Campus, actor: &Actor, id: InstitutionId) -> Result<Model> {
    let work = campus.begin().await;
    let row = institutions::suspend(&work, actor, id).await?;
    let _ = work.commit().await?;
    Ok(row)
}

async fn resume(campus: &Campus, actor: &Actor, id: InstitutionId) -> Result<Model> {
    let mut work = campus.begin().await;
    let row = institutions::resume(&mut work, actor, &campus.settings, id).await?;
    let _ = work.commit().await?;
    Ok(row)
}

/// What the worker writes when it holds a mail back.
async fn hold(campus: &Campus, user: UserId) {
    let end = "
        UPDATE jobs SET state = 'succeeded', finished_at = now(), result = jsonb_build_object('skipped', $2::text)
        WHERE kind = 'welcome_email' AND payload ->> 'user_id' = $1::bigint::text AND state = 'queued'";
    campus.execute(end, [user.into(), MAIL_HELD.into()]).await;
}

#[tokio::test]
async fn nobody_signs_in_refreshes_or_uses_a_token_until_it_goes_on() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let session = campus.settled("1").await;

    let suspended = suspend(&campus, &campus.owner, id).await.unwrap();
    assert!(!suspended.is_active && suspended.suspended_at.is_some());
    assert!(!campus.is_alive(&session).await);
    assert_eq!(refusal(campus.sign_in("s1@ata.edu.tr", PASSWORD).await), "invalid_credentials");
    let token = session.refresh_token.clone().unwrap();
    assert_eq!(refusal(campus.refresh(&token).await), "session_ended");

    let resumed = resume(&campus, &campus.owner, id).await.unwrap();
    assert!(resumed.is_active && resumed.suspended_at.is_none());
    assert!(campus.is_alive(&session).await);
    assert!(campus.refresh(&token).await.is_ok());
    assert!(campus.sign_in("s1@ata.edu.tr", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn twice_is_once_and_only_by_the_platforms_owner() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    assert_eq!(resume(&campus, &campus.owner, id).await.unwrap().version, 1);
    let first = suspend(&campus, &campus.owner, id).await.unwrap();
    assert_eq!(suspend(&campus, &campus.owner, id).await.unwrap(), first);
    for actor in [&campus.admin, &campus.rival] {
        assert_eq!(refusal(suspend(&campus, actor, id).await), "role_required");
        assert_eq!(refusal(resume(&campus, actor, id).await), "role_required");
    }
    assert_eq!(
        refusal(suspend(&campus, &campus.owner, InstitutionId(999_999)).await),
        "no institution"
    );
    assert_eq!(actions(&campus, id).await, ["institution.created", "institution.suspended"]);
}

#[tokio::test]
async fn mails_that_were_held_back_are_asked_for_again_with_new_passwords() {
    let campus = Campus::create().await;
    let id = home(&campus.admin);
    let held = campus.enrol(record("1")).await.unwrap().id;
    let mailed_before = campus.enrol(record("2")).await.unwrap().id;
    let inactive = campus.enrol(record("3")).await.unwrap().id;
    let send = "UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE payload ->> 'user_id' = $1::bigint::text";
    campus.execute(send, [mailed_before.into()]).await;
    suspend(&campus, &campus.owner, id).await.unwrap();
    hold(&campus, held).await;
    hold(&campus, inactive).await;
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [inactive.into()])
        .await;
    campus
        .execute("UPDATE users SET credential_expires_at = now() WHERE id = $1", [held.into()])
        .await;
    let old = campus.mailed(held).await;

    resume(&campus, &campus.owner, id).await.unwrap();

    assert_eq!(campus.welcome_mails(held).await, 2);
    assert_eq!(campus.welcome_mails(mailed_before).await, 1);
    assert_eq!(campus.welcome_mails(inactive).await, 1);
    let new = campus.mailed(held).await;
    assert_ne!(new.expose(), old.expose());
    assert!(campus.sign_in("s1@ata.edu.tr", new.expose()).await.is_ok());
    let again = suspend(&campus, &campus.owner, id).await;
    assert!(again.is_ok());
    resume(&campus, &campus.owner, id).await.unwrap();
    assert_eq!(campus.welcome_mails(held).await, 2, "what was held back once is asked for once");
}
