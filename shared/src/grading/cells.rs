//! What callers send for cells, and its check against the course: every wrong cell is named, none stops the check.
//!
//! No database here: the course's assessments and students come as a [`Roster`].

use crate::error::Result;
use crate::ids::{AssessmentId, UserId};
use crate::kinds::GradeStatus;
use crate::validation::{Checks, clean};
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::collections::hash_map;

/// Longest feedback, in characters.
pub const FEEDBACK_LIMIT: usize = 5000;

/// The highest maximum that an assessment can have: 9999.99.
pub(crate) const HIGHEST_SCORE: Decimal = Decimal::from_parts(999_999, 0, 0, false, 2);

/// What to put into a cell: exactly one of a score, a status and `clear`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// 0 to the assessment's maximum, at most two decimal places. Zero is a mark.
    pub score: Option<f64>,
    /// Absent, excused or non-attendance.
    pub status: Option<GradeStatus>,
    /// Empties the cell: not graded.
    pub clear: bool,
    /// Words for the student, up to [`FEEDBACK_LIMIT`] characters. Absent: what a person wrote stays, else the words of the
    /// assessment's range are filled in; empty: there are none.
    pub feedback: Option<String>,
}

/// A cell as the caller names it: exactly one of the student's id and number.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCell {
    /// An active assessment of the course.
    pub assessment_id: AssessmentId,
    /// A student who is enrolled in it.
    pub student_id: Option<UserId>,
    /// The same by number.
    pub student_number: Option<String>,
    /// What to put there.
    pub entry: Entry,
}

/// A cell's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) student_id: UserId,
    pub(crate) assessment_id: AssessmentId,
}

/// A checked cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) place: Place,
    pub(crate) change: Change,
}

/// A checked entry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Clear,
    Mark {
        /// `None`: no score, for the reason that `status` tells.
        score: Option<Decimal>,
        status: GradeStatus,
        feedback: Feedback,
    },
}

/// What becomes of the words in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feedback {
    Keep,
    Set(Option<String>),
}

/// What the check must know of an assessment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) max_score: Decimal,
    pub(crate) is_active: bool,
}

/// How a student of the institution stands to the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Enrolled,
    Left,
    Stranger,
}

/// The course as far as the cells name it.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) assessments: HashMap<AssessmentId, Rule>,
    pub(crate) standings: HashMap<UserId, Standing>,
    pub(crate) numbers: HashMap<String, UserId>,
}

/// Checks cells. Fields are named below `path(i)`, e.g. `cells[3].score`.
///
/// # Errors
/// `Invalid` with every fault of every cell.
pub(super) fn check(cells: &[NewCell], roster: &Roster, path: impl Fn(usize) -> String) -> Result<Vec<Cell>> {
    let mut checks = Checks::default();
    let mut seen: HashMap<Place, usize> = HashMap::with_capacity(cells.len());
    let mut checked = Vec::with_capacity(cells.len());
    for (index, cell) in cells.iter().enumerate() {
        let path = path(index);
        let max_score = assessment(cell, roster, &path, &mut checks);
        let student_id = student(cell, roster, &path, &mut checks);
        let change = entry(&cell.entry, max_score, &path, &mut checks);
        let (Some(student_id), Some(change)) = (student_id, change) else {
            continue;
        };
        let place = Place {
            student_id,
            assessment_id: cell.assessment_id,
        };
        match seen.entry(place) {
            hash_map::Entry::Occupied(first) => {
                let message = format!("is the same cell as cells[{}]", first.get());
                checks.fault(format!("{path}assessment_id"), "duplicate_cell", message);
            }
            hash_map::Entry::Vacant(free) => {
                free.insert(index);
                checked.push(Cell { place, change });
            }
        }
    }
    checks.finish()?;
    Ok(checked)
}

