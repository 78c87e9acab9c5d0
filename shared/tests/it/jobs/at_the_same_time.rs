//! The three races of asking inside a transaction while equal jobs wait and are claimed, and locks that could cross.

use super::{Desk, LEASE, RULE, student};
use acurate_shared::db::sql;
use acurate_shared::jobs::ledger::{self, Failed};
use acurate_shared::jobs::{Job, Order, enqueue, enqueue_many, outbox};
use acurate_shared::kinds::JobState;
use acurate_shared::testing::until;
use futures::future::join_all;
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn fifty_who_ask_for_the_same_at_once_get_one_waiting_job() {
    let desk = Desk::open().await;
    let job = student(1);
    let ids = join_all((0..50).map(|_| desk.enqueue(&job))).await;
    let rows = desk.rows().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(ids, [rows[0].id; 50]);
}

#[tokio::test]
async fn a_claim_waits_for_an_open_change_that_asks_for_the_same_and_then_runs_on_it() {
    let desk = Desk::open().await;
    desk.execute("CREATE TABLE truth AS SELECT 'old' AS word", []).await;
    let id = desk.enqueue(&student(1)).await;
    let mut change = desk.work().await;
    change.tx().execute_raw(sql("UPDATE truth SET word = 'new'", [])).await.unwrap();
    assert_eq!(enqueue(&mut change, &student(1), Order::default()).await.unwrap(), id);
    let runs = async {
        desk.claim(id).await;
        desk.value::<String>("SELECT word FROM truth", []).await
    };
    let lands = async {
        desk.until_blocked(1).await;
        let _ = change.commit().await.unwrap();
    };
    let (seen, ()) = tokio::join!(runs, lands);
    assert_eq!(seen, "new");
    assert_eq!(desk.states().await, [JobState::Running], "one run did for both");
}

#[tokio::test]
async fn a_claim_that_waits_for_a_change_that_is_taken_back_runs_all_the_same() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    let mut change = desk.work().await;
    enqueue(&mut change, &student(1), Order::default()).await.unwrap();
    let taken_back = async {
        desk.until_blocked(1).await;
        change.rollback().await.unwrap();
    };
    let (claim, ()) = tokio::join!(desk.claim(id), taken_back);
    assert_eq!(claim.attempt, 1);
}

#[tokio::test]
async fn a_dispatcher_passes_over_a_job_that_an_open_change_asks_for() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    let mut change = desk.work().await;
    enqueue(&mut change, &student(1), Order::default()).await.unwrap();
    let take = async || outbox::take_due(desk.database(), &desk.settings, "achievement", 10).await.unwrap();
    assert_eq!(take().await, []);
    let _ = change.commit().await.unwrap();
    assert_eq!(super::ids(&take().await), [id]);
}

/// The claim has changed the row but is not committed: a trigger holds it there.
#[tokio::test]
async fn who_asks_while_a_claim_is_in_flight_gets_a_job_of_its_own() {
    let desk = Desk::open().await;
    let function =
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$";
    desk.execute(function, []).await;
    let trigger = "CREATE TRIGGER hold AFTER UPDATE ON jobs FOR EACH ROW WHEN (NEW.state = 'running') EXECUTE FUNCTION hold()";
    desk.execute(trigger, []).await;
    let first = desk.enqueue(&student(1)).await;
    let gate = desk.work().await;
    gate.tx().execute_raw(sql("SELECT pg_advisory_xact_lock(1)", [])).await.unwrap();
    let again = student(1);
    let asks = async {
        desk.until_blocked(1).await;
        desk.enqueue(&again).await
    };
    let opens = async {
        desk.until_blocked(2).await;
        gate.rollback().await.unwrap();
    };
    let (_, second, ()) = tokio::join!(desk.claim(first), asks, opens);
    assert_ne!(second, first);
    assert_eq!(desk.states().await, [JobState::Running, JobState::Queued]);
}

#[tokio::test]
async fn who_asks_while_the_job_runs_gets_a_job_of_its_own() {
    let desk = Desk::open().await;
    let claim = desk.claimed(&student(1)).await;
    assert_ne!(desk.enqueue(&student(1)).await, claim.id);
    assert_eq!(desk.states().await, [JobState::Running, JobState::Queued]);
}

/// How a run goes back to the queue.
#[derive(Clone, Copy, Debug)]
enum Back {
    Failed,
    Released,
    Rescued,
}

