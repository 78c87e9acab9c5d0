//! Students, imports, grades and enrollments: each there as often as it was promised, in the version that it was promised.

use super::super::facts::{Cell, Facts, Import, Student};
use super::super::promise::{self, Promises};
use super::Finding;
use std::collections::HashMap;
use std::hash::Hash;

pub(super) fn check(promises: &Promises, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let students = by(&facts.students, |student: &Student| student.email.clone());
    for (email, promise) in &promises.students {
        findings.extend(student(email, promise, found(&students, email)));
    }
    let imports = by(&facts.imports, |import: &Import| import.file_name.clone());
    for (name, promise) in &promises.imports {
        findings.extend(import(name, promise, found(&imports, name)));
    }
    let cells = by(&facts.cells, |cell: &Cell| (cell.assessment_id, cell.email.clone()));
    for (place, promise) in &promises.cells {
        findings.extend(cell(place, promise, found(&cells, place)));
    }
    let enrollments = by(&facts.enrollments, |row| (row.course_id, row.email.clone()));
    for place in &promises.enrollments {
        findings.extend(once(
            &format!("enrollment of {} in course {}", place.1, place.0),
            found(&enrollments, place).len(),
        ));
    }
    let unpromised = [
        ("student", count_beside(&students, |email| promises.students.contains_key(email))),
        ("import", count_beside(&imports, |name| promises.imports.contains_key(name))),
        ("grade", count_beside(&cells, |place| promises.cells.contains_key(place))),
        (
            "enrollment",
            count_beside(&enrollments, |place| promises.enrollments.contains(place)),
        ),
    ];
    for (what, count) in unpromised.into_iter().filter(|(_, count)| *count > 0) {
        findings.push(Finding::wrong(format!("{count} times a {what} that nobody was promised")));
    }
    findings
}

fn by<T, K: Hash + Eq>(rows: &[T], key: impl Fn(&T) -> K) -> HashMap<K, Vec<&T>> {
    let mut groups: HashMap<K, Vec<&T>> = HashMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}

fn found<'a, K: Hash + Eq, T>(groups: &'a HashMap<K, Vec<&'a T>>, key: &K) -> &'a [&'a T] {
    groups.get(key).map(Vec::as_slice).unwrap_or_default()
}

fn count_beside<K, T>(groups: &HashMap<K, Vec<T>>, is_promised: impl Fn(&K) -> bool) -> usize {
    groups.keys().filter(|key| !is_promised(key)).count()
}

/// Lost, doubled, or there.
fn once(what: &str, count: usize) -> Option<Finding> {
    match count {
        0 => Some(Finding::lost(format!("{what} is not there"))),
        1 => None,
        _ => Some(Finding::doubled(format!("{what} is there {count} times"))),
    }
}

/// A change that is not there was lost, one too many was made twice.
fn version(what: &str, found: i32, promised: i32) -> Option<Finding> {
    let text = || format!("{what} has version {found} instead of {promised}");
    match found.cmp(&promised) {
        std::cmp::Ordering::Less => Some(Finding::lost(text())),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Finding::doubled(text())),
    }
}

fn student(email: &str, promise: &promise::Student, found: &[&Student]) -> Vec<Finding> {
    let what = format!("student {email}");
    let mut findings: Vec<Finding> = once(&what, found.len()).into_iter().collect();
    for row in found {
        findings.extend(version(&what, row.version, promise.version));
        if row.last_name != promise.last_name {
            findings.push(Finding::wrong(format!(
                "{what} is called {} instead of {}",
                row.last_name, promise.last_name
            )));
        }
        let jobs = format!("job to welcome {email}");
        match (promise.is_welcomed, row.welcomes) {
            (true, count) => findings.extend(once(&jobs, usize::try_from(count).unwrap_or_default())),
            (false, 0) => {}
            (false, _) => findings.push(Finding::wrong(format!("{jobs}, whom nobody wanted to welcome"))),
        }
    }
    findings
}

fn import(name: &str, promise: &promise::Import, found: &[&Import]) -> Vec<Finding> {
    let what = format!("import of {name}");
    let mut findings: Vec<Finding> = once(&what, found.len()).into_iter().collect();
    for row in found {
        if row.state != "completed" {
            findings.push(Finding::lost(format!("{what} is {}", row.state)));
        }
        if row.counts != promise.counts {
            findings.push(Finding::wrong(format!(
                "{what} counts {:?} instead of {:?}",
                row.counts, promise.counts
            )));
        }
        let parts: i64 = row.counts.iter().skip(1).sum();
        if row.counts.first() != Some(&parts) {
            findings.push(Finding::wrong(format!("{what} counts {:?}, which do not add up", row.counts)));
        }
        if !row.rejected.iter().eq(&promise.rejected) {
            findings.push(Finding::wrong(format!("{what} rejected the records {:?}", row.rejected)));
        }
        findings.extend(once(
            &format!("completion of the {what} in the activity log"),
            usize::try_from(row.completions).unwrap_or_default(),
        ));
    }
    findings
}

