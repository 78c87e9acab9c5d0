//! Workers: what dead ones held, names, heartbeats, acknowledgements of what was taken away, restarts in place.

use super::bench::{Bench, Door, Log, QUEUE};
use acurate_shared::testing::until;
use redis::AsyncCommands;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A worker that has been silent since 1970 and holds so many messages.
async fn plant_a_dead_worker(bench: &Bench, messages: i64) {
    let mut pipeline = redis::pipe();
    for job in 0..messages {
        let content = format!(r#"{{"v":1,"job":{job},"dispatch":1}}"#);
        pipeline.hset(bench.key("data"), format!("j-{job}-1"), content).ignore();
        pipeline.sadd(bench.key("inflight:dead"), format!("j-{job}-1")).ignore();
    }
    pipeline.zadd(bench.key("workers"), "dead", 1).ignore();
    let _: () = pipeline.query_async(&mut bench.redis().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_thousand_messages_of_a_dead_worker_are_taken_over_by_a_live_one() {
    let bench = Bench::with(|settings| settings.heartbeat = Duration::from_millis(100)).await;
    let log = Log::default();
    plant_a_dead_worker(&bench, 9_000).await;

    let running = bench.run(100, log.handler());
    log.until(9_000).await;
    bench.until_idle().await;

    assert_eq!(running.stop().await.restarts, 0);
    assert_eq!(bench.workers().await, [""; 0]);
}

#[tokio::test]
async fn trimming_takes_back_what_a_dead_worker_held_where_no_worker_lives() {
    let bench = Bench::new().await;
    plant_a_dead_worker(&bench, 9_000).await;

    let trimmed = bench.transport.trim(QUEUE).await.unwrap();

    assert_eq!(trimmed.taken_back, 9_000);
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 9_000);
    assert_eq!(bench.workers().await, [""; 0]);
}

#[tokio::test]
async fn a_live_worker_is_not_taken_for_dead_while_all_its_places_are_taken_and_messages_wait_in_it() {
    let bench = Bench::with(|settings| settings.heartbeat = Duration::from_millis(100)).await;
    let door = Door::default();
    // Three run, and the fourth, fetched with the third, waits for a place.
    bench.push(0..4).await;
    let running = bench.run(3, door.handler());
    door.until_reached_by(3).await;
    until("a fetched message that waits", async || {
        (bench.transport.depth(QUEUE).await.unwrap() == 0).then_some(())
    })
    .await;

    let worker = bench.workers().await.remove(0);
    let heard = Mutex::new(BTreeSet::new());
    until("five heartbeats", async || {
        let last: String = bench.redis().await.zscore(bench.key("workers"), &worker).await.unwrap();
        let mut heard = heard.lock().unwrap();
        heard.insert(last);
        (heard.len() > 5).then_some(())
    })
    .await;

    door.open();
    bench.until_idle().await;
    running.stop().await;
}

#[tokio::test]
async fn a_queue_can_be_run_again_at_once_under_the_same_name_and_leaves_no_worker_behind() {
    let bench = Bench::new().await;
    for job in 0..5 {
        let log = Log::default();
        bench.push([job]).await;

        let running = bench.run(1, log.handler());
        log.until(1).await;

        assert_eq!(running.stop().await.restarts, 0);
        assert_eq!(bench.workers().await, [""; 0]);
    }
}

#[tokio::test]
async fn an_acknowledgement_of_a_message_that_was_taken_away_is_passed_over() {
    let bench = Bench::new().await;
    let (log, door) = (Log::default(), Door::default());
    bench.push([1]).await;
    let (noted, waited) = (log.clone(), door.clone());
    let running = bench.run(2, move |envelope, _| {
        noted.note(&envelope);
        let door = waited.clone();
        async move {
            door.pass().await;
            Ok(())
        }
    });
    door.until_reached_by(1).await;

    // As the sweep of another worker would, and what it gave back was handled there.
    let inflight = bench.key(&format!("inflight:{}", bench.workers().await[0]));
    let _: () = bench.redis().await.del(&inflight).await.unwrap();
    let _: () = bench.redis().await.hdel(bench.key("data"), "j-1-1").await.unwrap();
    door.open();
    bench.push([2]).await;
    log.until(2).await;
    bench.until_idle().await;

    assert_eq!(running.stop().await.restarts, 0);
}

#[tokio::test]
async fn a_worker_that_redis_forgot_registers_itself_again() {
    let bench = Bench::with(|settings| settings.heartbeat = Duration::from_millis(100)).await;
    let log = Log::default();
    let running = bench.run(1, log.handler());
    until("a registered worker", async || (!bench.workers().await.is_empty()).then_some(())).await;

    let _: () = bench.redis().await.del(bench.key("workers")).await.unwrap();

    until("the worker again", async || (!bench.workers().await.is_empty()).then_some(())).await;
    bench.push([1]).await;
    log.until(1).await;
    assert_eq!(running.stop().await.restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_is_replaced_and_its_handlers_go_on_and_keep_their_places() {
    let bench = Bench::new().await;
    let (door, log, count) = (Door::default(), Log::default(), Arc::new(Count::default()));
    let (waited, noted, counted) = (door.clone(), log.clone(), count.clone());
    let running = bench.run(2, move |envelope, _| {
        let (door, log, count) = (waited.clone(), noted.clone(), counted.clone());
        async move {
            count.begin();
            door.pass().await;
            log.note(&envelope);
            count.end();
            Ok(())
        }
    });
    bench.push([1]).await;
    door.until_reached_by(1).await;

    let first = bench.workers().await.remove(0);

    // A zset that is none: an error that does not pass, so the worker dies.
    let mut connection = bench.redis().await;
    let _: () = connection.set(bench.key("scheduled"), "no zset").await.unwrap();
    until("the first worker's end", async || {
        (!bench.workers().await.contains(&first)).then_some(())
    })
    .await;
    let _: () = connection.del(bench.key("scheduled")).await.unwrap();
    bench.push(10..20).await;
    door.until_reached_by(2).await;
    door.open();
    log.until(11).await;
    bench.until_idle().await;

    let stopped = running.stop().await;
    assert!(stopped.restarts >= 1);
    assert_eq!(stopped.abandoned, 0);
    assert_eq!(count.begun.load(Ordering::SeqCst), log.jobs().len(), "none was cancelled");
    assert_eq!(
        count.most.load(Ordering::SeqCst),
        2,
        "the handler of the dead worker kept its place"
    );
}

/// Handlers that began, that run, and the most that ran at once.
#[derive(Default)]
struct Count {
    begun: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Count {
    fn begin(&self) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn end(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}
