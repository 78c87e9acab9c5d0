//! Taking a job: once, when it is due, and not when its end was asked for.

use super::{Desk, LEASE, mail, student};
use acurate_shared::ids::JobId;
use acurate_shared::jobs::ledger;
use acurate_shared::jobs::{Job, Order, enqueue};
use acurate_shared::kinds::JobState;
use futures::future::join_all;

#[tokio::test]
async fn of_twenty_workers_that_claim_a_job_at_once_one_gets_it() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    let claims = join_all((0..20).map(|_| desk.try_claim(id))).await;
    assert_eq!(claims.iter().flatten().count(), 1);
    let row = desk.row(id).await;
    assert_eq!((row.state, row.attempt), (JobState::Running, 1));
}

#[tokio::test]
async fn a_claim_carries_all_that_the_work_needs() {
    let desk = Desk::open().await;
    let job = student(7);
    let claim = desk.claimed(&job).await;
    assert_eq!(claim.job().unwrap(), job);
    assert_eq!((claim.attempt, claim.failures, claim.max_attempts), (1, 0, 3));
    let row = desk.row(claim.id).await;
    assert_eq!(row.worker.as_deref(), Some("worker"));
    assert!(row.lease_until.is_some() && row.started_at.is_some());
}

#[tokio::test]
async fn a_job_that_is_not_due_or_does_not_exist_is_not_claimed() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    desk.postpone(id).await;
    assert!(desk.try_claim(id).await.is_none());
    assert_eq!(desk.state(id).await, JobState::Queued);
    assert!(desk.try_claim(JobId(id.0 + 1)).await.is_none());
}

#[tokio::test]
async fn a_message_of_a_job_that_has_ended_claims_nothing() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&mail(1)).await;
    assert!(ledger::succeed(desk.database().orm(), &claim, serde_json::json!({})).await.unwrap());
    assert!(desk.try_claim(claim.id).await.is_none());
    assert_eq!(desk.row(claim.id).await.attempt, 1);
}

#[tokio::test]
async fn a_waiting_job_whose_end_was_asked_for_ends_unrun() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    desk.request_cancel(id).await;
    assert!(desk.try_claim(id).await.is_none());
    let row = desk.row(id).await;
    assert_eq!((row.state, row.attempt), (JobState::Cancelled, 0));
    assert!(row.finished_at.is_some());
}

#[tokio::test]
async fn a_renewal_tells_of_a_wanted_end_and_of_claims_that_are_lost() {
    let desk = Desk::open().await;
    let wanted = desk.claimed(&student(1)).await;
    let unwanted = desk.claimed(&student(2)).await;
    let lost = desk.claimed(&student(3)).await;
    desk.request_cancel(unwanted.id).await;
    let runs = [(wanted.id, 1), (unwanted.id, 1), (lost.id, 2)];
    let mut renewed = ledger::renew(desk.database(), "worker", &runs, LEASE).await.unwrap();
    renewed.sort_by_key(|claim| claim.id.0);
    let seen: Vec<(JobId, bool)> = renewed.iter().map(|claim| (claim.id, claim.cancel_requested)).collect();
    assert_eq!(seen, [(wanted.id, false), (unwanted.id, true)]);
    let foreign = ledger::renew(desk.database(), "another worker", &runs, LEASE).await.unwrap();
    assert!(foreign.is_empty(), "a worker renews its own claims only");
}

#[tokio::test]
async fn a_renewal_leaves_claims_alone_that_the_worker_does_not_know_of() {
    let desk = Desk::open().await;
    let known = desk.claimed(&student(1)).await;
    let unknown = desk.claimed(&student(2)).await;
    desk.expire(known.id).await;
    desk.expire(unknown.id).await;
    ledger::renew(desk.database(), "worker", &[(known.id, 1)], LEASE).await.unwrap();
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 1);
    assert_eq!(desk.states().await, [JobState::Running, JobState::Queued]);
}

#[tokio::test]
async fn a_payload_that_this_release_cannot_read_is_an_error_and_not_another_job() {
    let desk = Desk::open().await;
    let mut work = desk.work().await;
    let id = enqueue(
        &mut work,
        &Job::WelcomeEmail {
            user_id: acurate_shared::ids::UserId(1),
        },
        Order::default(),
    )
    .await
    .unwrap();
    let _ = work.commit().await.unwrap();
    desk.execute("UPDATE jobs SET kind = 'of_another_release' WHERE id = $1", [id.into()])
        .await;
    assert!(desk.claim(id).await.job().is_err());
}