/// The assessment's maximum, when it may be graded.
fn assessment(cell: &NewCell, roster: &Roster, path: &str, checks: &mut Checks) -> Option<Decimal> {
    let field = || format!("{path}assessment_id");
    match roster.assessments.get(&cell.assessment_id) {
        Some(rule) if rule.is_active => Some(rule.max_score),
        Some(_) => {
            checks.fault(field(), "assessment_inactive", "is not active; activate the assessment first");
            None
        }
        None => {
            checks.fault(field(), "unknown_assessment", "is no assessment of this course");
            None
        }
    }
}

fn student(cell: &NewCell, roster: &Roster, path: &str, checks: &mut Checks) -> Option<UserId> {
    let (name, id) = match (cell.student_id, &cell.student_number) {
        (Some(id), None) => ("student_id", Some(id)),
        (None, Some(number)) => ("student_number", roster.numbers.get(&clean(number)).copied()),
        _ => {
            let message = "give exactly one of student_id and student_number";
            checks.fault(format!("{path}student_id"), "exactly_one", message);
            return None;
        }
    };
    let standing = id.and_then(|id| roster.standings.get(&id).copied());
    let (code, message) = match standing {
        Some(Standing::Enrolled) => return id,
        Some(Standing::Left) => ("enrollment_inactive", "is not actively enrolled in this course any more"),
        Some(Standing::Stranger) => ("not_enrolled", "is not enrolled in this course"),
        None => ("unknown_student", "is no student of this institution"),
    };
    checks.fault(format!("{path}{name}"), code, message);
    None
}

/// Without a maximum only the form of a score is checked.
fn entry(entry: &Entry, max_score: Option<Decimal>, path: &str, checks: &mut Checks) -> Option<Change> {
    let field = |name: &str| format!("{path}{name}");
    let feedback = feedback(entry, &field("feedback"), checks);
    match (entry.score, entry.status, entry.clear) {
        (Some(score), None, false) => {
            let max_score = max_score.unwrap_or(HIGHEST_SCORE);
            Some(Change::Mark {
                score: Some(checks.decimal(&field("score"), score, Decimal::ZERO, max_score)),
                status: GradeStatus::Scored,
                feedback,
            })
        }
        (None, Some(GradeStatus::Scored), false) => {
            checks.fault(
                field("status"),
                "score_missing",
                "must be absent, excused or non_attendance; a mark is given as score",
            );
            None
        }
        (None, Some(status), false) => Some(Change::Mark {
            score: None,
            status,
            feedback,
        }),
        (None, None, true) => {
            if entry.feedback.is_some() {
                checks.fault(field("feedback"), "not_with_clear", "cannot be given for a cell that is cleared");
            }
            Some(Change::Clear)
        }
        _ => {
            checks.fault(field("score"), "exactly_one", "give exactly one of score, status and clear");
            None
        }
    }
}

