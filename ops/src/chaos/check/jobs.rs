//! Jobs: none is left, and none died but those that could not do otherwise.

use super::super::facts::{Facts, Job};
use super::super::inject::Harm;
use super::super::plan::Fault;
use super::Finding;

pub(super) fn check(facts: &Facts, harm: &Harm) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts.jobs.iter().filter_map(|job| judge(job, harm)).collect();
    for (id, fault) in &harm.planted {
        let is_over = facts.succeeded.binary_search(id).is_ok() || facts.jobs.iter().any(|job| job.id == *id);
        if !is_over {
            findings.push(Finding::lost(format!("job {id} ({}) is gone", fault.text())));
        }
        if facts.succeeded.binary_search(id).is_ok() && expected(*fault).is_some() {
            findings.push(Finding::wrong(format!("job {id} ({}) succeeded", fault.text())));
        }
    }
    if facts.marks > 0 {
        findings.push(Finding::lost(format!(
            "{} students are marked and nobody computes them",
            facts.marks
        )));
    }
    findings
}

/// What the error of a planted job says when it has died as it must; `None`: it succeeds.
fn expected(fault: Fault) -> Option<&'static str> {
    match fault {
        Fault::OlderPayload => None,
        Fault::UnknownKind => Some("unknown"),
        Fault::IncompletePayload => Some("user_id"),
        Fault::DrillHang => Some("soft limit"),
        Fault::DrillIgnoresStop => Some("hard limit"),
        Fault::DrillMemory => Some("vanished"),
        _ => Some("panicked"),
    }
}

fn judge(job: &Job, harm: &Harm) -> Option<Finding> {
    let error = job.error.as_deref().unwrap_or_default();
    let what = format!("job {} of kind {} is {}: {error}", job.id, job.kind, job.state);
    if matches!(job.state.as_str(), "queued" | "running") {
        return Some(Finding::lost(what));
    }
    let is_due = match harm.planted.get(&job.id) {
        // One that runs for long may lose as many workers as a job may lose, before it is ended for what it does.
        Some(fault) => expected(*fault).is_some_and(|text| error.contains(text) || error.contains("vanished")),
        // The mail server said for good that there is nobody; whether it said so is the mails' check.
        None => job.kind.ends_with("_email") && error.contains("550"),
    };
    (!is_due || job.state != "dead").then(|| Finding::lost(what))
}

#[cfg(test)]
mod tests {
    use super::super::Wrong;
    use super::*;

    fn job(id: i64, kind: &str, state: &str, error: &str) -> Job {
        Job {
            id,
            kind: kind.to_owned(),
            state: state.to_owned(),
            error: Some(error.to_owned()),
        }
    }

    fn wrongs(jobs: Vec<Job>) -> Vec<Wrong> {
        let facts = Facts { jobs, ..Facts::default() };
        check(&facts, &Harm::default()).into_iter().map(|finding| finding.wrong).collect()
    }

    #[test]
    fn a_job_that_is_left_or_dead_is_lost() {
        assert_eq!(wrongs(vec![job(1, "achievement", "queued", "")]), [Wrong::Lost]);
        assert_eq!(wrongs(vec![job(1, "achievement", "running", "")]), [Wrong::Lost]);
        assert_eq!(wrongs(vec![job(1, "student_import", "dead", "no connection")]), [Wrong::Lost]);
        assert_eq!(wrongs(vec![job(1, "student_import", "cancelled", "")]), [Wrong::Lost]);
        assert_eq!(wrongs(vec![job(1, "welcome_email", "dead", "no connection")]), [Wrong::Lost]);
    }

    #[test]
    fn a_mail_that_the_server_rejected_dies() {
        assert_eq!(wrongs(vec![job(1, "welcome_email", "dead", "550 nobody")]), []);
    }

    #[test]
    fn a_planted_job_ends_as_it_must() {
        let check = |facts: &Facts| {
            let planted = [(1, Fault::DrillPanic), (2, Fault::OlderPayload)].into();
            let harm = Harm {
                planted,
                ..Harm::default()
            };
            check(facts, &harm).len()
        };
        let mut facts = Facts {
            succeeded: vec![2],
            jobs: vec![job(1, "drill", "dead", "panicked: a drill")],
            ..Facts::default()
        };
        assert_eq!(check(&facts), 0);
        facts.succeeded = vec![1, 2];
        assert_eq!(check(&facts), 1);
        facts.succeeded = vec![];
        assert_eq!(check(&facts), 1);
        facts.jobs = vec![job(1, "drill", "dead", "ended at the hard limit")];
        assert_eq!(check(&facts), 2);
    }

    #[test]
    fn a_mark_that_nobody_computes_is_lost() {
        let facts = Facts {
            marks: 3,
            ..Facts::default()
        };
        assert_eq!(check(&facts, &Harm::default())[0].wrong, Wrong::Lost);
    }
}
