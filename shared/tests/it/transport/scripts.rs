//! The fetch script: its answer may be lost and the call tried again, and no client's clock counts.

use super::bench::{Bench, QUEUE};
use redis::AsyncCommands;

const FETCH: &str = include_str!("../../../src/transport/lua/fetch.lua");

async fn fetch(bench: &Bench, token: u64, again: bool) -> Vec<String> {
    let (contents, about): (Vec<String>, Vec<Vec<String>>) = redis::Script::new(FETCH)
        .key(bench.key("workers"))
        .key(bench.key("active"))
        .key(bench.key("inflight:me"))
        .key(bench.key("data"))
        .key(bench.key("signal"))
        .key(bench.key("meta"))
        .key(bench.key("scheduled"))
        .arg(0)
        .arg(2)
        .arg("me")
        .arg(token)
        .arg(u8::from(again))
        .invoke_async(&mut bench.redis().await)
        .await
        .unwrap();
    assert_eq!(contents.len(), about.len());
    about.into_iter().map(|mut words| words.remove(0)).collect()
}

#[tokio::test]
async fn another_try_of_a_fetch_returns_the_batch_of_the_first() {
    let bench = Bench::new().await;
    bench.push(1..=5).await;

    let first = fetch(&bench, 1, false).await;
    let again = fetch(&bench, 1, true).await;
    let next = fetch(&bench, 2, false).await;

    assert_eq!(first, ["j-1-1", "j-2-1"]);
    assert_eq!(again, first);
    assert_eq!(next, ["j-3-1", "j-4-1"]);
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 1);
}

#[tokio::test]
async fn another_try_of_a_fetch_that_never_arrived_takes_a_fresh_batch() {
    let bench = Bench::new().await;
    bench.push(1..=5).await;
    fetch(&bench, 1, false).await;

    assert_eq!(fetch(&bench, 2, true).await, ["j-3-1", "j-4-1"]);
}

#[tokio::test]
async fn another_try_of_a_fetch_returns_nothing_that_was_taken_away_meanwhile() {
    let bench = Bench::new().await;
    bench.push(1..=2).await;
    fetch(&bench, 1, false).await;
    let _: () = bench.redis().await.srem(bench.key("inflight:me"), "j-1-1").await.unwrap();

    assert_eq!(fetch(&bench, 1, true).await, ["j-2-1"]);
}

/// `fetch` sends 0 as the client's time.
#[tokio::test]
async fn the_servers_clock_says_when_a_worker_was_heard() {
    let bench = Bench::new().await;
    let mut connection = bench.redis().await;
    let (before, _): (f64, f64) = redis::cmd("TIME").query_async(&mut connection).await.unwrap();

    fetch(&bench, 1, false).await;

    let heard: f64 = connection.zscore(bench.key("workers"), "me").await.unwrap();
    assert!(heard >= before, "{heard} {before}");
}
