//! Says on standard error how far a command is, every two seconds, and how long its parts took.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two lines about one task.
const INTERVAL: Duration = Duration::from_secs(2);

/// A task of known size; shared by the requests that work on it.
#[derive(Debug)]
pub(crate) struct Progress {
    label: &'static str,
    total: usize,
    done: AtomicUsize,
    said: Mutex<Instant>,
}

impl Progress {
    /// Begins at zero.
    pub(crate) fn new(label: &'static str, total: usize) -> Self {
        Self {
            label,
            total,
            done: AtomicUsize::new(0),
            said: Mutex::new(Instant::now()),
        }
    }

    /// Adds what was done.
    pub(crate) fn add(&self, count: usize) {
        let done = self.done.fetch_add(count, Ordering::Relaxed) + count;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.elapsed() >= INTERVAL {
            *said = Instant::now();
            eprintln!("  {}: {} of {}", self.label, grouped(done), grouped(self.total));
        }
    }
}

/// What was done one after the other, and how long each took.
#[derive(Debug)]
pub(crate) struct Phases {
    since: Instant,
    ended: Vec<(&'static str, Duration)>,
}

impl Phases {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        Self {
            since: Instant::now(),
            ended: Vec::new(),
        }
    }

    /// Ends a phase; the next one begins.
    pub(crate) fn end(&mut self, name: &'static str) {
        let took = self.since.elapsed();
        self.since = Instant::now();
        eprintln!("{name}: {:.1} s", took.as_secs_f64());
        self.ended.push((name, took));
    }

    /// The phases so far.
    pub(crate) fn ended(&self) -> &[(&'static str, Duration)] {
        &self.ended
    }
}

/// A number with a space between thousands, as in `173 912`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1 000"),
            (173_912, "173 912"),
            (1_234_567, "1 234 567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn phases_are_kept_in_their_order() {
        let mut phases = Phases::start();
        phases.end("one");
        phases.end("two");
        let names: Vec<_> = phases.ended().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["one", "two"]);
    }
}
