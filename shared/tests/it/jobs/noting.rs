//! The runs that did not succeed: one row each, written with the end itself; a run that succeeded costs none.

use super::{Desk, RULE, mail, student};
use acurate_shared::entity::job_attempt;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger::{self, Failed};
use acurate_shared::kinds::{AttemptOutcome, JobState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

async fn attempts(desk: &Desk, id: JobId) -> Vec<job_attempt::Model> {
    job_attempt::Entity::find()
        .filter(job_attempt::Column::JobId.eq(id))
        .order_by_asc(job_attempt::Column::Attempt)
        .all(desk.database().orm())
        .await
        .unwrap()
}

#[tokio::test]
async fn each_way_to_end_without_success_leaves_one_row_and_success_none() {
    let desk = Desk::open().await;
    let db = desk.database();
    let id = desk.enqueue(&student(1)).await;
    ledger::release(db, &desk.claim(id).await).await.unwrap();
    desk.claim(id).await;
    desk.expire(id).await;
    assert_eq!(ledger::rescue(db, 10).await.unwrap(), 1);
    ledger::fail(db, &desk.claim(id).await, "broken \0 glass", Some(&RULE))
        .await
        .unwrap();
    desk.execute("UPDATE jobs SET run_at = now()", []).await;
    assert!(ledger::succeed(db.orm(), &desk.claim(id).await, json!({})).await.unwrap());

    let rows = attempts(&desk, id).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.attempt, row.outcome, row.worker.as_str(), row.error.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (1, AttemptOutcome::Released, "worker", None),
            (2, AttemptOutcome::Lost, "worker", Some("the worker worker vanished during run 2")),
            (3, AttemptOutcome::Failed, "worker", Some("broken  glass")),
        ],
        "run 4 succeeded"
    );
    assert!(rows.windows(2).all(|pair| pair[0].started_at <= pair[1].started_at));
}

#[tokio::test]
async fn a_run_that_lost_its_claim_leaves_no_row() {
    let desk = Desk::open().await;
    let stale = desk.claimed(&student(1)).await;
    desk.expire(stale.id).await;
    ledger::rescue(desk.database(), 10).await.unwrap();
    desk.claim(stale.id).await;
    assert_eq!(
        ledger::fail(desk.database(), &stale, "late", Some(&RULE)).await.unwrap(),
        Failed::Fenced
    );
    assert_eq!(ledger::release(desk.database(), &stale).await.unwrap(), Failed::Fenced);
    assert!(!ledger::cancelled(desk.database().orm(), &stale, json!({})).await.unwrap());
    assert_eq!(attempts(&desk, stale.id).await.len(), 1, "the lost run, told by who rescued it");
}

#[tokio::test]
async fn a_run_that_was_cancelled_says_so() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&mail(1)).await;
    assert!(
        ledger::cancelled(desk.database().orm(), &claim, json!({ "done": 3 }))
            .await
            .unwrap()
    );
    let rows = attempts(&desk, claim.id).await;
    assert_eq!((rows.len(), rows[0].outcome), (1, AttemptOutcome::Cancelled));
}

#[tokio::test]
async fn a_job_whose_end_was_asked_for_is_not_tried_again_however_its_run_ends() {
    let desk = Desk::open().await;
    let (failing, released, lost) = (
        desk.claimed(&mail(1)).await,
        desk.claimed(&mail(2)).await,
        desk.claimed(&mail(3)).await,
    );
    for claim in [&failing, &released, &lost] {
        desk.request_cancel(claim.id).await;
    }
    let failed = ledger::fail(desk.database(), &failing, "broken", Some(&RULE)).await.unwrap();
    assert_eq!(failed, Failed::Cancelled);
    assert_eq!(ledger::release(desk.database(), &released).await.unwrap(), Failed::Cancelled);
    desk.expire(lost.id).await;
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 1);
    assert_eq!(desk.states().await, [JobState::Cancelled; 3]);
    assert!(desk.rows().await.iter().all(|row| row.finished_at.is_some()));
}

#[tokio::test]
async fn what_became_of_a_jobs_runs_goes_with_the_job() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&mail(1)).await;
    ledger::release(desk.database(), &claim).await.unwrap();
    desk.execute("DELETE FROM jobs WHERE id = $1", [claim.id.into()]).await;
    assert_eq!(attempts(&desk, claim.id).await, []);
}
