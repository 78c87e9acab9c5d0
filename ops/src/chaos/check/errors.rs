//! Logs: nothing at level ERROR, and no panic, that a fault does not explain.

use super::super::facts::Facts;
use super::super::inject::Harm;
use super::super::logs::Logged;
use super::super::plan::Family;
use super::{Finding, overlap};
use chrono::TimeDelta;

/// How long the product may still speak of a fault that is over: its longest wait for an answer, and the retry after it.
const AFTERMATH: TimeDelta = TimeDelta::seconds(45);

/// How many lines are shown of those that nothing explains.
const SHOWN: usize = 20;

pub(super) fn check(facts: &Facts, harm: &Harm) -> Vec<Finding> {
    let unexplained: Vec<&Logged> = facts.errors.iter().filter(|logged| !is_explained(logged, harm)).collect();
    let mut findings: Vec<Finding> = unexplained
        .iter()
        .take(SHOWN)
        .map(|logged| Finding::wrong(format!("{}: {}", logged.file, logged.line)))
        .collect();
    if unexplained.len() > SHOWN {
        findings.push(Finding::wrong(format!("{} more lines at level ERROR", unexplained.len() - SHOWN)));
    }
    findings
}

fn is_explained(logged: &Logged, harm: &Harm) -> bool {
    let Some(at) = logged.at else {
        return logged.line.contains("handlers/drill.rs");
    };
    let families = culprits(&logged.message);
    let mut faults = harm.faults.iter().filter(|fault| families.contains(&fault.fault.family()));
    faults.any(|fault| overlap(fault, at, at, AFTERMATH))
}

/// What can make the product say so.
fn culprits(message: &str) -> &'static [Family] {
    match message {
        "request failed" | "the outcome of a job could not be recorded; its lease will run out" => &[Family::Postgres],
        // Not handled for want of the database, or because its worker stopped and the time of grace was over.
        "a message was not handled; it comes again" => &[Family::Postgres, Family::Worker],
        "a message cannot be read; its job is sent again" => &[Family::Message],
        "a worker died; another takes its place" => &[Family::Redis],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::plan::Fault;
    use super::super::tests::{at, harm};
    use super::*;

    fn count(message: &str, second: Option<i64>, harm: &Harm) -> usize {
        let logged = Logged {
            at: second.map(at),
            file: "worker1-001.log".to_owned(),
            message: message.to_owned(),
            line: format!("said: {message}"),
        };
        let facts = Facts {
            errors: vec![logged],
            ..Facts::default()
        };
        check(&facts, harm).len()
    }

    #[test]
    fn an_error_is_explained_by_a_fault_of_its_kind_at_its_time() {
        let outage = harm(Fault::PostgresCrashed, 100, 110);
        assert_eq!(count("request failed", Some(105), &outage), 0);
        assert_eq!(count("request failed", Some(120), &outage), 0);
        assert_eq!(count("request failed", Some(99), &outage), 1);
        assert_eq!(count("request failed", Some(200), &outage), 1);
        assert_eq!(count("request failed", Some(105), &harm(Fault::MailHangs, 100, 110)), 1);
        assert_eq!(count("something new", Some(105), &outage), 1);
    }

    #[test]
    fn only_a_drill_may_panic() {
        assert_eq!(count("panicked at worker/src/handlers/drill.rs:3", None, &Harm::default()), 0);
        assert_eq!(count("panicked at worker/src/run.rs:3", None, &Harm::default()), 1);
    }
}
