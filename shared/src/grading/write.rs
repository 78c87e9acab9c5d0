//! Brings stored cells to what was asked: compares first and writes only what differs.
//!
//! The caller holds the lock on the course, so that nothing changes between the comparison and the writing.

use super::cells::{Cell, Change, Feedback, Place};
use super::feedback::WORDS;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{AssessmentId, CourseId, InstitutionId, UserId};
use crate::kinds::GradeStatus;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::{BTreeSet, HashMap};

/// What became of the cells of a request. The first four add up to their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Were empty.
    pub created: usize,
    /// Held something else.
    pub updated: usize,
    /// Held this already, or were to be cleared and were empty.
    pub unchanged: usize,
    /// Were emptied.
    pub cleared: usize,
    /// Students whose outcomes are computed anew.
    pub students_marked: usize,
}

/// The course whose cells are written, and who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book {
    pub(crate) institution_id: InstitutionId,
    pub(crate) course_id: CourseId,
    pub(crate) academic_year: i16,
    pub(crate) grader: UserId,
}

/// A cell with its content.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Mark {
    student_id: UserId,
    assessment_id: AssessmentId,
    status: GradeStatus,
    score: Option<Decimal>,
    feedback: Option<String>,
    /// Nobody wrote words: those of the range are to be found when the cell is written, see [`super::feedback`].
    feedback_by_range: bool,
}

/// What there is to write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) created: Vec<Mark>,
    pub(crate) updated: Vec<Mark>,
    cleared: Vec<Place>,
    unchanged: usize,
    /// Students whose scores change; words, and one kind of absence for another, move no result.
    moved: BTreeSet<UserId>,
}

/// Writes cells of one course, each place at most once. Returns the counts, and what was done.
///
/// # Errors
/// When the database refuses.
pub(super) async fn write(work: &Work, book: Book, cells: Vec<Cell>) -> Result<(Written, Plan)> {
    let stored = stored(work, book, cells.iter().map(|cell| cell.place)).await?;
    let plan = plan(cells, &stored);
    carry_out(work, book, &plan).await?;
    let written = Written {
        created: plan.created.len(),
        updated: plan.updated.len(),
        unchanged: plan.unchanged,
        cleared: plan.cleared.len(),
        students_marked: plan.moved.len(),
    };
    Ok((written, plan))
}

impl Plan {
    /// Students whose cells hold something new.
    pub(crate) fn posted(&self) -> Vec<UserId> {
        let students: BTreeSet<UserId> = self.created.iter().chain(&self.updated).map(|mark| mark.student_id).collect();
        students.into_iter().collect()
    }

    /// Students whose results have to be computed anew.
    pub(crate) fn moved(&self) -> Vec<UserId> {
        self.moved.iter().copied().collect()
    }

    /// Adds what another plan, for other places, has to write.
    pub(crate) fn add(&mut self, other: Self) {
        self.created.extend(other.created);
        self.updated.extend(other.updated);
        self.cleared.extend(other.cleared);
        self.unchanged += other.unchanged;
        self.moved.extend(other.moved);
    }
}

/// Writes a plan; the course is still locked as it was when the plan was made.
pub(crate) async fn carry_out(work: &Work, book: Book, plan: &Plan) -> Result<()> {
    clear(work, book, &plan.cleared).await?;
    update(work, book, &plan.updated).await?;
    insert(work, book, &plan.created).await
}

/// What is to be written so that the cells, each place at most once, hold what they shall.
pub(crate) fn plan(cells: Vec<Cell>, stored: &HashMap<Place, Mark>) -> Plan {
    let mut plan = Plan::default();
    for Cell { place, change } in cells {
        let old = stored.get(&place);
        let old_score = old.and_then(|mark| mark.score);
        match (change, old) {
            (Change::Clear, None) => plan.unchanged += 1,
            (Change::Clear, Some(_)) => {
                plan.cleared.push(place);
                if old_score.is_some() {
                    plan.moved.insert(place.student_id);
                }
            }
            (Change::Mark { score, status, feedback }, old) => {
                let (feedback, feedback_by_range) = words(feedback, old);
                let mark = Mark {
                    student_id: place.student_id,
                    assessment_id: place.assessment_id,
                    status,
                    score,
                    feedback,
                    feedback_by_range,
                };
                if score != old_score {
                    plan.moved.insert(place.student_id);
                }
                match old {
                    None => plan.created.push(mark),
                    Some(old) if *old == mark => plan.unchanged += 1,
                    Some(_) => plan.updated.push(mark),
                }
            }
        }
    }
    plan
}

