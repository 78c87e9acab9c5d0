//! Messages reach handlers: many at once, odd ones, repeated ones, soon.

use super::bench::{Bench, Door, Log, QUEUE, message};
use acurate_shared::ids::JobId;
use acurate_shared::testing::until;
use acurate_shared::transport::{Message, Queue, TransportError, UnreadableEnvelope};
use futures::FutureExt;
use redis::AsyncCommands;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const AN_HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_pushed_at_once_are_handled_by_one_worker() {
    let bench = Bench::new().await;
    let log = Log::default();
    bench.push(0..10_000).await;
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 10_000);

    let running = bench.run(100, log.handler());
    bench.until_idle().await;

    assert_eq!(log.distinct().len(), 10_000);
    assert_eq!(running.stop().await.restarts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_that_fall_due_at_once_are_handled_by_one_worker() {
    let bench = Bench::new().await;
    let log = Log::default();
    let mut pipeline = redis::pipe();
    for job in 0..10_000 {
        let content = format!(r#"{{"v":1,"job":{job},"dispatch":1}}"#);
        pipeline.hset(bench.key("data"), format!("j-{job}-1"), content).ignore();
        pipeline.zadd(bench.key("scheduled"), format!("j-{job}-1"), 1).ignore();
    }
    let _: () = pipeline.query_async(&mut bench.redis().await).await.unwrap();
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 10_000);

    let running = bench.run(100, log.handler());
    bench.until_idle().await;

    assert_eq!(log.distinct().len(), 10_000);
    assert_eq!(running.stop().await.restarts, 0);
}

#[tokio::test]
async fn messages_are_handled_in_the_order_of_their_push() {
    let bench = Bench::new().await;
    let log = Log::default();
    bench.push(0..50).await;

    let running = bench.run(1, log.handler());
    log.until(50).await;

    assert_eq!(log.jobs(), (0..50).collect::<Vec<_>>());
    running.stop().await;
}

#[tokio::test]
async fn a_payload_that_is_no_message_reaches_the_handler_and_the_worker_lives() {
    let bench = Bench::new().await;
    bench.plant("j-1-1", b"\xff\xfenot json").await;
    bench.plant("j-2-1", br#"{"v":9,"anything":[]}"#).await;
    bench.push([3]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));

    let opened = seen.clone();
    let running = bench.run(4, move |envelope, id| {
        opened.lock().unwrap().push((id, envelope.open()));
        std::future::ready(Ok(()))
    });
    bench.until_idle().await;

    assert_eq!(running.stop().await.restarts, 0);
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(matches!(&seen[0], (id, Err(UnreadableEnvelope::NotAMessage(_))) if id == "j-1-1"));
    assert_eq!(seen[1], ("j-2-1".to_owned(), Err(UnreadableEnvelope::Version(9))));
    assert_eq!(seen[2], ("j-3-1".to_owned(), Ok(message(3))));
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn ids_that_apalis_would_change_or_lose_are_put_aside_and_the_worker_lives() {
    let bench = Bench::new().await;
    let log = Log::default();
    let strange = [
        "000",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "0b0e2e2e-0000-4000-8000-000000000000",
        "j-1",
        "j-a-1",
    ];
    for id in strange {
        bench.plant(id, br#"{"v":1,"job":1,"dispatch":1}"#).await;
    }
    let _: () = bench.redis().await.rpush(bench.key("active"), "j-7-1").await.unwrap();
    bench.push([8]).await;

    let running = bench.run(2, log.handler());
    bench.until_idle().await;

    assert_eq!(log.jobs(), [8], "j-7-1 has no content and is passed over");
    assert_eq!(running.stop().await.restarts, 0);
    let mut aside: Vec<String> = bench.redis().await.zrange(bench.key("dead"), 0, -1).await.unwrap();
    aside.sort();
    assert_eq!(aside, strange);
}

#[tokio::test]
async fn a_message_pushed_again_while_it_waits_or_runs_is_delivered_once() {
    let bench = Bench::new().await;
    let (log, door) = (Log::default(), Door::default());
    bench.push([1]).await;
    bench.push([1]).await;
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 1);

    let (noted, waited) = (log.clone(), door.clone());
    let running = bench.run(4, move |envelope, _| {
        noted.note(&envelope);
        let door = waited.clone();
        async move {
            door.pass().await;
            Ok(())
        }
    });
    door.until_reached_by(1).await;
    bench.push([1]).await;
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 0);
    door.open();
    bench.until_idle().await;

    assert_eq!(log.jobs(), [1]);
    running.stop().await;
}

#[tokio::test]
async fn another_dispatch_of_a_job_is_delivered_and_so_is_a_finished_one_pushed_again() {
    let bench = Bench::new().await;
    let log = Log::default();
    let running = bench.run(1, log.handler());
    let again = Message { dispatch: 2, ..message(5) };

    for message in [message(5), again, message(5)] {
        bench.transport.push(QUEUE, &[message]).await.unwrap();
        bench.until_idle().await;
    }

    assert_eq!(log.jobs(), [5, 5, 5]);
    running.stop().await;
}

#[tokio::test]
async fn a_push_that_is_cancelled_does_not_swallow_the_next_one() {
    let bench = Bench::new().await;
    for job in 0..100 {
        // Polled once: it has asked Redis, or is about to.
        let cancelled = bench.transport.push(QUEUE, &[message(1_000 + job)]).now_or_never();
        assert!(cancelled.is_none(), "a push cannot be over at once");
        bench.push([job]).await;
    }

    let waiting: Vec<String> = bench.redis().await.lrange(bench.key("active"), 0, -1).await.unwrap();
    for job in 0..100 {
        assert!(waiting.contains(&format!("j-{job}-1")), "message {job} is missing");
    }
}

#[tokio::test]
async fn a_message_with_a_negative_number_is_refused_and_nothing_is_pushed() {
    let bench = Bench::new().await;
    let negative = Message {
        job_id: JobId(-4),
        ..message(1)
    };

    let refused = bench.transport.push(QUEUE, &[message(1), negative]).await.unwrap_err();

    assert!(matches!(&refused, TransportError::NegativeNumber(message) if message.job_id == JobId(-4)));
    assert_eq!(bench.transport.depth(QUEUE).await.unwrap(), 0);
}

#[tokio::test]
async fn pushing_nothing_does_nothing() {
    let bench = Bench::new().await;

    bench.transport.push(QUEUE, &[]).await.unwrap();

    assert_eq!(bench.keys().await, [""; 0]);
}

#[tokio::test]
async fn queues_do_not_see_each_other() {
    let bench = Bench::new().await;

    bench.transport.push(Queue::Import, &[message(1)]).await.unwrap();

    assert_eq!(bench.transport.depth(Queue::Import).await.unwrap(), 1);
    assert_eq!(bench.transport.depth(Queue::Achievement).await.unwrap(), 0);
}

/// Every start is another chance for a timer to be lost; without it nothing would come for an hour.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_finds_an_unannounced_message_by_its_tick_on_every_start() {
    let bench = Bench::with(|settings| {
        settings.tick = Duration::from_millis(10);
        settings.heartbeat = AN_HOUR;
    })
    .await;
    for job in 0..40 {
        let log = Log::default();
        let running = bench.run(2, log.handler());
        until("a registered worker", async || (!bench.workers().await.is_empty()).then_some(())).await;

        bench
            .plant(&format!("j-{job}-1"), format!(r#"{{"v":1,"job":{job},"dispatch":1}}"#).as_bytes())
            .await;
        log.until(1).await;

        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_wakes_an_idle_worker_whose_tick_is_an_hour_away() {
    let bench = Bench::with(|settings| {
        settings.tick = AN_HOUR;
        settings.heartbeat = AN_HOUR;
    })
    .await;
    let log = Log::default();
    let running = bench.run(2, log.handler());
    let channel = format!("tasks:{}:available", bench.key("active"));
    until("a subscribed worker", async || {
        let (_, subscribers): (String, u64) = redis::cmd("PUBSUB")
            .arg("NUMSUB")
            .arg(&channel)
            .query_async(&mut bench.redis().await)
            .await
            .unwrap();
        (subscribers > 0).then_some(())
    })
    .await;

    // Several at a time, so that announcements arrive while a fetch is under way that came too early for their message.
    for round in 0..300 {
        let first = round * 4;
        tokio::join!(
            bench.push([first]),
            bench.push([first + 1]),
            bench.push([first + 2]),
            bench.push([first + 3])
        );
        log.until(usize::try_from(first).unwrap() + 4).await;
    }

    running.stop().await;
}

#[tokio::test]
async fn the_trace_of_a_request_arrives_with_its_message() {
    let bench = Bench::new().await;
    let trace = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
    let sent = Message { trace, ..message(1) };
    bench.transport.push(QUEUE, std::slice::from_ref(&sent)).await.unwrap();
    let seen = Arc::new(Mutex::new(None));

    let slot = seen.clone();
    let running = bench.run(1, move |envelope, _| {
        *slot.lock().unwrap() = envelope.open().ok();
        std::future::ready(Ok(()))
    });
    bench.until_idle().await;

    assert_eq!(seen.lock().unwrap().take(), Some(sent));
    running.stop().await;
}
