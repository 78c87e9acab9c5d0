//! Mails: one for each student who was promised one, and a copy only where nobody could know that it had gone out.

use super::super::facts::Facts;
use super::super::inject::Harm;
use super::super::plan::Family;
use super::super::promise::Promises;
use super::super::smtp::Taken;
use super::{Finding, overlap};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Between the server's yes and the record of it: whoever is harmed then cannot know of the yes.
const RECORD: TimeDelta = TimeDelta::seconds(3);

/// Mails that went out more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copies {
    /// Because the server hung up instead of saying yes.
    pub(crate) untold: usize,
    /// Because worker or database were harmed before the yes was recorded.
    pub(crate) unrecorded: usize,
    /// For no reason that is known.
    pub(crate) unexplained: usize,
}

/// Counts the copies, each with the reason of the one before.
pub(crate) fn copies(taken: &[Taken], harm: &Harm) -> Copies {
    let mut copies = Copies::default();
    for mails in by_message(taken).values() {
        // After the last one there is no copy to explain.
        for mail in mails.iter().rev().skip(1) {
            match mail {
                mail if !mail.told => copies.untold += 1,
                mail if was_harmed(mail, harm) => copies.unrecorded += 1,
                _ => copies.unexplained += 1,
            }
        }
    }
    copies
}

fn by_message(taken: &[Taken]) -> BTreeMap<&str, Vec<&Taken>> {
    let mut mails: BTreeMap<&str, Vec<&Taken>> = BTreeMap::new();
    for mail in taken {
        mails.entry(&mail.mail.message_id).or_default().push(mail);
    }
    mails
}

fn was_harmed(mail: &Taken, harm: &Harm) -> bool {
    let harms = |family| matches!(family, Family::Worker | Family::Postgres);
    // A death is seen a moment later.
    let died = harm.deaths.iter().any(|death| (mail.at..=mail.at + RECORD).contains(death));
    let mut faults = harm.faults.iter().filter(|fault| harms(fault.fault.family()));
    died || faults.any(|fault| overlap(fault, mail.at, mail.at + RECORD, TimeDelta::seconds(1)))
}

pub(super) fn check(promises: &Promises, facts: &Facts, harm: &Harm) -> Vec<Finding> {
    let welcomed = promises.students.iter().filter(|(_, student)| student.is_welcomed);
    let welcomed: BTreeSet<&str> = welcomed.map(|(email, _)| email.as_str()).collect();
    let linked: BTreeSet<&str> = promises.links.iter().map(String::as_str).collect();
    let mut findings = addressed("welcome mail", &welcomed, true, facts);
    findings.extend(addressed("mail with a link", &linked, false, facts));
    for (id, mails) in by_message(&facts.taken) {
        let secrets: BTreeSet<_> = mails.iter().map(|mail| (&mail.mail.to, &mail.mail.secret)).collect();
        if secrets.len() > 1 {
            findings.push(Finding::wrong(format!("the copies of mail {id} differ")));
        }
    }
    let Copies { unexplained, .. } = copies(&facts.taken, harm);
    if unexplained > 0 {
        findings.push(Finding::doubled(format!("{unexplained} mails went out twice for no known reason")));
    }
    let undelivered = facts.undelivered.iter();
    findings.extend(undelivered.map(|id| Finding::lost(format!("mail {id} is still under way"))));
    let given_up = facts.suppressed.iter().filter(|email| !facts.rejected.contains(email));
    findings.extend(given_up.map(|email| Finding::lost(format!("{email} gets no mails, which the server never rejected"))));
    let untold = facts.untold.iter();
    findings.extend(untold.map(|file| Finding::lost(format!("nobody was told of the end of the import of {file}"))));
    findings
}