/// The words of a cell, and whether they are the range's. Those that come back as they were read stay what they are.
fn words(asked: Feedback, old: Option<&Mark>) -> (Option<String>, bool) {
    match (asked, old) {
        (Feedback::Keep, None) => (None, true),
        (Feedback::Keep, Some(old)) => (old.feedback.clone(), old.feedback_by_range),
        (Feedback::Set(Some(text)), Some(old)) if old.feedback_by_range && old.feedback.as_ref() == Some(&text) => (Some(text), true),
        (Feedback::Set(text), _) => (text, false),
    }
}

/// What places hold; those that are not graded yet are not among them.
pub(crate) async fn stored(work: &Work, book: Book, asked: impl Iterator<Item = Place>) -> Result<HashMap<Place, Mark>> {
    let select = "
        SELECT g.student_id, g.assessment_id, g.status, g.score, g.feedback, g.feedback_by_range
        FROM unnest($1::bigint[], $2::bigint[]) AS t (student_id, assessment_id)
        JOIN grades g ON g.student_id = t.student_id AND g.assessment_id = t.assessment_id AND g.academic_year = $3";
    let [students, assessments] = places(asked);
    let statement = sql(select, [students, assessments, book.academic_year.into()]);
    let marks = Mark::find_by_statement(statement).all(work.tx()).await?;
    Ok(marks.into_iter().map(|mark| (mark.place(), mark)).collect())
}

/// The words of a written cell: those of the range where nobody wrote any.
fn written_words() -> String {
    format!("CASE WHEN NOT t.by_range THEN NULLIF(t.feedback, '') WHEN t.status = 'scored' THEN {WORDS} END")
}

async fn insert(work: &Work, book: Book, marks: &[Mark]) -> Result<()> {
    let insert = format!(
        "INSERT INTO grades (institution_id, academic_year, course_id, graded_by, student_id, assessment_id, status, score,
            feedback, feedback_by_range)
        SELECT $7, $8, $9, $10, t.student_id, t.assessment_id, t.status, CASE t.status WHEN 'scored' THEN t.score END, {}, t.by_range
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::text[], $6::boolean[])
            AS t (student_id, assessment_id, status, score, feedback, by_range)
        JOIN assessments a ON a.id = t.assessment_id",
        written_words()
    );
    let of_book = [
        book.institution_id.into(),
        book.academic_year.into(),
        book.course_id.into(),
        book.grader.into(),
    ];
    run(work, &insert, columns(marks).into_iter().chain(of_book), marks.len()).await
}

async fn update(work: &Work, book: Book, marks: &[Mark]) -> Result<()> {
    let update = format!(
        "UPDATE grades g SET status = t.status, score = CASE t.status WHEN 'scored' THEN t.score END, feedback = {},
            feedback_by_range = t.by_range, graded_by = $8, graded_at = now()
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::numeric[], $5::text[], $6::boolean[])
            AS t (student_id, assessment_id, status, score, feedback, by_range)
        JOIN assessments a ON a.id = t.assessment_id
        WHERE g.student_id = t.student_id AND g.assessment_id = t.assessment_id AND g.academic_year = $7",
        written_words()
    );
    let of_book = [book.academic_year.into(), book.grader.into()];
    run(work, &update, columns(marks).into_iter().chain(of_book), marks.len()).await
}

async fn clear(work: &Work, book: Book, cleared: &[Place]) -> Result<()> {
    let delete = "
        DELETE FROM grades g USING unnest($1::bigint[], $2::bigint[]) AS t (student_id, assessment_id)
        WHERE g.student_id = t.student_id AND g.assessment_id = t.assessment_id AND g.academic_year = $3";
    let [students, assessments] = places(cleared.iter().copied());
    run(work, delete, [students, assessments, book.academic_year.into()], cleared.len()).await
}

/// Runs a statement that must touch exactly so many rows.
async fn run(work: &Work, statement: &str, values: impl IntoIterator<Item = Value>, rows: usize) -> Result<()> {
    if rows == 0 {
        return Ok(());
    }
    let touched = work.tx().execute_raw(sql(statement, values)).await?.rows_affected();
    if touched == rows as u64 {
        Ok(())
    } else {
        Err(Error::internal(format!("{touched} cells were written instead of {rows}")))
    }
}

impl Mark {
    fn place(&self) -> Place {
        Place {
            student_id: self.student_id,
            assessment_id: self.assessment_id,
        }
    }
}

fn places(places: impl Iterator<Item = Place>) -> [Value; 2] {
    let (students, assessments): (Vec<i64>, Vec<i64>) = places.map(|place| (place.student_id.0, place.assessment_id.0)).unzip();
    [students.into(), assessments.into()]
}

