//! Redis away: callers are answered in time, handlers go on, nothing is lost.

use super::bench::{Bench, Door, Log, QUEUE, message};
use super::server::RedisServer;
use acurate_shared::testing::until;
use acurate_shared::transport::{BoxError, Envelope, Stopped, TransportError, TransportSettings};
use redis::AsyncCommands;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const EVERY_WRITE_ON_DISK: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

#[tokio::test]
async fn a_process_starts_without_redis_and_uses_it_once_it_is_there() {
    let mut server = RedisServer::prepare(&[]);
    let bench = Bench::on(&server.url(), |_| {}).await;
    let log = Log::default();
    let running = bench.run(2, log.handler());
    assert!(matches!(bench.transport.ping().await, Err(TransportError::Redis(_))));
    assert!(matches!(bench.transport.depth(QUEUE).await, Err(TransportError::Redis(_))));
    assert!(matches!(
        bench.transport.push(QUEUE, &[message(1)]).await,
        Err(TransportError::Redis(_))
    ));

    server.restart().await;

    bench.push([2]).await;
    log.until(1).await;
    assert_eq!(log.jobs(), [2]);
    assert_eq!(running.stop().await, Stopped::default());
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_the_start() {
    for (url, prefix) in [("http://127.0.0.1", "acurate"), ("not a url", "acurate"), ("redis://127.0.0.1", "")] {
        let refused = acurate_shared::transport::Transport::connect(&TransportSettings::new(url.into(), prefix)).await;

        assert!(matches!(refused, Err(TransportError::Settings(_))), "{url} {prefix}");
    }
}

#[tokio::test]
async fn tls_to_a_server_that_speaks_none_is_an_error_like_any_other() {
    let server = RedisServer::start(&[]).await;
    let bench = Bench::on(&server.url().replace("redis://", "rediss://"), |settings| {
        settings.answer_timeout = Duration::from_secs(1);
    })
    .await;

    let answer = bench.transport.ping().await;
    assert!(
        matches!(answer, Err(TransportError::Redis(_) | TransportError::Timeout(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_push_to_a_redis_that_hangs_ends_with_a_timeout_and_the_next_ones_work_when_it_goes_on() {
    let server = RedisServer::start(&[]).await;
    let limit = Duration::from_millis(200);
    let bench = Bench::on(&server.url(), |settings| settings.push_timeout = limit).await;
    bench.push([1]).await;

    server.hang().await;
    let refused = bench.transport.push(QUEUE, &[message(2)]).await;
    assert!(
        matches!(refused, Err(TransportError::Timeout(after)) if after == limit),
        "{refused:?}"
    );
    server.go_on().await;

    until("a push that works", async || bench.transport.push(QUEUE, &[message(3)]).await.ok()).await;
    let waiting: Vec<String> = bench.redis().await.lrange(bench.key("active"), 0, -1).await.unwrap();
    assert!(waiting.contains(&"j-3-1".to_owned()));
}

/// Counts handlers that began and that were not dropped before their end.
#[derive(Clone, Default)]
struct Ends {
    log: Log,
    begun: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Ends {
    fn handler(&self) -> impl Fn(Envelope, String) -> futures::future::BoxFuture<'static, Result<(), BoxError>> + Send + Sync + 'static {
        let ends = self.clone();
        move |envelope, _| {
            let ends = ends.clone();
            Box::pin(async move {
                ends.begun.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                ends.log.note(&envelope);
                ends.ended.fetch_add(1, Ordering::SeqCst);
                Ok(())
            })
        }
    }

    fn assert_none_was_cancelled(&self) {
        assert_eq!(self.begun.load(Ordering::SeqCst), self.ended.load(Ordering::SeqCst));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_killed_and_restarted_under_load_costs_no_message_no_handler_and_no_worker() {
    let mut server = RedisServer::start(EVERY_WRITE_ON_DISK).await;
    let bench = Bench::on(&server.url(), |_| {}).await;
    let ends = Ends::default();
    bench.push(0..4_000).await;
    let running = bench.run(50, ends.handler());

    for handled in [500, 1_500] {
        ends.log.until(handled).await;
        server.kill().await;
        assert!(bench.transport.ping().await.is_err());
        server.restart().await;
    }
    ends.log.until(4_000).await;
    bench.until_idle().await;

    assert_eq!(running.stop().await, Stopped::default());
    ends.assert_none_was_cancelled();
    assert_eq!(ends.log.jobs().len(), 4_000, "handled once each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_began_before_an_outage_ends_during_it_and_is_acknowledged_after_it() {
    let mut server = RedisServer::start(EVERY_WRITE_ON_DISK).await;
    let bench = Bench::on(&server.url(), |_| {}).await;
    let (door, log) = (Door::default(), Log::default());
    bench.push([1]).await;
    let (waited, noted) = (door.clone(), log.clone());
    let running = bench.run(2, move |envelope, _| {
        let (door, log) = (waited.clone(), noted.clone());
        async move {
            door.pass().await;
            log.note(&envelope);
            Ok(())
        }
    });
    door.until_reached_by(1).await;

    server.kill().await;
    door.open();
    log.until(1).await;
    server.restart().await;
    bench.until_idle().await;

    assert_eq!(log.jobs(), [1]);
    assert_eq!(running.stop().await, Stopped::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_longer_than_the_response_timeout_costs_nothing() {
    let server = RedisServer::start(&[]).await;
    let bench = Bench::on(&server.url(), |settings| settings.response_timeout = Duration::from_millis(200)).await;
    let ends = Ends::default();
    bench.push(0..3_000).await;
    let running = bench.run(20, ends.handler());

    ends.log.until(500).await;
    server.hang().await;
    // The worker gives a call up, and then the connection, and asks again.
    assert!(matches!(
        bench.transport.ping().await,
        Err(TransportError::Redis(_) | TransportError::Timeout(_))
    ));
    server.go_on().await;
    bench.until_idle().await;

    assert_eq!(running.stop().await, Stopped::default());
    ends.assert_none_was_cancelled();
    assert_eq!(ends.log.distinct().len(), 3_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_goes_on_with_a_redis_that_forgot_everything() {
    let mut server = RedisServer::start(&[]).await;
    let bench = Bench::on(&server.url(), |_| {}).await;
    let log = Log::default();
    let running = bench.run(4, log.handler());
    bench.push([1]).await;
    log.until(1).await;

    server.kill().await;
    server.restart().await;
    until("a push that works", async || bench.transport.push(QUEUE, &[message(2)]).await.ok()).await;
    log.until(2).await;

    assert_eq!(running.stop().await, Stopped::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_whose_redis_is_away_stops_when_its_handlers_have_ended() {
    let mut server = RedisServer::start(&[]).await;
    let bench = Bench::on(&server.url(), |_| {}).await;
    let door = Door::default();
    bench.push([1]).await;
    let running = bench.run_with_grace(1, Duration::from_secs(3600), door.handler());
    door.until_reached_by(1).await;

    server.kill().await;
    running.shutdown.cancel();
    door.open();

    assert_eq!(running.ended().await, Stopped::default());
}
