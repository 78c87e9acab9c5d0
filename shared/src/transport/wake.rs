//! When a worker looks into its queue: at once when something is announced, and at each tick in any case.
//!
//! apalis-redis without a strategy looks once per heartbeat, and the interval strategies of apalis re-arm their timer
//! without polling it, so that a worker whose queue answers fast sleeps until the next heartbeat.

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use futures::StreamExt;
use redis::{Client, RedisResult};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};
use tokio_util::task::AbortOnDropHandle;

/// A second look shortly after an announcement: one that arrives while a fetch is under way may be about a message that this
/// fetch came too early for.
const SECOND_LOOK: Duration = Duration::from_millis(5);

/// Pause between attempts to subscribe.
const RESUBSCRIBE: Duration = Duration::from_secs(1);

/// A strategy for `poll_with_strategy`.
#[derive(Debug)]
pub(super) struct Wake {
    tick: Duration,
    sleep: Pin<Box<Sleep>>,
    announcements: mpsc::Receiver<()>,
    _subscriber: AbortOnDropHandle<()>,
}

impl Wake {
    /// Starts to listen on a channel, with a connection of its own (a subscribed connection can do nothing else).
    pub(super) fn listen(client: Client, channel: String, tick: Duration) -> Self {
        // One waiting announcement is as good as a hundred.
        let (announce, announcements) = mpsc::channel(1);
        Self::new(tick, announcements, tokio::spawn(subscribe(client, channel, announce)))
    }

    fn new(tick: Duration, announcements: mpsc::Receiver<()>, subscriber: tokio::task::JoinHandle<()>) -> Self {
        Self {
            tick,
            sleep: Box::pin(tokio::time::sleep(tick)),
            announcements,
            _subscriber: AbortOnDropHandle::new(subscriber),
        }
    }
}

impl PollStrategy for Wake {
    fn poll_drive(&mut self, context: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut fired = false;
        while let Poll::Ready(Some(())) = self.announcements.poll_recv(context) {
            fired = true;
        }
        if fired {
            let soon = Instant::now() + SECOND_LOOK.min(self.tick);
            self.sleep.as_mut().reset(soon);
        }
        // Polled again after each re-arming: a timer that was not polled wakes nobody.
        while self.sleep.as_mut().poll(context).is_ready() {
            fired = true;
            let next = Instant::now() + self.tick;
            self.sleep.as_mut().reset(next);
        }
        if fired { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}

/// Forwards announcements for as long as it is not aborted, over lost connections too.
async fn subscribe(client: Client, channel: String, announce: mpsc::Sender<()>) {
    loop {
        if let Err(error) = forward(&client, &channel, &announce).await {
            tracing::debug!(%error, channel, "no announcements; only the tick wakes this worker");
        }
        tokio::time::sleep(RESUBSCRIBE).await;
    }
}

async fn forward(client: &Client, channel: &str, announce: &mpsc::Sender<()>) -> RedisResult<()> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(channel).await?;
    // What was pushed while nobody listened.
    let _ = announce.try_send(());
    let mut messages = subscription.into_on_message();
    while messages.next().await.is_some() {
        let _ = announce.try_send(());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AN_HOUR: Duration = Duration::from_secs(3600);

    fn wake(tick: Duration) -> (mpsc::Sender<()>, Wake) {
        let (announce, announcements) = mpsc::channel(1);
        (announce, Wake::new(tick, announcements, tokio::spawn(std::future::pending())))
    }

    /// Waits, a minute at most, for the strategy to wake its worker.
    async fn fires(wake: &mut Wake) {
        let fired = std::future::poll_fn(|context| wake.poll_drive(context, &PollSnapshot::new()));
        let fired = tokio::time::timeout(Duration::from_secs(60), fired).await;
        assert_eq!(fired.expect("it fires"), Some(()));
    }

    #[tokio::test]
    async fn it_fires_at_every_tick() {
        let (_announce, mut wake) = wake(Duration::from_millis(1));

        for _ in 0..50 {
            fires(&mut wake).await;
        }
    }

    #[tokio::test]
    async fn an_announcement_fires_twice_whatever_the_tick() {
        let (announce, mut wake) = wake(AN_HOUR);

        for _ in 0..5 {
            announce.send(()).await.unwrap();
            fires(&mut wake).await;
            fires(&mut wake).await;
        }
    }

    #[tokio::test]
    async fn the_tick_goes_on_when_nobody_announces_any_more() {
        let (announce, mut wake) = wake(Duration::from_millis(1));
        drop(announce);

        for _ in 0..50 {
            fires(&mut wake).await;
        }
    }
}
