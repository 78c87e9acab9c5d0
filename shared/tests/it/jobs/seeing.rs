//! Who sees a job, and how much of its error.

use crate::campus::Campus;
use acurate_shared::actor::Actor;
use acurate_shared::config::RetryRule;
use acurate_shared::error::Error;
use acurate_shared::ids::{JobId, UserId};
use acurate_shared::jobs::{Job, Order, enqueue, ledger, view};
use acurate_shared::kinds::{JobState, Role};
use std::time::Duration;

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
    let claim = ledger::claim(campus.database(), id, "worker", Duration::from_secs(1000))
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
