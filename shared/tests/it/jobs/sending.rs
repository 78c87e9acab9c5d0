//! Handing messages to Redis: queue by queue, within the window, and telling what did not go out.

use crate::transport::bench::Bench;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::{Dispatched, send, send_within};
use acurate_shared::transport::Queue;
use std::time::Duration;

fn message(id: i64, queue: &str) -> Dispatched {
    Dispatched {
        job_id: JobId(id),
        queue: queue.to_owned(),
        dispatch: 1,
    }
}

#[tokio::test]
async fn each_message_goes_to_its_queue() {
    let bench = Bench::new().await;
    let transport = &bench.transport;
    let jobs = [message(1, "email"), message(2, "import"), message(3, "email")];
    assert!(send(transport, &jobs).await.is_ok());
    assert_eq!(transport.depth(Queue::Email).await.unwrap(), 2);
    assert_eq!(transport.depth(Queue::Import).await.unwrap(), 1);
    assert_eq!(transport.depth(Queue::Achievement).await.unwrap(), 0);
}

#[tokio::test]
async fn a_full_queue_does_not_hold_up_the_others() {
    let bench = Bench::new().await;
    let transport = &bench.transport;
    let backlog: Vec<Dispatched> = (1..=3).map(|id| message(id, "import")).collect();
    assert!(send(transport, &backlog).await.is_ok());
    let jobs = [message(4, "import"), message(5, "email")];
    let unsent = send_within(transport, &jobs, 3).await.unwrap_err();
    assert_eq!(unsent.jobs, [message(4, "import")]);
    assert_eq!(unsent.reason, "3 messages wait in import");
    assert_eq!(transport.depth(Queue::Email).await.unwrap(), 1);
}

#[tokio::test]
async fn a_message_of_a_queue_that_this_release_does_not_know_is_handed_back() {
    let bench = Bench::new().await;
    let transport = &bench.transport;
    let jobs = [message(1, "of_another_release"), message(2, "email")];
    let unsent = send(transport, &jobs).await.unwrap_err();
    assert_eq!(unsent.jobs, [message(1, "of_another_release")]);
    assert_eq!(transport.depth(Queue::Email).await.unwrap(), 1);
}

#[tokio::test]
async fn without_redis_everything_is_handed_back() {
    let bench = Bench::on("redis://127.0.0.1:1", |settings| settings.push_timeout = Duration::from_millis(200)).await;
    let transport = &bench.transport;
    let jobs = [message(1, "email"), message(2, "achievement")];
    let unsent = send(transport, &jobs).await.unwrap_err();
    assert_eq!(unsent.jobs.len(), 2);
    assert!(!unsent.reason.is_empty());
}