fn feedback(entry: &Entry, field: &str, checks: &mut Checks) -> Feedback {
    match &entry.feedback {
        None => Feedback::Keep,
        Some(text) => Feedback::Set(checks.optional_prose(field, Some(text), FEEDBACK_LIMIT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn roster() -> Roster {
        let rule = |max_score: i64, is_active| Rule {
            max_score: Decimal::from(max_score),
            is_active,
        };
        Roster {
            assessments: HashMap::from([(AssessmentId(1), rule(60, true)), (AssessmentId(2), rule(100, false))]),
            standings: HashMap::from([
                (UserId(7), Standing::Enrolled),
                (UserId(8), Standing::Left),
                (UserId(9), Standing::Stranger),
            ]),
            numbers: HashMap::from([("0007".to_owned(), UserId(7))]),
        }
    }

    fn cell(assessment: i64, student: i64, entry: Entry) -> NewCell {
        NewCell {
            assessment_id: AssessmentId(assessment),
            student_id: Some(UserId(student)),
            student_number: None,
            entry,
        }
    }

    fn score(score: f64) -> Entry {
        Entry {
            score: Some(score),
            ..Entry::default()
        }
    }

    fn faults(cells: &[NewCell]) -> Vec<(String, &'static str)> {
        match check(cells, &roster(), |index| format!("cells[{index}].")) {
            Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
            other => panic!("expected faults, got {other:?}"),
        }
    }

    #[test]
    fn every_wrong_cell_is_named_with_its_index() {
        let status = |status| Entry {
            status: Some(status),
            ..Entry::default()
        };
        let both = Entry { clear: true, ..score(1.0) };
        let cells = [
            cell(1, 7, score(60.01)),
            cell(1, 7, score(-1.0)),
            cell(1, 7, score(1.005)),
            cell(2, 7, score(1.0)),
            cell(3, 7, score(1.0)),
            cell(1, 8, score(1.0)),
            cell(1, 9, score(1.0)),
            cell(1, 10, score(1.0)),
            cell(1, 7, Entry::default()),
            cell(1, 7, both),
            cell(1, 7, status(GradeStatus::Scored)),
        ];
        let found = faults(&cells);
        let expected = [
            ("cells[0].score", "out_of_range"),
            ("cells[1].score", "out_of_range"),
            ("cells[1].assessment_id", "duplicate_cell"),
            ("cells[2].score", "too_precise"),
            ("cells[2].assessment_id", "duplicate_cell"),
            ("cells[3].assessment_id", "assessment_inactive"),
            ("cells[4].assessment_id", "unknown_assessment"),
            ("cells[5].student_id", "enrollment_inactive"),
            ("cells[6].student_id", "not_enrolled"),
            ("cells[7].student_id", "unknown_student"),
            ("cells[8].score", "exactly_one"),
            ("cells[9].score", "exactly_one"),
            ("cells[10].status", "score_missing"),
        ];
        let found: Vec<_> = found.iter().map(|(field, code)| (field.as_str(), *code)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_student_is_named_by_id_or_by_number_and_not_by_both() {
        let mut by_number = cell(1, 7, score(1.0));
        by_number.student_id = None;
        by_number.student_number = Some(" 0007 ".to_owned());
        let checked = check(std::slice::from_ref(&by_number), &roster(), |_| String::new()).unwrap();
        assert_eq!(checked[0].place.student_id, UserId(7));
        let mut both = by_number.clone();
        both.student_id = Some(UserId(7));
        let mut neither = cell(1, 7, score(1.0));
        neither.student_id = None;
        let mut without_zeros = by_number;
        without_zeros.student_number = Some("7".to_owned());
        assert_eq!(
            faults(&[both, neither, without_zeros]),
            [
                ("cells[0].student_id".to_owned(), "exactly_one"),
                ("cells[1].student_id".to_owned(), "exactly_one"),
                ("cells[2].student_number".to_owned(), "unknown_student"),
            ]
        );
    }

    #[test]
    fn one_student_named_in_two_ways_is_one_cell() {
        let mut by_number = cell(1, 0, score(2.0));
        by_number.student_id = None;
        by_number.student_number = Some("0007".to_owned());
        assert_eq!(
            faults(&[cell(1, 7, score(1.0)), by_number]),
            [("cells[1].assessment_id".to_owned(), "duplicate_cell")]
        );
    }

    #[test]
    fn zero_and_the_maximum_are_marks() {
        let mut cells = [cell(1, 7, score(0.0)), cell(1, 7, score(60.0))];
        for each in cells.chunks_mut(1) {
            assert_eq!(check(each, &roster(), |_| String::new()).unwrap().len(), 1);
        }
    }

    #[test]
    fn a_cleared_cell_takes_no_feedback_and_words_have_a_limit() {
        let clear = Entry {
            clear: true,
            feedback: Some("well done".to_owned()),
            ..Entry::default()
        };
        let long = Entry {
            feedback: Some("x".repeat(FEEDBACK_LIMIT + 1)),
            ..score(1.0)
        };
        assert_eq!(faults(&[cell(1, 7, clear)]), [("cells[0].feedback".to_owned(), "not_with_clear")]);
        assert_eq!(faults(&[cell(1, 7, long)]), [("cells[0].feedback".to_owned(), "too_long")]);
    }
}
