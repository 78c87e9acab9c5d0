//! Reading the activity log, and what signing in writes into it.

use super::home;
use crate::campus::{Campus, PASSWORD, record, refusal};
use acurate_shared::identity::{failed_sign_in, session};
use acurate_shared::ids::UserId;
use acurate_shared::platform::activity_log::{self, ActivityFilter, ActivityPage};
use chrono::{DateTime, Utc};

async fn read(campus: &Campus, filter: &ActivityFilter, size: u64) -> ActivityPage {
    activity_log::list(campus.db(), &campus.owner, filter, size).await.unwrap()
}

fn actions(page: &ActivityPage) -> Vec<&str> {
    page.items.iter().map(|deed| deed.action.as_str()).collect()
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_even_within_one_instant() {
    let campus = Campus::create().await;
    let insert = "
        INSERT INTO activity_log (created_at, institution_id, action)
        SELECT now() - make_interval(secs => n / 3), $1, 'test.' || n FROM generate_series(0, 9) AS n";
    campus.execute(insert, [home(&campus.admin).into()]).await;
    let mut filter = ActivityFilter {
        search: Some("test.".into()),
        ..ActivityFilter::default()
    };
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = read(&campus, &filter, 4).await;
        seen.extend(page.items.iter().map(|deed| (deed.created_at, deed.id)));
        pages += 1;
        // What is done meanwhile shifts nothing.
        campus.execute("INSERT INTO activity_log (action) VALUES ('test.later')", []).await;
        match page.next {
            Some(next) => filter.before = Some(next.to_string()),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (10, 3));
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    sorted.reverse();
    assert_eq!(seen, sorted);
}

#[tokio::test]
async fn each_condition_leaves_out_what_does_not_meet_it() {
    let campus = Campus::create().await;
    let student = campus.enrol(record("1")).await.unwrap().id;
    let (own, admin) = (home(&campus.admin), campus.admin.user_id);
    let all = ActivityFilter::default();
    let long_ago: DateTime<Utc> = "2000-01-01T00:00:00Z".parse().unwrap();
    for (filter, expected) in [
        (
            ActivityFilter {
                action: Some("institution.created".into()),
                ..all.clone()
            },
            vec!["institution.created", "institution.created"],
        ),
        (
            ActivityFilter {
                actor_id: Some(admin),
                ..all.clone()
            },
            vec!["student.created"],
        ),
        (
            ActivityFilter {
                object_type: Some("user".into()),
                object_id: Some(student.0),
                ..all.clone()
            },
            vec!["student.created"],
        ),
        (
            ActivityFilter {
                institution_id: Some(own),
                ..all.clone()
            },
            vec!["student.created", "institution.created"],
        ),
        (
            ActivityFilter {
                search: Some("admin@ata".into()),
                ..all.clone()
            },
            vec!["student.created"],
        ),
        (
            ActivityFilter {
                search: Some("OLGA".into()),
                action: Some("institution.created".into()),
                institution_id: Some(own),
                ..all.clone()
            },
            vec!["institution.created"],
        ),
        (
            ActivityFilter {
                until: Some(long_ago),
                ..all.clone()
            },
            vec![],
        ),
        (
            ActivityFilter {
                from: Some(long_ago),
                object_type: Some("institution".into()),
                ..all.clone()
            },
            vec!["institution.created", "institution.created"],
        ),
    ] {
        assert_eq!(actions(&read(&campus, &filter, 50).await), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn an_administrator_reads_its_own_institution_and_learns_no_name_from_outside() {
    let campus = Campus::create().await;
    campus.enrol(record("1")).await.unwrap();
    let list = async |filter: ActivityFilter| activity_log::list(campus.db(), &campus.admin, &filter, 50).await;
    let page = list(ActivityFilter::default()).await.unwrap();
    assert_eq!(actions(&page), ["student.created", "institution.created"]);
    let (by_admin, by_owner) = (&page.items[0], &page.items[1]);
    assert_eq!(by_admin.actor_email.as_deref(), Some("admin@ata.edu.tr"));
    assert_eq!(by_admin.actor_name.as_deref(), Some("Irmak Işık"));
    assert_eq!(by_owner.actor_id, Some(campus.owner.user_id));
    assert_eq!((&by_owner.actor_email, &by_owner.actor_name), (&None, &None));
    let search = |text: &str| ActivityFilter {
        search: Some(text.into()),
        ..ActivityFilter::default()
    };
    assert_eq!(list(search("owner@")).await.unwrap().items, []);
    let institution = |id| ActivityFilter {
        institution_id: Some(id),
        ..ActivityFilter::default()
    };
    assert_eq!(list(institution(home(&campus.admin))).await.unwrap(), page);
    assert_eq!(refusal(list(institution(home(&campus.rival))).await), "no institution");
}

#[tokio::test]
async fn others_and_impossible_wishes_are_refused() {
    let campus = Campus::create().await;
    let mut student = campus.admin.clone();
    student.user_id = campus.settled("1").await.user.id;
    student.role = acurate_shared::kinds::Role::Student;
    let all = ActivityFilter::default();
    let refused = activity_log::list(campus.db(), &student, &all, 50).await;
    assert_eq!(refusal(refused), "role_required");
    let bad = ActivityFilter {
        action: Some("x".repeat(101)),
        before: Some("2".into()),
        search: Some("a\0".into()),
        from: DateTime::from_timestamp(-400_000_000_000, 0),
        ..all
    };
    let refused = activity_log::list(campus.db(), &campus.owner, &bad, 50).await;
    assert_eq!(
        refusal(refused),
        "action: too_long, search: invalid_characters, before: invalid_cursor, from: out_of_range"
    );
}

#[tokio::test]
async fn sign_ins_failures_and_sign_outs_are_deeds_without_anything_typed() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let closed = campus.settled("2").await.user.id;
    campus
        .execute("UPDATE users SET is_active = false WHERE id = $1", [closed.into()])
        .await;
    let waiting = campus.enrol(record("3")).await.unwrap().id;
    let expire = "UPDATE users SET credential_expires_at = now() WHERE id = $1";
    campus.execute(expire, [waiting.into()]).await;
    let mailed = campus.mailed(waiting).await;

    let mut refused = Vec::new();
    for (email, password) in [
        ("s1@ata.edu.tr", "wrong horse battery"),
        ("s2@ata.edu.tr", PASSWORD),
        ("s3@ata.edu.tr", mailed.expose().as_str()),
        ("my secret password", PASSWORD),
    ] {
        let error = campus.sign_in(email, password).await.unwrap_err();
        let work = campus.begin().await;
        failed_sign_in::record(&work, email, &error).await.unwrap();
        let _ = work.commit().await.unwrap();
        refused.push(email);
    }
    let signed_in = campus.sign_in("s1@ata.edu.tr", PASSWORD).await.unwrap();
    let work = campus.begin().await;
    let actor = acurate_shared::actor::Actor {
        user_id: session.user.id,
        role: session.user.role,
        institution_id: session.user.institution_id,
    };
    session::sign_out(&work, &actor, signed_in.family).await.unwrap();
    let _ = work.commit().await.unwrap();

    let filter = ActivityFilter {
        action: Some("user.sign_in_failed".into()),
        ..ActivityFilter::default()
    };
    let page = read(&campus, &filter, 50).await;
    let failures: Vec<(Option<i64>, &str)> = page
        .items
        .iter()
        .map(|deed| (deed.object_id, deed.detail["reason"].as_str().unwrap()))
        .collect();
    let id = |user: UserId| Some(user.0);
    assert_eq!(
        failures,
        [
            (None, "unknown_account"),
            (id(waiting), "temporary_password_expired"),
            (id(closed), "account_closed"),
            (id(session.user.id), "wrong_password"),
        ]
    );
    assert!(page.items.iter().all(|deed| deed.actor_id.is_none()));
    assert_eq!(page.items[0].institution_id, None);
    assert_eq!(page.items[3].institution_id, campus.admin.institution_id);
    let typed = "SELECT count(*) AS id FROM activity_log a WHERE a::text LIKE '%secret%' OR a::text LIKE '%ata.edu.tr%'";
    assert_eq!(campus.value::<i64, 0>(typed, []).await, 0);
    let deeds = campus.deeds(session.user.id).await;
    assert_eq!(deeds[2..], ["user.sign_in_failed", "user.signed_in", "user.signed_out"]);
}
