//! Stopping a queue: handlers end, nothing is stranded, and it does end.

use super::bench::{Bench, Door, Log, QUEUE};
use acurate_shared::testing::until;
use acurate_shared::transport::Stopped;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn stopping_under_load_strands_no_message() {
    let bench = Bench::new().await;
    for round in 0..8 {
        let log = Log::default();
        bench.push(round * 10_000..round * 10_000 + 2_000).await;
        let running = bench.run(40, log.handler());
        log.until(100).await;

        assert_eq!(running.stop().await, Stopped::default());

        let waiting = bench.transport.depth(QUEUE).await.unwrap();
        assert_eq!(usize::try_from(waiting).unwrap() + log.jobs().len(), 2_000, "round {round}");
        let left: Vec<_> = bench.keys().await.into_iter().filter(|key| key.contains("inflight")).collect();
        assert_eq!(left, [""; 0]);
        let rest = Log::default();
        let running = bench.run(100, rest.handler());
        bench.until_idle().await;
        running.stop().await;
        assert_eq!(rest.jobs().len() + log.jobs().len(), 2_000, "handled once each");
    }
}

#[tokio::test]
async fn running_handlers_end_before_the_queue_does_and_fetched_messages_go_back() {
    let bench = Bench::new().await;
    let (door, ended) = (Door::default(), Arc::new(AtomicUsize::new(0)));
    bench.push(0..10).await;
    let (waited, finished) = (door.clone(), ended.clone());
    let running = bench.run(3, move |_, _| {
        let (door, finished) = (waited.clone(), finished.clone());
        async move {
            door.pass().await;
            finished.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    });
    door.until_reached_by(3).await;

    running.shutdown.cancel();
    door.open();

    assert_eq!(running.ended().await, Stopped::default());
    assert_eq!(ended.load(Ordering::SeqCst), 3);
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 7);
}

/// apalis takes no acknowledgement while its worker stops, and holds only so many; more handlers would wait for each other.
#[tokio::test(flavor = "multi_thread")]
async fn many_handlers_that_end_while_the_queue_stops_do_not_block_it() {
    let bench = Bench::new().await;
    let door = Door::default();
    bench.push(0..200).await;
    let running = bench.run(150, door.handler());
    door.until_reached_by(150).await;

    running.shutdown.cancel();
    door.open();

    assert_eq!(running.ended().await, Stopped::default());
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 50);
    assert_eq!(bench.workers().await, [""; 0], "the worker had time to say goodbye");
}

#[tokio::test]
async fn a_handler_that_does_not_end_in_time_is_dropped_and_its_message_comes_again() {
    let bench = Bench::new().await;
    let door = Door::default();
    bench.push([1]).await;
    let running = bench.run_with_grace(1, Duration::from_millis(50), door.handler());
    door.until_reached_by(1).await;

    let stopped = running.stop().await;

    assert_eq!(stopped, Stopped { abandoned: 1, restarts: 0 });
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 1);
    assert_eq!(bench.workers().await, [""; 0]);
}

#[tokio::test]
async fn a_queue_that_is_told_to_stop_before_it_began_does_not_begin() {
    let bench = Bench::new().await;
    let log = Log::default();
    bench.push([1]).await;
    let running = bench.run(1, log.handler());
    running.shutdown.cancel();

    assert_eq!(running.ended().await, Stopped::default());
    assert_eq!(log.jobs(), [0; 0]);
}

#[tokio::test]
async fn an_idle_queue_stops() {
    let bench = Bench::new().await;
    let running = bench.run(4, Log::default().handler());
    until("a registered worker", async || (!bench.workers().await.is_empty()).then_some(())).await;

    assert_eq!(running.stop().await, Stopped::default());
    assert_eq!(bench.keys().await, [""; 0]);
}
