//! Runs that end badly: tried again with growing waits, dead after the last try, given back without being counted.

use super::{Desk, RULE, mail, student};
use acurate_shared::jobs::ledger::{self, Failed};
use acurate_shared::kinds::JobState;
use std::time::Duration;

#[tokio::test]
async fn a_job_is_tried_as_often_as_its_rule_says_and_then_dead() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    let mut outcomes = Vec::new();
    for run in 1..=3 {
        desk.execute("UPDATE jobs SET run_at = now() WHERE id = $1", [id.into()]).await;
        let claim = desk.claim(id).await;
        assert_eq!(claim.attempt, run);
        outcomes.push(ledger::fail(desk.database(), &claim, "broken", Some(&RULE)).await.unwrap());
    }
    assert_eq!(outcomes, [Failed::Retried, Failed::Retried, Failed::Dead]);
    let row = desk.row(id).await;
    assert_eq!((row.state, row.failures, row.error.as_deref()), (JobState::Dead, 3, Some("broken")));
    assert!(desk.try_claim(id).await.is_none());
}

#[tokio::test]
async fn the_wait_before_a_try_doubles() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    let claim = desk.claim(id).await;
    ledger::fail(desk.database(), &claim, "broken", Some(&RULE)).await.unwrap();
    let first = desk.waits(id).await;
    assert!((900.0..=1100.0).contains(&first), "{first}");
    desk.execute("UPDATE jobs SET run_at = now() WHERE id = $1", [id.into()]).await;
    let claim = desk.claim(id).await;
    ledger::fail(desk.database(), &claim, "broken", Some(&RULE)).await.unwrap();
    let second = desk.waits(id).await;
    assert!((1900.0..=2200.0).contains(&second), "{second}");
}

#[tokio::test]
async fn a_failure_that_no_try_can_mend_is_the_last_one() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&mail(1)).await;
    let outcome = ledger::fail(desk.database(), &claim, "no such address", None).await.unwrap();
    assert_eq!(outcome, Failed::Dead);
    assert_eq!(desk.row(claim.id).await.failures, 1);
}

#[tokio::test]
async fn any_error_text_can_be_written() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&mail(1)).await;
    let text = format!("zero \0 and too long: {}", "ş".repeat(5000));
    ledger::fail(desk.database(), &claim, &text, None).await.unwrap();
    let kept = desk.row(claim.id).await.error.unwrap();
    assert!(kept.starts_with("zero  and too long: ş"));
    assert_eq!(kept.chars().count(), 2000);
}

#[tokio::test]
async fn a_job_that_is_given_back_is_due_at_once_and_no_try_is_counted() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&student(1)).await;
    assert_eq!(ledger::release(desk.database(), &claim).await.unwrap(), Failed::Retried);
    let row = desk.row(claim.id).await;
    assert_eq!((row.state, row.failures, row.lost_leases), (JobState::Queued, 0, 0));
    assert_eq!(desk.claim(claim.id).await.attempt, 2);
}

#[tokio::test]
async fn a_job_that_is_postponed_waits_and_neither_a_try_nor_a_failure_is_counted() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&mail(1)).await;
    let wait = Duration::from_secs(1000);
    assert_eq!(ledger::postpone(desk.database(), &claim, wait).await.unwrap(), Failed::Retried);
    let row = desk.row(claim.id).await;
    assert_eq!((row.state, row.failures, row.lost_leases), (JobState::Queued, 0, 0));
    assert_eq!(row.error, None);
    let waits = desk.waits(claim.id).await;
    assert!((900.0..=1000.0).contains(&waits), "{waits}");
    assert!(desk.try_claim(claim.id).await.is_none());
    assert_eq!(ledger::postpone(desk.database(), &claim, wait).await.unwrap(), Failed::Fenced);
}

#[tokio::test]
async fn a_job_that_is_postponed_while_an_equal_one_waits_leaves_its_work_to_that() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&student(1)).await;
    desk.enqueue(&student(1)).await;
    let postponed = ledger::postpone(desk.database(), &claim, Duration::ZERO).await.unwrap();
    assert_eq!(postponed, Failed::Superseded);
}
