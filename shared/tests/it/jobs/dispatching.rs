//! The outbox: due jobs are taken oldest first, each by one dispatcher, and again when their message counts as lost.

use super::{Desk, ids, mail, student};
use acurate_shared::jobs::outbox;
use acurate_shared::jobs::{Dispatched, Job};
use std::collections::BTreeSet;

async fn take(desk: &Desk, limit: u64) -> Vec<Dispatched> {
    outbox::take_due(desk.database(), &desk.settings, "achievement", limit)
        .await
        .unwrap()
}

#[tokio::test]
async fn due_jobs_of_the_queue_are_taken_oldest_first_and_no_more_than_wanted() {
    let desk = Desk::open().await;
    let mut asked = Vec::new();
    for number in 1..=5 {
        asked.push(desk.enqueue(&student(number)).await);
    }
    desk.enqueue(&mail(1)).await;
    let first = take(&desk, 3).await;
    assert_eq!(ids(&first), asked[..3]);
    assert!(first.iter().all(|message| message.dispatch == 1 && message.queue == "achievement"));
    assert_eq!(ids(&take(&desk, 10).await), asked[3..]);
    assert_eq!(take(&desk, 10).await, []);
}

#[tokio::test]
async fn a_job_that_is_not_due_or_runs_is_not_taken() {
    let desk = Desk::open().await;
    let later = desk.enqueue(&student(1)).await;
    desk.postpone(later).await;
    desk.claimed(&student(2)).await;
    assert_eq!(take(&desk, 10).await, []);
}

#[tokio::test]
async fn several_dispatchers_at_once_take_each_job_once() {
    let desk = Desk::open().await;
    let jobs: Vec<Job> = (1..=200).map(student).collect();
    let asked: BTreeSet<_> = desk.enqueue_many(&jobs).await.into_iter().collect();
    let (a, b, c) = tokio::join!(take(&desk, 200), take(&desk, 200), take(&desk, 200));
    let rest = take(&desk, 200).await;
    let taken: Vec<_> = [a, b, c, rest].concat();
    assert_eq!(taken.len(), 200);
    assert_eq!(ids(&taken).into_iter().collect::<BTreeSet<_>>(), asked);
}

#[tokio::test]
async fn a_message_that_counts_as_lost_is_sent_again_under_a_new_number() {
    let desk = Desk::open().await;
    let id = desk.enqueue(&student(1)).await;
    assert_eq!(take(&desk, 10).await[0].dispatch, 1);
    let sent_before = "UPDATE jobs SET dispatched_at = now() - make_interval(secs => $2) WHERE id = $1";
    desk.execute(sent_before, [id.into(), 1001.0.into()]).await;
    assert_eq!(take(&desk, 10).await[0].dispatch, 2);
    desk.execute(sent_before, [id.into(), 1001.0.into()]).await;
    assert_eq!(take(&desk, 10).await, [], "the wait doubles");
    desk.execute(sent_before, [id.into(), 2001.0.into()]).await;
    assert_eq!(take(&desk, 10).await[0].dispatch, 3);
}

#[tokio::test]
async fn messages_that_did_not_go_out_are_taken_again_at_once() {
    let desk = Desk::open().await;
    desk.enqueue_many(&[student(1), student(2)]).await;
    let taken = take(&desk, 10).await;
    outbox::give_back(desk.database(), &taken).await.unwrap();
    let again = take(&desk, 10).await;
    assert_eq!(ids(&again), ids(&taken));
    outbox::give_back(desk.database(), &taken).await.unwrap();
    assert_eq!(take(&desk, 10).await, [], "the newer messages are on their way");
}
