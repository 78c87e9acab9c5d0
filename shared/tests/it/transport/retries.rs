//! Handlers that fail.

use super::bench::{Bench, Log, QUEUE};
use acurate_shared::testing::until;
use redis::AsyncCommands;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Waits until a message waits for its next delivery, and makes it due.
async fn hurry(bench: &Bench, id: &str) {
    let mut connection = bench.redis().await;
    until(&format!("{id} among the delayed"), async || {
        let score: Option<f64> = connection.clone().zscore(bench.key("scheduled"), id).await.unwrap();
        score
    })
    .await;
    let _: () = connection.zadd(bench.key("scheduled"), id, 0).await.unwrap();
}

#[tokio::test]
async fn a_message_whose_handler_fails_waits_in_redis_and_comes_again_until_it_succeeds() {
    let bench = Bench::new().await;
    let log = Log::default();
    bench.push([1]).await;

    let noted = log.clone();
    let running = bench.run(1, move |envelope, _| {
        noted.note(&envelope);
        let failed = noted.jobs().len() < 3;
        std::future::ready(if failed { Err("the database is away".into()) } else { Ok(()) })
    });
    hurry(&bench, "j-1-1").await;
    assert_eq!(log.jobs().len(), 1);
    until("the second delivery", async || (log.jobs().len() == 2).then_some(())).await;
    hurry(&bench, "j-1-1").await;
    bench.until_idle().await;

    assert_eq!(log.jobs(), [1, 1, 1]);
    assert_eq!(running.stop().await.restarts, 0);
    assert_eq!(bench.keys().await, [""; 0], "a message that succeeds in the end leaves nothing");
}

#[tokio::test]
async fn a_delayed_message_survives_trimming() {
    let bench = Bench::new().await;
    let log = Log::default();
    bench.push([1]).await;
    let noted = log.clone();
    let running = bench.run(1, move |envelope, _| {
        noted.note(&envelope);
        let failed = noted.jobs().len() < 2;
        std::future::ready(if failed { Err("not yet".into()) } else { Ok(()) })
    });
    until("a failure", async || {
        (bench.transport.depth(QUEUE).await.unwrap() == 1 && !log.jobs().is_empty()).then_some(())
    })
    .await;

    bench.transport.trim(QUEUE).await.unwrap();
    hurry(&bench, "j-1-1").await;
    bench.until_idle().await;

    assert_eq!(log.jobs(), [1, 1]);
    running.stop().await;
}

#[tokio::test]
async fn a_message_that_always_fails_is_given_up_after_max_deliveries_and_its_id_is_kept() {
    let bench = Bench::with(|settings| settings.max_deliveries = 2).await;
    let log = Log::default();
    bench.push([1]).await;

    let noted = log.clone();
    let running = bench.run(1, move |envelope, _| {
        noted.note(&envelope);
        std::future::ready(Err("never".into()))
    });
    hurry(&bench, "j-1-1").await;
    bench.until_idle().await;

    assert_eq!(log.jobs(), [1, 1]);
    let dead: Vec<String> = bench.redis().await.zrange(bench.key("dead"), 0, -1).await.unwrap();
    assert_eq!(dead, ["j-1-1"]);
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_handler_that_panics_fails_alone_and_its_message_comes_again() {
    let bench = Bench::new().await;
    let (log, panics) = (Log::default(), Arc::new(AtomicUsize::new(0)));
    bench.push(0..20).await;

    let (noted, counted) = (log.clone(), panics.clone());
    let running = bench.run(4, move |envelope, _| {
        let first_of_seven = envelope.open().unwrap().job_id.0 == 7 && counted.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(!first_of_seven, "the test wants a panic");
        noted.note(&envelope);
        std::future::ready(Ok(()))
    });
    log.until(19).await;
    hurry(&bench, "j-7-1").await;
    bench.until_idle().await;

    assert_eq!(log.distinct().len(), 20);
    assert_eq!(running.stop().await.restarts, 0);
}

#[tokio::test]
async fn the_dead_are_a_bounded_list_of_the_newest() {
    let bench = Bench::with(|settings| settings.max_deliveries = 1).await;
    bench.push(0..1_500).await;

    let running = bench.run(50, |_, _| std::future::ready(Err("never".into())));
    bench.until_idle().await;

    running.stop().await;
    let dead: u64 = bench.redis().await.zcard(bench.key("dead")).await.unwrap();
    assert_eq!(dead, 1_000);
}