/// One message, with or without copies, to each of `promised`, and to nobody else. The administrators were welcomed before.
fn addressed(what: &str, promised: &BTreeSet<&str>, is_welcome: bool, facts: &Facts) -> Vec<Finding> {
    let mut messages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for taken in &facts.taken {
        let mail = &taken.mail;
        if mail.is_welcome() == is_welcome && !mail.to.starts_with("admin@") {
            messages.entry(&mail.to).or_default().insert(&mail.message_id);
        }
    }
    let mut findings = Vec::new();
    for email in promised {
        match messages.get(email).map_or(0, BTreeSet::len) {
            0 if facts.rejected.iter().any(|rejected| rejected == email) => {}
            0 => findings.push(Finding::lost(format!("{what} to {email} is not there"))),
            1 => {}
            count => findings.push(Finding::doubled(format!("{email} got {count} times a {what}"))),
        }
    }
    let unpromised = messages.keys().filter(|email| !promised.contains(*email));
    findings.extend(unpromised.map(|email| Finding::wrong(format!("{what} to {email}, to whom none was promised"))));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::super::mail::Mail;
    use super::super::super::plan::Fault;
    use super::super::super::promise::Student;
    use super::super::Wrong;
    use super::super::tests::{at, harm};
    use super::*;

    const EMAIL: &str = "a@x.example";

    fn promises() -> Promises {
        let mut promises = Promises::default();
        let student = Student {
            version: 1,
            last_name: "Kaya".to_owned(),
            is_welcomed: true,
        };
        promises.students.insert(EMAIL.to_owned(), student);
        promises
    }

    fn mail(second: i64, id: &str) -> Taken {
        Taken {
            at: at(second),
            mail: Mail {
                to: EMAIL.to_owned(),
                message_id: id.to_owned(),
                secret: "s".to_owned(),
            },
            told: true,
        }
    }

    fn wrongs(taken: &[Taken], harm: &Harm) -> Vec<Wrong> {
        let facts = Facts {
            taken: taken.to_vec(),
            ..Facts::default()
        };
        check(&promises(), &facts, harm).into_iter().map(|finding| finding.wrong).collect()
    }

    #[test]
    fn one_mail_is_right_and_none_is_lost() {
        assert_eq!(wrongs(&[mail(1, "welcome.1")], &Harm::default()), []);
        assert_eq!(wrongs(&[], &Harm::default()), [Wrong::Lost]);
    }

    #[test]
    fn a_rejected_address_gets_none() {
        let facts = Facts {
            rejected: vec![EMAIL.to_owned()],
            ..Facts::default()
        };
        assert_eq!(check(&promises(), &facts, &Harm::default()), []);
    }

    #[test]
    fn another_mail_is_doubled_whatever_happened() {
        let mails = [mail(1, "welcome.1"), mail(2, "welcome.2")];
        assert_eq!(wrongs(&mails, &harm(Fault::WorkerKilled, 0, 9)), [Wrong::Doubled]);
    }

    #[test]
    fn a_copy_is_doubled_unless_its_reason_is_known() {
        let copy = [mail(10, "welcome.1"), mail(40, "welcome.1")];
        assert_eq!(wrongs(&copy, &Harm::default()), [Wrong::Doubled]);
        assert_eq!(wrongs(&copy, &harm(Fault::WorkerKilled, 11, 12)), []);
        assert_eq!(wrongs(&copy, &harm(Fault::WorkerKilled, 20, 21)), [Wrong::Doubled]);
        assert_eq!(wrongs(&copy, &harm(Fault::RedisKilled, 11, 12)), [Wrong::Doubled]);
        let deaths = |second| Harm {
            deaths: vec![at(second)],
            ..Harm::default()
        };
        assert_eq!(wrongs(&copy, &deaths(11)), []);
        assert_eq!(wrongs(&copy, &deaths(9)), [Wrong::Doubled]);
        assert_eq!(wrongs(&copy, &deaths(30)), [Wrong::Doubled]);
        let mut untold = copy;
        untold[0].told = false;
        assert_eq!(wrongs(&untold, &Harm::default()), []);
        assert_eq!(copies(&untold, &Harm::default()).untold, 1);
    }

    #[test]
    fn copies_with_another_secret_are_wrong() {
        let mut copy = [mail(10, "welcome.1"), mail(40, "welcome.1")];
        copy[0].told = false;
        copy[1].mail.secret = "t".to_owned();
        assert_eq!(wrongs(&copy, &Harm::default()), [Wrong::Other]);
    }

    #[test]
    fn an_address_gets_no_more_mails_only_after_the_server_rejected_it() {
        let mut facts = Facts {
            taken: vec![mail(1, "welcome.1")],
            suppressed: vec![EMAIL.to_owned()],
            ..Facts::default()
        };
        assert_eq!(check(&promises(), &facts, &Harm::default()).len(), 1);
        facts.rejected = vec![EMAIL.to_owned()];
        assert_eq!(check(&promises(), &facts, &Harm::default()), []);
    }

    #[test]
    fn an_import_of_whose_end_nobody_was_told_is_lost() {
        let facts = Facts {
            taken: vec![mail(1, "welcome.1")],
            untold: vec!["a.csv".to_owned()],
            ..Facts::default()
        };
        assert_eq!(check(&promises(), &facts, &Harm::default())[0].wrong, Wrong::Lost);
    }

    #[test]
    fn a_mail_to_somebody_else_and_one_under_way_are_told() {
        let mut stranger = mail(1, "password-reset.1");
        stranger.mail.to = "b@x.example".to_owned();
        assert_eq!(wrongs(&[mail(1, "welcome.1"), stranger], &Harm::default()), [Wrong::Other]);
        let facts = Facts {
            taken: vec![mail(1, "welcome.1")],
            undelivered: vec!["welcome.1".to_owned()],
            ..Facts::default()
        };
        assert_eq!(check(&promises(), &facts, &Harm::default()).len(), 1);
    }
}