/// Arrays of the driver hold no nulls: a score counts only where the status says so, and empty feedback is none.
fn columns(marks: &[Mark]) -> [Value; 6] {
    let [students, assessments] = places(marks.iter().map(Mark::place));
    let statuses: Vec<String> = marks.iter().map(|mark| mark.status.to_string()).collect();
    let scores: Vec<Decimal> = marks.iter().map(|mark| mark.score.unwrap_or_default()).collect();
    let feedback: Vec<String> = marks.iter().map(|mark| mark.feedback.clone().unwrap_or_default()).collect();
    let by_range: Vec<bool> = marks.iter().map(|mark| mark.feedback_by_range).collect();
    [
        students,
        assessments,
        statuses.into(),
        scores.into(),
        feedback.into(),
        by_range.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(student: i64, score: Option<i64>, status: GradeStatus, feedback: Option<&str>) -> Mark {
        Mark {
            student_id: UserId(student),
            assessment_id: AssessmentId(1),
            status,
            score: score.map(Decimal::from),
            feedback: feedback.map(str::to_owned),
            feedback_by_range: false,
        }
    }

    fn asked(mark: &Mark, feedback: Feedback) -> Cell {
        Cell {
            place: mark.place(),
            change: Change::Mark {
                score: mark.score,
                status: mark.status,
                feedback,
            },
        }
    }

    fn planned(old: Option<&Mark>, cell: Cell) -> Plan {
        plan(vec![cell], &old.map(|mark| (mark.place(), mark.clone())).into_iter().collect())
    }

    #[test]
    fn an_equal_mark_is_left_alone_whatever_its_spelling() {
        let old = Mark {
            score: Some("50.00".parse().unwrap()),
            ..mark(1, None, GradeStatus::Scored, Some("good"))
        };
        let new = mark(1, Some(50), GradeStatus::Scored, None);
        let plan = planned(Some(&old), asked(&new, Feedback::Keep));
        assert_eq!((plan.unchanged, plan.updated.len(), plan.moved.len()), (1, 0, 0));
    }

    #[test]
    fn words_alone_are_an_update_that_moves_no_result() {
        let old = mark(1, Some(50), GradeStatus::Scored, Some("good"));
        let plan = planned(Some(&old), asked(&old, Feedback::Set(None)));
        assert_eq!(plan.updated, [mark(1, Some(50), GradeStatus::Scored, None)]);
        assert!(plan.moved.is_empty());
    }

    #[test]
    fn a_new_mark_keeps_the_words_that_are_there() {
        let old = mark(1, Some(50), GradeStatus::Scored, Some("good"));
        let plan = planned(Some(&old), asked(&mark(1, Some(60), GradeStatus::Scored, None), Feedback::Keep));
        assert_eq!(plan.updated, [mark(1, Some(60), GradeStatus::Scored, Some("good"))]);
        assert_eq!(plan.moved, BTreeSet::from([UserId(1)]));
    }

    #[test]
    fn words_of_a_range_stay_until_a_person_writes_others() {
        let by_range = Mark {
            feedback_by_range: true,
            ..mark(1, Some(50), GradeStatus::Scored, Some("good"))
        };
        let set = |text: &str| Feedback::Set(Some(text.to_owned()));
        let written = |asked| words(asked, Some(&by_range));
        assert_eq!(written(Feedback::Keep), (Some("good".to_owned()), true));
        assert_eq!(written(set("good")), (Some("good".to_owned()), true), "sent back as it was read");
        assert_eq!(written(set("very good")), (Some("very good".to_owned()), false));
        assert_eq!(written(Feedback::Set(None)), (None, false));
        let taken_away = mark(1, Some(50), GradeStatus::Scored, None);
        assert_eq!(words(Feedback::Keep, Some(&taken_away)), (None, false));
        assert_eq!(words(Feedback::Keep, None), (None, true));
        assert_eq!(words(set("good"), None), (Some("good".to_owned()), false));
    }

    #[test]
    fn only_a_score_that_comes_goes_or_changes_moves_results() {
        let absent = mark(1, None, GradeStatus::Absent, None);
        let excused = mark(1, None, GradeStatus::Excused, None);
        let zero = mark(1, Some(0), GradeStatus::Scored, None);
        let clear = Cell {
            place: absent.place(),
            change: Change::Clear,
        };
        assert!(planned(None, asked(&absent, Feedback::Keep)).moved.is_empty());
        assert!(planned(Some(&absent), asked(&excused, Feedback::Keep)).moved.is_empty());
        assert!(planned(Some(&absent), clear.clone()).moved.is_empty());
        assert_eq!(planned(None, clear.clone()).unchanged, 1);
        assert!(!planned(None, asked(&zero, Feedback::Keep)).moved.is_empty());
        assert!(!planned(Some(&zero), asked(&absent, Feedback::Keep)).moved.is_empty());
        assert!(!planned(Some(&zero), clear).moved.is_empty());
    }
}
