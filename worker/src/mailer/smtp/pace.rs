//! How fast mails may go to the server: evenly, and nobody waits long in the queue's few places for a turn.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

/// A limit of one worker's mails to its server; no limit where none is set.
#[derive(Debug)]
pub(super) struct Pace {
    limiter: Option<DefaultDirectRateLimiter>,
    /// The time from one mail to the next.
    step: Duration,
    patience: Duration,
}

impl Pace {
    /// So many mails a minute, each at least a step behind the one before.
    pub(super) fn new(per_minute: Option<NonZeroU32>, patience: Duration) -> Self {
        let step = per_minute.map_or(Duration::ZERO, |number| Duration::from_secs(60) / number.get());
        Self {
            limiter: Quota::with_period(step).map(RateLimiter::direct),
            step,
            patience,
        }
    }

    /// Waits for a turn, or says after a while when to ask again.
    pub(super) async fn turn(&self) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        tokio::time::timeout(self.patience, limiter.until_ready())
            .await
            .map_err(|_| self.step.max(self.patience))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_limit_everybody_has_a_turn_at_once() {
        let pace = Pace::new(None, Duration::ZERO);
        for _ in 0..1000 {
            assert_eq!(pace.turn().await, Ok(()));
        }
    }

    #[tokio::test]
    async fn whoever_would_wait_too_long_is_told_when_to_ask_again() {
        let pace = Pace::new(NonZeroU32::new(1), Duration::from_millis(10));
        assert_eq!(pace.turn().await, Ok(()));
        assert_eq!(pace.turn().await, Err(Duration::from_secs(60)));
    }

    #[tokio::test]
    async fn whoever_has_patience_gets_its_turn_and_none_is_lost() {
        let pace = Pace::new(NonZeroU32::new(6000), Duration::from_secs(60));
        for _ in 0..20 {
            assert_eq!(pace.turn().await, Ok(()));
        }
    }
}
