//! What stays in Redis: nothing.

use super::bench::{Bench, Door, Log, QUEUE, Running};
use super::server::RedisServer;
use acurate_shared::testing::until;
use acurate_shared::transport::Trimmed;
use redis::AsyncCommands;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_finished_messages_leave_not_one_key() {
    let server = RedisServer::start(&[]).await;
    let bench = Bench::on(&server.url(), |_| {}).await;
    let log = Log::default();
    let running = bench.run(100, log.handler());
    for portion in 0..10 {
        bench.push(portion * 2_000..(portion + 1) * 2_000).await;
    }
    bench.until_idle().await;
    assert_eq!(log.distinct().len(), 20_000);

    running.stop().await;

    let keys: Vec<String> = bench.redis().await.keys("*").await.unwrap();
    assert_eq!(keys, [""; 0], "not under the prefix, and not elsewhere");
}

/// Runs a queue in a runtime of its own until its handlers stand at a door, and ends both at once, as a killed process.
async fn vanish_with_messages_in_hand(bench: &Bench) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let door = Door::default();
    let running: Running = {
        let _inside = runtime.enter();
        bench.run(2, door.handler())
    };
    door.until_reached_by(2).await;
    runtime.shutdown_background();
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_vanish_and_those_that_follow_them_leave_not_one_key() {
    let server = RedisServer::start(&[]).await;
    let bench = Bench::on(&server.url(), |settings| {
        settings.heartbeat = Duration::from_millis(100);
        settings.missed_heartbeats = 5;
    })
    .await;
    bench.push(0..10).await;
    for _ in 0..5 {
        vanish_with_messages_in_hand(&bench).await;
        until("all messages, given back", async || {
            bench.transport.trim(QUEUE).await.unwrap();
            (bench.transport.depth(QUEUE).await.unwrap() == 10).then_some(())
        })
        .await;
    }
    let log = Log::default();
    let running = bench.run(4, log.handler());
    bench.until_idle().await;
    running.stop().await;
    assert_eq!(log.distinct().len(), 10);
    let keys: Vec<String> = bench.redis().await.keys("*").await.unwrap();
    assert_eq!(keys, [""; 0]);
}

#[tokio::test]
async fn trimming_forgets_old_dead_messages_and_keeps_new_ones() {
    let bench = Bench::new().await;
    let mut connection = bench.redis().await;
    let (now, _): (f64, f64) = redis::cmd("TIME").query_async(&mut connection).await.unwrap();
    let a_week = 7.0 * 86_400.0;
    let _: () = connection.zadd(bench.key("dead"), "j-1-1", now - a_week - 60.0).await.unwrap();
    let _: () = connection.zadd(bench.key("dead"), "j-2-1", now - a_week + 3600.0).await.unwrap();

    let trimmed = bench.transport.trim(QUEUE).await.unwrap();

    assert_eq!(
        trimmed,
        Trimmed {
            forgotten: 1,
            ..Trimmed::default()
        }
    );
    let dead: Vec<String> = connection.zrange(bench.key("dead"), 0, -1).await.unwrap();
    assert_eq!(dead, ["j-2-1"]);
}

#[tokio::test]
async fn trimming_deletes_contents_without_an_owner_once_the_queue_is_empty_and_idle() {
    let bench = Bench::new().await;
    let mut connection = bench.redis().await;
    let _: () = connection
        .hset(bench.key("data"), "j-9-1", "left by a script that was cut short")
        .await
        .unwrap();
    bench.push([1]).await;
    let door = Door::default();

    let while_one_waits = bench.transport.trim(QUEUE).await.unwrap();
    let running = bench.run(1, door.handler());
    door.until_reached_by(1).await;
    let while_one_runs = bench.transport.trim(QUEUE).await.unwrap();
    door.open();
    running.stop().await;
    let at_rest = bench.transport.trim(QUEUE).await.unwrap();

    assert_eq!(while_one_waits, Trimmed::default());
    assert_eq!(while_one_runs, Trimmed::default());
    assert_eq!(
        at_rest,
        Trimmed {
            leftovers: 1,
            ..Trimmed::default()
        }
    );
    assert_eq!(bench.keys().await, [""; 0]);
}
