//! A worker that lost its claim and wakes up later changes nothing.

use super::{Desk, RULE, student};
use acurate_shared::jobs::ledger::{self, Claim, Failed};
use acurate_shared::kinds::JobState;
use serde_json::json;

/// A job that was claimed, lost, and claimed again by somebody else.
async fn stale(desk: &Desk) -> (Claim, Claim) {
    let stale = desk.claimed(&student(1)).await;
    desk.expire(stale.id).await;
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 1);
    let fresh = desk.claim(stale.id).await;
    assert_eq!((stale.attempt, fresh.attempt), (1, 2));
    (stale, fresh)
}

#[tokio::test]
async fn a_stale_run_neither_progresses_nor_ends_the_job() {
    let desk = Desk::open().await;
    let (stale, fresh) = stale(&desk).await;
    let db = desk.database().orm();
    assert!(!ledger::progress(db, &stale, 5, Some(10)).await.unwrap());
    assert!(!ledger::succeed(db, &stale, json!({ "by": "stale" })).await.unwrap());
    assert!(!ledger::cancelled(db, &stale, json!({})).await.unwrap());
    let row = desk.row(fresh.id).await;
    assert_eq!((row.state, row.progress_done, row.result), (JobState::Running, 0, None));
}

#[tokio::test]
async fn a_stale_run_neither_fails_the_job_nor_gives_it_back() {
    let desk = Desk::open().await;
    let (stale, fresh) = stale(&desk).await;
    assert_eq!(
        ledger::fail(desk.database(), &stale, "late", Some(&RULE)).await.unwrap(),
        Failed::Fenced
    );
    assert_eq!(ledger::release(desk.database(), &stale).await.unwrap(), Failed::Fenced);
    let row = desk.row(fresh.id).await;
    assert_eq!((row.state, row.attempt, row.failures), (JobState::Running, 2, 0));
}

#[tokio::test]
async fn the_run_that_holds_the_claim_ends_the_job_once() {
    let desk = Desk::open().await;
    let (stale, fresh) = stale(&desk).await;
    let db = desk.database().orm();
    assert!(ledger::progress(db, &fresh, 5, Some(10)).await.unwrap());
    assert!(ledger::succeed(db, &fresh, json!({ "by": "fresh" })).await.unwrap());
    assert!(!ledger::succeed(db, &fresh, json!({ "by": "fresh again" })).await.unwrap());
    assert!(!ledger::succeed(db, &stale, json!({ "by": "stale" })).await.unwrap());
    let row = desk.row(fresh.id).await;
    assert_eq!((row.state, row.result), (JobState::Succeeded, Some(json!({ "by": "fresh" }))));
    assert_eq!((row.progress_done, row.progress_total, row.error), (5, Some(10), None));
}

#[tokio::test]
async fn a_running_job_whose_end_was_asked_for_ends_as_cancelled_with_what_it_did() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&student(1)).await;
    desk.request_cancel(claim.id).await;
    assert!(
        ledger::cancelled(desk.database().orm(), &claim, json!({ "done": 3 }))
            .await
            .unwrap()
    );
    let row = desk.row(claim.id).await;
    assert_eq!((row.state, row.result), (JobState::Cancelled, Some(json!({ "done": 3 }))));
}
