//! Who sees a job, and how much of its error.

use crate::campus::{Campus, refusal};
use acurate_shared::actor::Actor;
use acurate_shared::config::RetryRule;
use acurate_shared::db::PageRequest;
use acurate_shared::error::Error;
use acurate_shared::ids::{JobId, UserId};
use acurate_shared::jobs::listing::{self, JobFilter};
use acurate_shared::jobs::{Job, Order, enqueue, ledger, view};
use acurate_shared::kinds::{AttemptOutcome, JobState, Role};
use acurate_shared::testing::job_settings;
use acurate_shared::transport::Queue;
use chrono::{DateTime, TimeDelta, Utc};

/// A dead job that the administrator asked for.
async fn dead_job(campus: &Campus) -> JobId {
    let mut work = campus.begin().await;
    let order = Order {
        institution_id: campus.admin.institution_id,
        created_by: Some(campus.admin.user_id),
    };
    let job = Job::Achievement {
        student_ids: vec![UserId(1)],
    };
    let id = enqueue(&mut work, &job, order).await.unwrap();
    let _ = work.commit().await.unwrap();
    let claim = ledger::claim(campus.database(), &job_settings(), id, "worker")
        .await
        .unwrap()
        .unwrap();
    let never: Option<&RetryRule> = None;
    ledger::fail(campus.database(), &claim, "relation \"grades\" does not exist", never)
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn a_job_is_seen_by_who_asked_for_it_its_institutions_administrators_and_the_super_admin() {
    let campus = Campus::create().await;
    let id = dead_job(&campus).await;
    let colleague = Actor {
        user_id: UserId(campus.rival.user_id.0 + 1000),
        ..campus.admin.clone()
    };
    for actor in [&campus.admin, &colleague, &campus.owner] {
        let job = view::find(campus.db(), actor, id).await.unwrap();
        assert_eq!(job.state, JobState::Dead);
        assert!(job.is_final());
    }
    let teacher = Actor {
        user_id: campus.rival.user_id,
        role: Role::Teacher,
        institution_id: campus.admin.institution_id,
    };
    for actor in [&campus.rival, &teacher] {
        let answer = view::find(campus.db(), actor, id).await;
        assert!(matches!(answer, Err(Error::NotFound("job"))), "{answer:?}");
    }
}

#[tokio::test]
async fn only_the_super_admin_reads_what_went_wrong_inside() {
    let campus = Campus::create().await;
    let id = dead_job(&campus).await;
    let error = async |actor| view::find(campus.db(), actor, id).await.unwrap().error;
    assert_eq!(error(&campus.owner).await.as_deref(), Some("relation \"grades\" does not exist"));
    assert_eq!(error(&campus.admin).await.as_deref(), Some("The last run failed."));
}

fn page(page: u64, page_size: u64) -> PageRequest {
    PageRequest::new(page, page_size)
}

async fn list(campus: &Campus, actor: &Actor, filter: &JobFilter) -> Vec<JobId> {
    let page = listing::list(campus.db(), actor, filter, page(1, 100)).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.into_iter().map(|job| job.id).collect()
}

/// Jobs of both institutions and of the platform besides, in this order: dead, waiting, waiting, waiting.
async fn four_jobs(campus: &Campus) -> [JobId; 4] {
    let dead = dead_job(campus).await;
    let mut work = campus.begin().await;
    let mut ids = vec![dead];
    for institution_id in [campus.admin.institution_id, campus.rival.institution_id, None] {
        let order = Order {
            institution_id,
            created_by: None,
        };
        ids.push(enqueue(&mut work, &Job::WelcomeEmail { user_id: UserId(1) }, order).await.unwrap());
    }
    let _ = work.commit().await.unwrap();
    // Those of the institutions' own beginnings are not meant.
    let ours: Vec<i64> = ids.iter().map(|id| id.0).collect();
    campus.execute("DELETE FROM jobs WHERE id <> ALL ($1)", [ours.into()]).await;
    ids.try_into().unwrap()
}

#[tokio::test]
async fn lists_show_what_the_actor_may_see_the_newest_first() {
    let campus = Campus::create().await;
    let [dead, own, foreign, platform] = four_jobs(&campus).await;
    let all = JobFilter::default();
    assert_eq!(list(&campus, &campus.owner, &all).await, [platform, foreign, own, dead]);
    assert_eq!(list(&campus, &campus.admin, &all).await, [own, dead]);
    assert_eq!(list(&campus, &campus.rival, &all).await, [foreign]);
    let theirs = JobFilter {
        institution_id: campus.rival.institution_id,
        ..all.clone()
    };
    assert_eq!(list(&campus, &campus.owner, &theirs).await, [foreign]);
    let refused = listing::list(campus.db(), &campus.admin, &theirs, page(1, 20)).await;
    assert_eq!(refusal(refused), "no institution");
    let teacher = Actor {
        role: Role::Teacher,
        ..campus.admin.clone()
    };
    assert_eq!(
        refusal(listing::list(campus.db(), &teacher, &all, page(1, 20)).await),
        "role_required"
    );
}

#[tokio::test]
async fn lists_are_narrowed_sorted_and_cut_into_pages() {
    let campus = Campus::create().await;
    let [dead, own, foreign, platform] = four_jobs(&campus).await;
    let shown = async |filter: JobFilter| list(&campus, &campus.owner, &filter).await;
    let all = JobFilter::default;
    let kind = JobFilter {
        kind: Some("achievement".to_owned()),
        ..all()
    };
    assert_eq!(shown(kind).await, [dead]);
    let state = JobFilter {
        state: Some(JobState::Dead),
        ..all()
    };
    assert_eq!(shown(state).await, [dead]);
    let queue = JobFilter {
        queue: Some(Queue::Email),
        ..all()
    };
    assert_eq!(shown(queue).await, [platform, foreign, own]);
    let search = JobFilter {
        search: Some(format!(" {own} ")),
        ..all()
    };
    assert_eq!(shown(search).await, [own]);
    let ended = JobFilter {
        finished_from: Some(Utc::now() - TimeDelta::hours(1)),
        ..all()
    };
    assert_eq!(shown(ended).await, [dead]);
    let ended = JobFilter {
        finished_until: Some(Utc::now() - TimeDelta::hours(1)),
        ..all()
    };
    assert_eq!(shown(ended).await, []);
    campus
        .execute("UPDATE jobs SET created_at = now() - interval '2 days' WHERE id = $1", [own.into()])
        .await;
    let old = JobFilter {
        created_until: Some(Utc::now() - TimeDelta::days(1)),
        ..all()
    };
    assert_eq!(shown(old).await, [own]);
    let young = JobFilter {
        created_from: Some(Utc::now() - TimeDelta::days(1)),
        ..all()
    };
    assert_eq!(shown(young).await, [platform, foreign, dead]);
    let sorted = JobFilter {
        sort: Some("kind,-id".to_owned()),
        ..all()
    };
    assert_eq!(shown(sorted).await, [dead, platform, foreign, own]);

    let second = listing::list(campus.db(), &campus.owner, &all(), page(2, 3)).await.unwrap();
    assert_eq!((second.items.len(), second.items[0].id, second.total), (1, dead, 4));
    for (filter, fault) in [
        (
            JobFilter {
                search: Some("x".to_owned()),
                ..all()
            },
            "search: not_an_id",
        ),
        (
            JobFilter {
                sort: Some("payload".to_owned()),
                ..all()
            },
            "sort: unknown_sort",
        ),
        (
            JobFilter {
                created_from: Some(DateTime::<Utc>::MAX_UTC),
                ..all()
            },
            "created_from: out_of_range",
        ),
    ] {
        assert_eq!(
            refusal(listing::list(campus.db(), &campus.owner, &filter, page(1, 20)).await),
            fault
        );
    }
}

#[tokio::test]
async fn the_inside_of_runs_and_jobs_is_for_the_super_admin_only() {
    let campus = Campus::create().await;
    let id = dead_job(&campus).await;
    let attempts = async |actor| {
        let page = listing::attempts(campus.db(), actor, id, page(1, 20)).await.unwrap();
        assert_eq!((page.total, page.items.len()), (1, 1));
        page.items.into_iter().next().unwrap()
    };
    let told = attempts(&campus.owner).await;
    assert_eq!((told.attempt, told.outcome), (1, AttemptOutcome::Failed));
    assert_eq!(told.error.as_deref(), Some("relation \"grades\" does not exist"));
    assert_eq!(told.worker.as_deref(), Some("worker"));
    let told = attempts(&campus.admin).await;
    assert_eq!((told.worker, told.error.as_deref()), (None, Some("The last run failed.")));
    let job = view::find(campus.db(), &campus.admin, id).await.unwrap();
    assert_eq!((job.worker, job.failures, job.queue.as_str()), (None, 1, "achievement"));
    let refused = listing::attempts(campus.db(), &campus.rival, id, page(1, 20)).await;
    assert_eq!(refusal(refused), "no job");
}
