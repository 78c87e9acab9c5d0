//! Seeing and ending the own sign-ins.

use super::actor;
use crate::campus::{Campus, PASSWORD, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::db::PageRequest;
use acurate_shared::error::Result;
use acurate_shared::identity::sign_ins::{self, SignIn};
use acurate_shared::identity::{Client, session};
use uuid::Uuid;

const PAGE: PageRequest = PageRequest { page: 1, page_size: 20 };

async fn list(campus: &Campus, actor: &Actor) -> Vec<SignIn> {
    sign_ins::list(campus.db(), actor, PAGE).await.unwrap().items
}

async fn end(campus: &Campus, actor: &Actor, family: Uuid) -> Result<()> {
    let work = campus.begin().await;
    sign_ins::end(&work, actor, family).await?;
    let _ = work.commit().await?;
    Ok(())
}

#[tokio::test]
async fn a_sign_in_is_one_entry_however_often_its_tokens_were_exchanged() {
    let campus = Campus::create().await;
    let first = campus.settled("1").await;
    let student = actor(&campus, &first).await;
    let started = list(&campus, &student).await[0].started_at;
    let client = Client {
        ip: Some("192.0.2.7".into()),
        user_agent: Some("Firefox".into()),
    };
    let token = first.refresh_token.unwrap();
    session::refresh(campus.begin().await, &campus.settings, token.expose(), &client)
        .await
        .unwrap();

    let all = list(&campus, &student).await;

    assert_eq!(all.len(), 1);
    assert_eq!(all[0].family, first.family);
    assert_eq!(
        (all[0].ip.as_deref(), all[0].user_agent.as_deref()),
        (Some("192.0.2.7"), Some("Firefox"))
    );
    assert_eq!(all[0].started_at, started);
    assert!(all[0].last_used_at > started);
}

#[tokio::test]
async fn the_last_used_comes_first_and_what_has_ended_does_not_come() {
    let campus = Campus::create().await;
    let one = campus.settled("1").await;
    let two = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let old = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    campus.settled("2").await;
    let student = actor(&campus, &one).await;
    let age = "UPDATE sessions SET created_at = created_at - interval '1 year', expires_at = now() WHERE family = $1";
    campus.execute(age, [old.family.into()]).await;
    let families = async || -> Vec<Uuid> { list(&campus, &student).await.iter().map(|entry| entry.family).collect() };
    assert_eq!(families().await, [two.family, one.family]);

    campus.refresh(&one.refresh_token.unwrap()).await.unwrap();
    assert_eq!(families().await, [one.family, two.family]);

    end(&campus, &student, one.family).await.unwrap();
    assert_eq!(families().await, [two.family]);
    let past = PageRequest { page: 9, page_size: 1 };
    let page = sign_ins::list(campus.db(), &student, past).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, 1));
}

#[tokio::test]
async fn ending_one_from_afar_leaves_the_others() {
    let campus = Campus::create().await;
    let here = campus.settled("1").await;
    let there = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let student = actor(&campus, &here).await;

    end(&campus, &student, there.family).await.unwrap();

    assert!(campus.is_alive(&here).await && !campus.is_alive(&there).await);
    assert_eq!(refusal(campus.refresh(&there.refresh_token.unwrap()).await), "session_ended");
    assert_eq!(refusal(end(&campus, &student, there.family).await), "no session");
    let deeds = campus.deeds(student.user_id).await;
    assert_eq!(deeds.iter().filter(|deed| *deed == "user.session_ended").count(), 1);
}

#[tokio::test]
async fn nobody_sees_or_ends_a_sign_in_of_somebody_else() {
    let campus = Campus::create().await;
    let victim = campus.settled("1").await;
    let other = actor(&campus, &campus.settled("2").await).await;
    assert!(list(&campus, &other).await.iter().all(|entry| entry.family != victim.family));
    for thief in [&other, &campus.admin, &campus.owner] {
        assert_eq!(refusal(end(&campus, thief, victim.family).await), "no session");
    }
    assert!(campus.is_alive(&victim).await);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_of_one_user_and_none_of_another() {
    let campus = Campus::create().await;
    let one = campus.settled("1").await;
    let two = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let other = campus.settled("2").await;
    let student = actor(&campus, &one).await;

    let work = campus.begin().await;
    let mut ended = sign_ins::end_all(&work, &student).await.unwrap();
    let _ = work.commit().await.unwrap();

    ended.sort();
    let mut expected = [one.family, two.family];
    expected.sort();
    assert_eq!(ended, expected);
    assert!(!campus.is_alive(&one).await && !campus.is_alive(&two).await);
    assert!(campus.is_alive(&other).await);
    let told = "SELECT (detail ->> 'sessions')::bigint AS id FROM activity_log WHERE action = 'user.signed_out_everywhere'";
    assert_eq!(campus.value::<i64, 0>(told, []).await, 2);
    campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
}
