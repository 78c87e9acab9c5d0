//! Refresh tokens and their families.

use super::actor;
use crate::campus::{Campus, PASSWORD, refusal};
use acurate_shared::identity::{Client, authenticate, session};
use acurate_shared::ids::UserId;
use uuid::Uuid;

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_the_next_one_of_the_same_session() {
    let campus = Campus::create().await;
    let first = campus.settled("1").await;

    let second = campus.refresh(first.refresh_token.as_ref().unwrap()).await.unwrap();
    let third = campus.refresh(second.refresh_token.as_ref().unwrap()).await.unwrap();

    assert_eq!(first.family, third.family);
    assert_eq!(third.user.email, "s1@ata.edu.tr");
    assert!(campus.is_alive(&third).await);
}

#[tokio::test]
async fn a_token_used_twice_ends_its_session_and_no_other() {
    let campus = Campus::create().await;
    campus.settled("1").await;
    let other = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let first = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let token = first.refresh_token.unwrap();
    let second = campus.refresh(&token).await.unwrap();

    assert_eq!(refusal(campus.refresh(&token).await), "refresh_token_reused");

    assert!(!campus.is_alive(&second).await);
    assert_eq!(refusal(campus.refresh(&second.refresh_token.unwrap()).await), "session_ended");
    assert!(campus.is_alive(&other).await);
    assert_eq!(refusal(campus.refresh(&token).await), "refresh_token_reused");
    let deeds = campus.deeds(first.user.id).await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "user.refresh_token_reused").count(), 1);
}

#[tokio::test]
async fn of_two_refreshes_at_once_one_wins_and_the_other_ends_the_session() {
    let campus = Campus::create().await;
    for round in 0..8 {
        let session = campus.settled(&round.to_string()).await;
        let token = session.refresh_token.as_ref().unwrap();

        let (one, two) = tokio::join!(campus.refresh(token), campus.refresh(token));

        let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
        assert_eq!(refusal(lost), "refresh_token_reused");
        let won = won.unwrap();
        assert!(!campus.is_alive(&won).await);
        assert_eq!(refusal(campus.refresh(&won.refresh_token.unwrap()).await), "session_ended");
    }
}

#[tokio::test]
async fn a_rotation_does_not_slip_past_a_sign_out_at_the_same_time() {
    let campus = Campus::create().await;
    for round in 0..8 {
        let session = campus.settled(&round.to_string()).await;
        let actor = actor(&campus, &session).await;
        let sign_out = async {
            let work = campus.begin().await;
            session::sign_out(&work, &actor, session.family).await.unwrap();
            let _ = work.commit().await.unwrap();
        };

        let (_, rotated) = tokio::join!(sign_out, campus.refresh(session.refresh_token.as_ref().unwrap()));

        assert!(!campus.is_alive(&session).await);
        if let Ok(rotated) = rotated {
            assert_eq!(refusal(campus.refresh(&rotated.refresh_token.unwrap()).await), "session_ended");
        }
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_only() {
    let campus = Campus::create().await;
    let here = campus.settled("1").await;
    let there = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let actor = actor(&campus, &here).await;
    for _ in 0..2 {
        let work = campus.begin().await;
        session::sign_out(&work, &actor, here.family).await.unwrap();
        let _ = work.commit().await.unwrap();
    }

    assert!(!campus.is_alive(&here).await);
    assert!(campus.is_alive(&there).await);
    assert_eq!(refusal(campus.refresh(&here.refresh_token.unwrap()).await), "session_ended");
    let deeds = campus.deeds(actor.user_id).await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "user.signed_out").count(), 1);
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let campus = Campus::create().await;
    let victim = campus.settled("1").await;
    let other = campus.settled("2").await;
    let work = campus.begin().await;
    session::sign_out(&work, &actor(&campus, &other).await, victim.family)
        .await
        .unwrap();
    let _ = work.commit().await.unwrap();

    assert!(campus.is_alive(&victim).await);
}

#[tokio::test]
async fn a_session_belongs_to_one_user_and_ends_with_its_time_or_its_account() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let other = campus.settled("2").await;
    for (user, family) in [
        (other.user.id, session.family),
        (session.user.id, Uuid::new_v4()),
        (UserId(987_654), session.family),
    ] {
        assert_eq!(refusal(authenticate(campus.db(), user, family).await), "session_ended");
    }

    let age = "UPDATE sessions SET created_at = created_at - interval '1 year', expires_at = now() WHERE user_id = $1";
    campus.execute(age, [session.user.id.into()]).await;
    assert!(!campus.is_alive(&session).await);
    assert_eq!(
        refusal(campus.refresh(&session.refresh_token.unwrap()).await),
        "refresh_token_expired"
    );

    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [other.user.id.into()])
        .await;
    assert!(!campus.is_alive(&other).await);
    assert_eq!(refusal(campus.refresh(&other.refresh_token.unwrap()).await), "session_ended");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let campus = Campus::create().await;
    for token in ["", "nonsense", &"A".repeat(43)] {
        assert_eq!(refusal(campus.refresh(&token.into()).await), "invalid_refresh_token", "{token}");
    }
}

#[tokio::test]
async fn where_a_session_comes_from_is_kept_with_it() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let client = Client {
        ip: Some("192.0.2.7".into()),
        user_agent: Some("ş".repeat(1000)),
    };
    let token = session.refresh_token.unwrap();
    session::refresh(campus.begin().await, &campus.settings, token.expose(), &client)
        .await
        .unwrap();

    let kept = "SELECT count(*) AS id FROM sessions WHERE family = $1 AND ip = '192.0.2.7' AND length(user_agent) = 300";
    assert_eq!(campus.value::<i64, 1>(kept, [session.family.into()]).await, 1);
    let plain = "SELECT count(*) AS id FROM sessions WHERE encode(token_hash, 'escape') LIKE '%' || $1 || '%'";
    assert_eq!(campus.value::<i64, 1>(plain, [token.expose().clone().into()]).await, 0);
}