/// An equal job appears after the look for one, and before the row could be put back.
async fn goes_back_while_an_equal_job_is_asked_for(back: Back, change_lands: bool) -> (Desk, Failed) {
    let desk = Desk::open().await;
    let claim = desk.claimed(&student(1)).await;
    desk.expire(claim.id).await;
    let mut change = desk.work().await;
    enqueue(&mut change, &student(1), Order::default()).await.unwrap();
    let goes_back = async {
        match back {
            Back::Failed => ledger::fail(desk.database(), &claim, "broken", Some(&RULE)).await.unwrap(),
            Back::Released => ledger::release(desk.database(), &claim).await.unwrap(),
            Back::Rescued => {
                // The server tells of a conflict before it lets the row go: then the next look rescues.
                until("the rescue", async || {
                    let rescued = ledger::rescue(desk.database(), 10).await.unwrap();
                    (rescued == 1).then_some(())
                })
                .await;
                match desk.state(claim.id).await {
                    JobState::Superseded => Failed::Superseded,
                    _ => Failed::Retried,
                }
            }
        }
    };
    let ends = async {
        desk.until_blocked(1).await;
        if change_lands {
            let _ = change.commit().await.unwrap();
        } else {
            change.rollback().await.unwrap();
        }
    };
    let (failed, ()) = tokio::join!(goes_back, ends);
    (desk, failed)
}

#[tokio::test]
async fn a_run_that_ends_just_when_an_equal_job_is_asked_for_is_superseded() {
    for back in [Back::Failed, Back::Released, Back::Rescued] {
        let (desk, failed) = goes_back_while_an_equal_job_is_asked_for(back, true).await;
        assert_eq!(failed, Failed::Superseded, "{back:?}");
        assert_eq!(desk.states().await, [JobState::Superseded, JobState::Queued], "{back:?}");
    }
}

#[tokio::test]
async fn a_run_that_ends_just_when_asking_for_an_equal_job_is_taken_back_waits_again() {
    for back in [Back::Failed, Back::Released, Back::Rescued] {
        let (desk, failed) = goes_back_while_an_equal_job_is_asked_for(back, false).await;
        assert_eq!(failed, Failed::Retried, "{back:?}");
        assert_eq!(desk.states().await, [JobState::Queued], "{back:?}");
    }
}

#[tokio::test]
async fn two_equal_runs_whose_workers_vanish_together_leave_one_waiting_job() {
    let desk = Desk::open().await;
    let first = desk.claimed(&student(1)).await;
    let second = desk.claimed(&student(1)).await;
    desk.expire(first.id).await;
    desk.expire(second.id).await;
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 2);
    let mut states = desk.states().await;
    states.sort();
    assert_eq!(states, [JobState::Queued, JobState::Superseded]);
}

/// Somebody holds a job in the middle. Two who locked from opposite ends up to it would then wait for each other.
#[tokio::test]
async fn two_bulks_in_opposite_order_do_not_deadlock() {
    let desk = Desk::open().await;
    let forth: Vec<Job> = (1..=40).map(student).collect();
    let back: Vec<Job> = (10..=60).rev().map(student).collect();
    desk.enqueue_many(&(1..=60).map(student).collect::<Vec<_>>()).await;
    let mut gate = desk.work().await;
    enqueue(&mut gate, &student(25), Order::default()).await.unwrap();
    let bulk = async |jobs: &[Job]| {
        let mut work = desk.work().await;
        enqueue_many(&mut work, jobs, Order::default()).await.unwrap();
        let _ = work.commit().await.unwrap();
    };
    let opens = async {
        desk.until_blocked(2).await;
        let _ = gate.commit().await.unwrap();
    };
    tokio::join!(bulk(&forth), bulk(&back), opens);
    assert_eq!(desk.rows().await.len(), 60);
}

#[tokio::test]
async fn messages_are_given_back_without_waiting_for_a_change_that_asks_for_their_jobs() {
    let desk = Desk::open().await;
    desk.enqueue_many(&[student(1), student(2), student(3)]).await;
    let taken = outbox::take_due(desk.database(), &desk.settings, "achievement", 10).await.unwrap();
    assert_eq!(taken.len(), 3);
    let mut change = desk.work().await;
    let asked = enqueue(&mut change, &student(2), Order::default()).await.unwrap();
    outbox::give_back(desk.database(), &taken).await.unwrap();
    let _ = change.commit().await.unwrap();
    for row in desk.rows().await {
        assert_eq!(
            row.dispatched_at.is_some(),
            row.id == asked,
            "the one in use counts as lost and is sent later"
        );
    }
}

#[tokio::test]
async fn a_job_that_is_just_committing_holds_up_neither_leases_nor_rescue() {
    let desk = Desk::open().await;
    let committing = desk.claimed(&student(1)).await;
    let other = desk.claimed(&student(2)).await;
    let lost = desk.claimed(&student(3)).await;
    for claim in [&committing, &other, &lost] {
        desk.expire(claim.id).await;
    }
    let work = desk.work().await;
    assert!(ledger::progress(work.tx(), &committing, 1, None).await.unwrap());
    let runs = [(committing.id, committing.attempt), (other.id, other.attempt)];
    let renewed = ledger::renew(desk.database(), "worker", &runs, LEASE).await.unwrap();
    assert_eq!(renewed.len(), 2, "a lease that could not be renewed yet is not lost");
    assert_eq!(ledger::rescue(desk.database(), 10).await.unwrap(), 1);
    let _ = work.commit().await.unwrap();
    assert_eq!(desk.states().await, [JobState::Running, JobState::Running, JobState::Queued]);
}
