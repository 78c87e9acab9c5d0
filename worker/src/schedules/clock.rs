//! The moments of cron expressions: those before and after a given one, and waking up when one comes.
//!
//! Expressions are those of the crate `cron`; apalis-cron sleeps until they fall due. A scheduler of apalis-cron that was
//! not polled in time says so for ever, so it is replaced; the ticks that it missed are the caller's to make up.

use super::SCHEDULES;
use apalis_cron::{CronScheduler, Tick};
use chrono::{DateTime, TimeDelta, Utc};
use cron::Schedule;
use futures::StreamExt;
use futures::stream::{BoxStream, SelectAll, select_all};
use std::time::Duration;

/// Pause before new schedulers take the place of those that gave up, so that nothing runs hot.
const PAUSE: Duration = Duration::from_secs(1);

type Ticks = SelectAll<BoxStream<'static, Result<Tick, apalis_cron::Error>>>;

/// The latest moment that an expression names, up to and including `now`.
pub(super) fn previous(schedule: &Schedule, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // The crate looks strictly before.
    schedule.after(&(now + TimeDelta::nanoseconds(1))).next_back()
}

/// The first moment that an expression names after `now`.
pub(super) fn next(schedule: &Schedule, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    schedule.after(&now).next()
}

/// Wakes up at the ticks of all schedules.
pub(super) struct Clock {
    ticks: Ticks,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { ticks: ticks() }
    }

    /// Waits for the next tick of any schedule and returns its moment. May be dropped and called again.
    pub(super) async fn tick(&mut self) -> DateTime<Utc> {
        loop {
            if let Some(Ok(tick)) = self.ticks.next().await {
                let seconds = i64::try_from(tick.get_timestamp()).unwrap_or(i64::MAX);
                if let Some(moment) = DateTime::from_timestamp(seconds, 0) {
                    return moment;
                }
            }
            tokio::time::sleep(PAUSE).await;
            self.ticks = ticks();
        }
    }
}

/// Expressions that cannot be read, of which a test knows that there are none, are left out here and told by the look at
/// what is due.
fn ticks() -> Ticks {
    let schedules = SCHEDULES.iter().filter_map(|schedule| schedule.expression().ok());
    select_all(schedules.map(|schedule| CronScheduler::new(schedule).into_stream().boxed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_the_previous_one_of_itself_and_not_the_next() {
        let daily: Schedule = "0 10 0 * * *".parse().unwrap();
        let tick = at("2026-12-31T00:10:00Z");
        assert_eq!(previous(&daily, tick), Some(tick));
        assert_eq!(previous(&daily, at("2026-12-31T00:09:59.999Z")), Some(at("2026-12-30T00:10:00Z")));
        assert_eq!(next(&daily, tick), Some(at("2027-01-01T00:10:00Z")));
        assert_eq!(next(&daily, at("2026-12-31T00:09:59.999Z")), Some(tick));
    }

    /// Over two years in steps that hit every second, minute and hour sooner or later.
    #[test]
    fn no_tick_lies_between_the_previous_one_and_now() {
        let mut now = at("2027-11-23T08:00:00.5Z");
        let end = at("2029-11-23T08:00:00Z");
        while now < end {
            for schedule in SCHEDULES {
                let (before, after) = (schedule.previous(now).unwrap(), schedule.next(now).unwrap());
                assert!(before <= now && now < after, "{schedule:?} at {now}");
                assert_eq!(schedule.next(before).unwrap(), after, "{schedule:?} at {now}");
            }
            now += TimeDelta::seconds(86_400 / 3 + 3_671);
        }
    }

    #[tokio::test]
    async fn the_clock_wakes_up_at_a_tick_and_names_it() {
        let every_second: Schedule = "* * * * * *".parse().unwrap();
        let mut clock = Clock {
            ticks: select_all([CronScheduler::new(every_second).into_stream().boxed()]),
        };
        let first = clock.tick().await;
        let second = clock.tick().await;
        assert!(first < second && second <= Utc::now() + TimeDelta::seconds(1));
        assert_eq!(first.timestamp_subsec_nanos(), 0);
    }
}
