//! A probe goes through the queue that was asked about, and only the platform's owner sends one.

use crate::campus::Campus;
use acurate_shared::db::sql;
use acurate_shared::error::Error;
use acurate_shared::jobs::{Job, ledger, probe};
use acurate_shared::kinds::JobState;
use acurate_shared::testing::job_settings;
use acurate_shared::transport::Queue;
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn a_probe_waits_in_the_queue_it_asks_about_and_belongs_to_who_sent_it() {
    let campus = Campus::create().await;
    for queue in Queue::ALL {
        let mut work = campus.begin().await;
        let id = probe::send(&mut work, &campus.owner, queue).await.unwrap();
        let _ = work.commit().await.unwrap();
        let claim = ledger::claim(campus.database(), &job_settings(), id, "worker")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(claim.queue, queue.as_str());
        assert_eq!(claim.job().unwrap(), Job::Probe { queue });
        assert_eq!((claim.institution_id, claim.created_by), (None, Some(campus.owner.user_id)));
    }
}

#[tokio::test]
async fn two_probes_of_a_queue_are_two_jobs_and_two_deeds() {
    let campus = Campus::create().await;
    let mut work = campus.begin().await;
    let first = probe::send(&mut work, &campus.owner, Queue::Email).await.unwrap();
    let second = probe::send(&mut work, &campus.owner, Queue::Email).await.unwrap();
    let _ = work.commit().await.unwrap();
    assert_ne!(first, second);
    let count = "SELECT count(*) AS n FROM activity_log WHERE action = 'queue.probed' AND detail ->> 'queue' = 'email'";
    let row = campus.db().query_one_raw(sql(count, [])).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "n").unwrap(), 2);
    let state = acurate_shared::jobs::view::find(campus.db(), &campus.owner, first)
        .await
        .unwrap()
        .state;
    assert_eq!(state, JobState::Queued);
}

#[tokio::test]
async fn nobody_else_sends_a_probe() {
    let campus = Campus::create().await;
    let mut work = campus.begin().await;
    let answer = probe::send(&mut work, &campus.admin, Queue::Email).await;
    assert!(matches!(answer, Err(Error::Forbidden { .. })), "{answer:?}");
}