fn cell((assessment, email): &promise::Place, promise: &promise::Cell, found: &[&Cell]) -> Vec<Finding> {
    let what = format!("grade of {email} in assessment {assessment}");
    let mut findings: Vec<Finding> = once(&what, found.len()).into_iter().collect();
    for row in found {
        findings.extend(version(&what, row.version, promise.version));
        if row.score != promise.score {
            findings.push(Finding::lost(format!("{what} is {} instead of {}", row.score, promise.score)));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Wrong;
    use super::*;

    const EMAIL: &str = "a@x.example";

    fn promises() -> Promises {
        let mut promises = Promises::default();
        let student = promise::Student {
            version: 2,
            last_name: "Kaya".to_owned(),
            is_welcomed: true,
        };
        promises.students.insert(EMAIL.to_owned(), student);
        let import = promise::Import {
            counts: [3, 1, 1, 0, 1],
            rejected: [4].into(),
        };
        promises.imports.insert("a.csv".to_owned(), import);
        promises.score((7, EMAIL.to_owned()), 500);
        promises.enrollments.insert((3, EMAIL.to_owned()));
        promises
    }

    /// Exactly what was promised.
    fn facts() -> Facts {
        Facts {
            students: vec![Student {
                email: EMAIL.to_owned(),
                version: 2,
                last_name: "Kaya".to_owned(),
                welcomes: 1,
            }],
            imports: vec![Import {
                file_name: "a.csv".to_owned(),
                state: "completed".to_owned(),
                counts: vec![3, 1, 1, 0, 1],
                rejected: vec![4],
                completions: 1,
            }],
            cells: vec![Cell {
                assessment_id: 7,
                email: EMAIL.to_owned(),
                score: 500,
                version: 1,
            }],
            enrollments: vec![super::super::super::facts::Enrollment {
                course_id: 3,
                email: EMAIL.to_owned(),
            }],
            ..Facts::default()
        }
    }

    fn wrongs(change: impl Fn(&mut Facts)) -> Vec<Wrong> {
        let mut facts = facts();
        change(&mut facts);
        check(&promises(), &facts).into_iter().map(|finding| finding.wrong).collect()
    }

    #[test]
    fn what_was_promised_has_no_findings() {
        assert_eq!(wrongs(|_| {}), []);
    }

    #[test]
    fn what_is_missing_is_lost() {
        assert_eq!(wrongs(|facts| facts.students.clear()), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.imports.clear()), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.cells.clear()), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.enrollments.clear()), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.students[0].welcomes = 0), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.imports[0].completions = 0), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.imports[0].state = "failed".to_owned()), [Wrong::Lost]);
    }

    #[test]
    fn what_is_there_twice_is_doubled() {
        assert_eq!(wrongs(|facts| facts.imports.push(facts.imports[0].clone())), [Wrong::Doubled]);
        assert_eq!(
            wrongs(|facts| facts.enrollments.push(facts.enrollments[0].clone())),
            [Wrong::Doubled]
        );
        assert_eq!(wrongs(|facts| facts.students[0].welcomes = 2), [Wrong::Doubled]);
        assert_eq!(wrongs(|facts| facts.imports[0].completions = 2), [Wrong::Doubled]);
    }

    #[test]
    fn a_change_that_is_missing_is_lost_and_one_too_many_is_doubled() {
        assert_eq!(wrongs(|facts| facts.students[0].version = 1), [Wrong::Lost]);
        assert_eq!(wrongs(|facts| facts.students[0].version = 3), [Wrong::Doubled]);
        assert_eq!(wrongs(|facts| facts.cells[0].version = 2), [Wrong::Doubled]);
        assert_eq!(wrongs(|facts| facts.cells[0].score = 400), [Wrong::Lost]);
    }

    #[test]
    fn counts_that_differ_or_do_not_add_up_are_wrong() {
        assert_eq!(wrongs(|facts| facts.imports[0].counts = vec![3, 2, 0, 0, 1]), [Wrong::Other]);
        assert_eq!(wrongs(|facts| facts.imports[0].counts[1] = 2), [Wrong::Other, Wrong::Other]);
        assert_eq!(wrongs(|facts| facts.imports[0].rejected = vec![3]), [Wrong::Other]);
    }

    #[test]
    fn what_nobody_was_promised_is_wrong() {
        let stranger = |facts: &mut Facts| {
            let mut student = facts.students[0].clone();
            student.email = "b@x.example".to_owned();
            facts.students.push(student);
        };
        assert_eq!(wrongs(stranger), [Wrong::Other]);
    }
}
