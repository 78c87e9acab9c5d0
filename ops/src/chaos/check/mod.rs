//! Judges a run: is everything that was promised there, once, and is everything that is there promised or explained?
//!
//! Plain functions over what was promised, what is there and what was done to the product, so that tests can plant losses.

mod errors;
mod jobs;
mod mails;
mod records;

use super::facts::Facts;
use super::inject::{Harm, Injected};
use super::plan::Family;
use super::promise::Promises;
use super::recovery::{Recovery, quantile};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

pub(crate) use mails::{Copies, copies};

/// Longest wait from the end of a dead worker's lease to the next run of its job.
pub(crate) const RECOVERY: Duration = Duration::from_secs(15);

/// What kind of wrong it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Something promised is not there.
    Lost,
    /// Something is there more than once.
    Doubled,
    /// Anything else.
    Other,
}

/// Something that is not as it ought to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Its kind.
    pub(crate) wrong: Wrong,
    /// In words.
    pub(crate) what: String,
}

impl Finding {
    fn lost(what: impl Into<String>) -> Self {
        Self {
            wrong: Wrong::Lost,
            what: what.into(),
        }
    }

    fn doubled(what: impl Into<String>) -> Self {
        Self {
            wrong: Wrong::Doubled,
            what: what.into(),
        }
    }

    /// Neither lost nor doubled.
    pub(crate) fn wrong(what: impl Into<String>) -> Self {
        Self {
            wrong: Wrong::Other,
            what: what.into(),
        }
    }
}

/// Everything that is wrong with what is there.
pub(crate) fn all(promises: &Promises, facts: &Facts, harm: &Harm) -> Vec<Finding> {
    let mut findings = records::check(promises, facts);
    findings.extend(mails::check(promises, facts, harm));
    findings.extend(jobs::check(facts, harm));
    findings.extend(errors::check(facts, harm));
    findings.extend(facts.differences.iter().map(Finding::wrong));
    findings.extend(recovery(&facts.recoveries, harm));
    findings.extend(promises.failures.iter().map(Finding::wrong));
    findings
}

/// Everything that is wrong with how the run went.
pub(crate) fn run(harm: &Harm, load_ended: bool, rested: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = harm.failures.iter().map(Finding::wrong).collect();
    if !load_ended {
        findings.push(Finding::wrong("the load did not end when it was told to"));
    }
    if !rested {
        findings.push(Finding::wrong("jobs were left after the load had ended"));
    }
    findings
}

/// The recoveries that had PostgreSQL and Redis all the time; without them nothing can run.
fn undisturbed<'a>(recoveries: &'a [Recovery], harm: &Harm) -> Vec<&'a Recovery> {
    let is_outage = |fault: &Injected| matches!(fault.fault.family(), Family::Postgres | Family::Redis);
    let outages: Vec<&Injected> = harm.faults.iter().filter(|fault| is_outage(fault)).collect();
    let is_disturbed = |recovery: &Recovery| {
        let margin = TimeDelta::seconds(2);
        outages
            .iter()
            .any(|outage| overlap(outage, recovery.lease_until, recovery.at, margin))
    };
    recoveries.iter().filter(|recovery| !is_disturbed(recovery)).collect()
}

/// How long undisturbed recoveries took, from the end of the lease.
pub(crate) fn waits(recoveries: &[Recovery], harm: &Harm) -> Vec<Duration> {
    undisturbed(recoveries, harm).into_iter().map(Recovery::wait).collect()
}

/// A worker that dies while a job waits may take the message about it along, and the wait begins anew.
fn recovery(recoveries: &[Recovery], harm: &Harm) -> Option<Finding> {
    let undisturbed = undisturbed(recoveries, harm);
    let mut waits: Vec<Duration> = undisturbed.iter().map(|recovery| recovery.wait_after(&harm.deaths)).collect();
    let longest = quantile(&mut waits, 1.0).filter(|longest| *longest > RECOVERY)?;
    let late = waits.iter().filter(|wait| **wait > RECOVERY).count();
    Some(Finding::wrong(format!(
        "{late} jobs of dead workers ran again too late, one after {:.1} s",
        longest.as_secs_f64()
    )))
}

/// Whether a fault had anything to do with a time: it lasted then, or had ended no longer ago than its aftermath.
fn overlap(fault: &Injected, from: DateTime<Utc>, to: DateTime<Utc>, aftermath: TimeDelta) -> bool {
    fault.began <= to && from <= fault.ended + aftermath
}

#[cfg(test)]
mod tests {
    use super::super::plan::Fault;
    use super::*;

    pub(super) fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    pub(super) fn harm(fault: Fault, from: i64, to: i64) -> Harm {
        Harm {
            faults: vec![Injected {
                fault,
                began: at(from),
                ended: at(to),
            }],
            ..Harm::default()
        }
    }

    fn recovered(lease_until: i64, after: i64) -> Recovery {
        Recovery {
            lease_until: at(lease_until),
            at: at(lease_until + after),
        }
    }

    #[test]
    fn a_run_without_a_fault_has_no_findings() {
        assert_eq!(all(&Promises::default(), &Facts::default(), &Harm::default()), []);
        assert_eq!(run(&Harm::default(), true, true), []);
    }

    #[test]
    fn a_run_that_does_not_come_to_rest_is_told() {
        assert_eq!(run(&Harm::default(), false, false).len(), 2);
    }

    #[test]
    fn a_late_recovery_is_told_unless_a_server_was_away() {
        let recoveries = [recovered(100, 2), recovered(100, 16)];
        let findings = recovery(&recoveries, &Harm::default()).unwrap();
        assert!(findings.what.contains("1 jobs") && findings.what.contains("16.0 s"), "{findings:?}");
        assert_eq!(recovery(&recoveries, &harm(Fault::RedisKilled, 110, 112)), None);
        assert!(recovery(&recoveries, &harm(Fault::RedisKilled, 80, 90)).is_some());
        assert!(recovery(&recoveries, &harm(Fault::WorkerKilled, 110, 112)).is_some());
        assert_eq!(recovery(&recoveries[..1], &Harm::default()), None);
    }

    #[test]
    fn a_wrong_achievement_and_a_refused_request_are_told() {
        let facts = Facts {
            differences: vec!["student 1: 3 instead of 4".to_owned()],
            ..Facts::default()
        };
        let promises = Promises {
            failures: vec!["POST /students answered 500".to_owned()],
            ..Promises::default()
        };
        assert_eq!(all(&promises, &facts, &Harm::default()).len(), 2);
    }
}
