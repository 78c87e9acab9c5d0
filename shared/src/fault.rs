//! Faults on demand: at a named point of the program a process ends itself, or pauses. For tests that must hit a moment which
//! no clock would surely hit. Debug builds only: a release build has neither this module nor the points.
//!
//! `ACURATE_FAULT` lists them, as in `mail-taken:kill@2,import-batch:pause=50`: end at the second mail that the server took,
//! and wait 50 ms before each batch of an import but the first. Nothing happens before [`arm`].

use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The variable.
const VARIABLE: &str = "ACURATE_FAULT";

static ARMED: OnceLock<Vec<Fault>> = OnceLock::new();

/// A moment that faults can be tied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The API has committed a change that asks for jobs, and has sent no message yet.
    ApiCommitted,
    /// A worker has claimed a job and not begun it.
    JobClaimed,
    /// The mail server has taken a mail, and nobody has recorded it yet.
    MailTaken,
    /// A batch of an import is committed, and the next one has not begun.
    ImportBatch,
}

impl Point {
    const ALL: [(&str, Self); 4] = [
        ("api-committed", Self::ApiCommitted),
        ("job-claimed", Self::JobClaimed),
        ("mail-taken", Self::MailTaken),
        ("import-batch", Self::ImportBatch),
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// Ends the process without a word to anybody, the n-th time, from 1.
    Kill(u32),
    /// Waits, every time.
    Pause(Duration),
}

#[derive(Debug)]
struct Fault {
    point: Point,
    action: Action,
    reached: AtomicU32,
}

/// A fault that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{VARIABLE}: {0:?} is not point:kill, point:kill@N or point:pause=MILLISECONDS with a point of: {points}", points = points())]
pub struct UnreadableFault(String);

fn points() -> String {
    Point::ALL.map(|(name, _)| name).join(", ")
}

impl FromStr for Fault {
    type Err = UnreadableFault;

    fn from_str(text: &str) -> Result<Self, UnreadableFault> {
        let unreadable = || UnreadableFault(text.to_owned());
        let (name, action) = text.split_once(':').ok_or_else(unreadable)?;
        let (_, point) = Point::ALL.into_iter().find(|(known, _)| *known == name).ok_or_else(unreadable)?;
        let action = match (action.strip_prefix("kill"), action.strip_prefix("pause=")) {
            (Some(""), _) => Action::Kill(1),
            (Some(nth), _) => {
                let nth = nth.strip_prefix('@').and_then(|nth| nth.parse().ok());
                Action::Kill(nth.filter(|nth| *nth > 0).ok_or_else(unreadable)?)
            }
            (None, Some(wait)) => Action::Pause(Duration::from_millis(wait.parse().map_err(|_| unreadable())?)),
            (None, None) => return Err(unreadable()),
        };
        Ok(Self {
            point,
            action,
            reached: AtomicU32::new(0),
        })
    }
}

/// Arms what the environment asks for; once, at the start of a process.
///
/// # Errors
/// When a fault cannot be read: a drill that does not happen would look like one that was passed.
pub fn arm() -> Result<(), UnreadableFault> {
    let text = std::env::var(VARIABLE).unwrap_or_default();
    let faults: Vec<Fault> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    if !faults.is_empty() {
        tracing::warn!(faults = text, "faults are armed");
    }
    let _armed_before = ARMED.set(faults);
    Ok(())
}

/// What is armed for a point happens here.
pub async fn reach(point: Point) {
    for fault in ARMED.get().into_iter().flatten().filter(|fault| fault.point == point) {
        let count = fault.reached.fetch_add(1, Ordering::Relaxed) + 1;
        match fault.action {
            Action::Kill(nth) if nth == count => {
                tracing::warn!(?point, "a fault was asked for: this process ends here");
                // Like a SIGKILL: nothing unwinds, nothing is flushed, nobody is told.
                std::process::abort();
            }
            Action::Kill(_) => {}
            Action::Pause(wait) => tokio::time::sleep(wait).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Point, Action), UnreadableFault> {
        text.parse::<Fault>().map(|fault| (fault.point, fault.action))
    }

    #[test]
    fn a_fault_names_its_point_and_what_happens_there() {
        assert_eq!(read("api-committed:kill"), Ok((Point::ApiCommitted, Action::Kill(1))));
        assert_eq!(read("mail-taken:kill@3"), Ok((Point::MailTaken, Action::Kill(3))));
        assert_eq!(
            read("import-batch:pause=50"),
            Ok((Point::ImportBatch, Action::Pause(Duration::from_millis(50))))
        );
    }

    #[test]
    fn what_is_no_fault_is_refused_with_the_points_there_are() {
        for text in [
            "",
            "kill",
            "nowhere:kill",
            "job-claimed:explode",
            "job-claimed:kill@0",
            "job-claimed:killed",
            "job-claimed:pause=x",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("job-claimed") && error.contains("ACURATE_FAULT"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_point_that_nothing_is_armed_for_is_passed() {
        reach(Point::JobClaimed).await;
    }
}
