//! Jobs whose worker vanished: taken back when the lease has run out, and not for ever.

use super::{Desk, student};
use acurate_shared::jobs::ledger;
use acurate_shared::kinds::JobState;

#[tokio::test]
async fn a_job_whose_lease_has_run_out_waits_again_and_says_what_happened() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&student(1)).await;
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 0, "its lease runs");
    desk.expire(claim.id).await;
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 1);
    let row = desk.row(claim.id).await;
    assert_eq!((row.state, row.lost_leases, row.failures), (JobState::Queued, 1, 0));
    assert_eq!(row.error.as_deref(), Some("the worker worker vanished during run 1"));
    assert_eq!(row.dispatched_at, None, "a dispatcher sends it at once");
}

#[tokio::test]
async fn a_job_that_takes_its_workers_down_again_and_again_is_dead() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    for _ in 0..3 {
        desk.claim(id).await;
        desk.expire(id).await;
        assert_eq!(ledger::rescue(desk.database(), 3).await.unwrap(), 1);
    }
    let row = desk.row(id).await;
    assert_eq!((row.state, row.lost_leases), (JobState::Dead, 3));
}

#[tokio::test]
async fn progress_forgives_lost_leases() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    for _ in 0..5 {
        let claim = desk.claim(id).await;
        assert!(ledger::progress(desk.database().orm(), &claim, 1, None).await.unwrap());
        desk.expire(id).await;
        assert_eq!(ledger::rescue(desk.database(), 2).await.unwrap(), 1);
    }
    assert_eq!(desk.state(id).await, JobState::Queued);
}

#[tokio::test]
async fn several_rescuers_at_once_take_each_job_back_once() {
    let desk = Desk::open().await;
    for id in desk.enqueue_many(&(1..=20).map(student).collect::<Vec<_>>()).await {
        desk.claim(id).await;
        desk.expire(id).await;
    }
    let rescue = || ledger::rescue(desk.database(), 10);
    let (a, b, c) = tokio::join!(rescue(), rescue(), rescue());
    assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 20);
    for row in desk.rows().await {
        assert_eq!((row.state, row.lost_leases), (JobState::Queued, 1));
    }
}
