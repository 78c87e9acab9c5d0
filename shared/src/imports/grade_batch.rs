//! Applies one batch of checked records of grades to a course, set-based: a constant number of statements however many cells
//! there are.
//!
//! A record is applied whole or not at all: one wrong cell rejects it. It counts as updated when it changes a mark that was
//! there, as created when it only fills cells that were empty, and as unchanged otherwise. A cell that holds already what the
//! record says is accepted whatever else would forbid it, so that a file that was exported can always be imported again.
//! Whether the transaction is kept is the caller's affair, so a dry run takes the very same path.

use super::grade_columns::{Catalogue, STUDENT_NUMBER};
use super::student_batch::Applied;
use super::{GradeCell, GradeFault, GradeRow, Mark, RowError};
use crate::achievement::mark;
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::Result;
use crate::grading::bulk::{open_book, roster};
use crate::grading::cells::{Cell, Change, Feedback, Place, Roster, Standing};
use crate::grading::write::{self, Plan, carry_out, plan, stored};
use crate::ids::{AssessmentId, CourseId, InstitutionId, UserId};
use crate::kinds::{GradeStatus, Role};
use crate::mail::notices;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

/// A record and its number.
type Entry = (u64, GradeRow);

/// What holds for all records of an import.
#[derive(Clone, Debug)]
pub struct GradeBatch {
    /// Who imports them.
    pub actor: Actor,
    /// The course whose grades they are.
    pub course_id: CourseId,
}

/// What the database knows about the records of a batch.
struct Known {
    roster: Roster,
    stored: HashMap<Place, write::Mark>,
}

impl GradeBatch {
    /// The batch rules of an import by a user as it is now; `None` when there is no such user any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn by_user(
        db: &impl ConnectionTrait,
        user_id: Option<UserId>,
        institution_id: InstitutionId,
        course_id: CourseId,
    ) -> Result<Option<Self>> {
        #[derive(FromQueryResult)]
        struct User {
            id: UserId,
            role: Role,
        }
        let select = "SELECT id, role FROM users WHERE id = $1 AND institution_id = $2 AND is_active";
        let user = User::find_by_statement(sql(select, [user_id.into(), institution_id.into()]));
        let batch = |user: User| Self {
            actor: Actor {
                user_id: user.id,
                role: user.role,
                institution_id: Some(institution_id),
            },
            course_id,
        };
        Ok(user.one(db).await?.map(batch))
    }

    /// The names that a file can use for the course's assessments.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn catalogue(&self, db: &impl ConnectionTrait) -> Result<Catalogue> {
        let select = "SELECT id, title FROM assessments WHERE course_id = $1 AND institution_id = $2";
        let rows = db
            .query_all_raw(sql(select, [self.course_id.into(), self.actor.institution_id.into()]))
            .await?;
        let names = rows
            .iter()
            .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "title")?)))
            .collect::<Result<Vec<(AssessmentId, String)>>>()?;
        Ok(Catalogue::new(names))
    }

    /// Applies records, each with its number. No two of them name the same cell, as [`GradeFile`](super::GradeFile) sees to.
    ///
    /// # Errors
    /// `Forbidden` and `NotFound` when the importer may not grade the course any more, and when the database refuses; then nothing
    /// may be kept.
    pub async fn apply(&self, work: &mut Work, rows: &[(u64, GradeRow)]) -> Result<Applied> {
        let book = open_book(work, &self.actor, self.course_id).await?;
        let numbers = rows.iter().map(|(_, row)| row.student_number.clone()).collect();
        let roster = roster(work, book, Vec::new(), numbers).await?;
        let places = rows.iter().flat_map(|(_, row)| places(&roster, row));
        let stored = stored(work, book, places).await?;
        let known = Known { roster, stored };
        let (mut applied, mut whole) = (Applied::default(), Plan::default());
        for entry in rows {
            match decide(&known, entry) {
                Err(errors) => {
                    applied.rejected += 1;
                    applied.errors.extend(errors);
                }
                Ok(plan) => {
                    match (plan.updated.is_empty(), plan.created.is_empty()) {
                        (false, _) => applied.updated += 1,
                        (true, false) => applied.created += 1,
                        (true, true) => applied.unchanged += 1,
                    }
                    whole.add(plan);
                }
            }
        }
        carry_out(work, book, &whole).await?;
        mark::students(work, book.institution_id, &whole.moved()).await?;
        notices::grades_posted(work, book.institution_id, self.course_id, &whole.posted()).await?;
        Ok(applied)
    }
}

/// The places of a record's cells; none when nobody has the student's number.
fn places<'a>(roster: &Roster, row: &'a GradeRow) -> impl Iterator<Item = Place> + use<'a> {
    let student_id = roster.numbers.get(&row.student_number).copied();
    row.cells.iter().filter_map(move |cell| {
        Some(Place {
            student_id: student_id?,
            assessment_id: cell.assessment_id,
        })
    })
}

/// What there is to write for a record, or all that is wrong with it.
fn decide(known: &Known, (record, row): &Entry) -> Result<Plan, Vec<RowError>> {
    let of_student = |fault: GradeFault| RowError::new(*record, Some(STUDENT_NUMBER), &row.student_number, fault.into());
    let Some(student_id) = known.roster.numbers.get(&row.student_number).copied() else {
        return Err(vec![of_student(GradeFault::UnknownStudent)]);
    };
    let has_left = match known.roster.standings.get(&student_id) {
        Some(Standing::Enrolled) => false,
        Some(Standing::Left) => true,
        Some(Standing::Stranger) | None => return Err(vec![of_student(GradeFault::NotEnrolled)]),
    };
    let (mut whole, mut errors) = (Plan::default(), Vec::new());
    let mut leaves_marks_alone = true;
    for cell in &row.cells {
        let plan = plan(vec![cell.wanted(student_id)], &known.stored);
        if plan.created.is_empty() && plan.updated.is_empty() {
            continue;
        }
        leaves_marks_alone = false;
        match cell.fault(&known.roster) {
            Some(fault) => errors.push(RowError::in_column(*record, &cell.column, &cell.value, fault.into())),
            None => whole.add(plan),
        }
    }
    if has_left && !leaves_marks_alone {
        errors.insert(0, of_student(GradeFault::EnrollmentInactive));
    }
    if errors.is_empty() { Ok(whole) } else { Err(errors) }
}

impl GradeCell {
    fn wanted(&self, student_id: UserId) -> Cell {
        let (score, status) = match self.mark {
            Mark::Score(score) => (Some(score), GradeStatus::Scored),
            Mark::Without(status) => (None, status),
        };
        Cell {
            place: Place {
                student_id,
                assessment_id: self.assessment_id,
            },
            change: Change::Mark {
                score,
                status,
                feedback: self.feedback.clone().map_or(Feedback::Keep, |words| Feedback::Set(Some(words))),
            },
        }
    }

    /// Why the cell cannot be changed to this.
    fn fault(&self, roster: &Roster) -> Option<GradeFault> {
        match (roster.assessments.get(&self.assessment_id), self.mark) {
            (None, _) => Some(GradeFault::UnknownAssessment),
            (Some(rule), _) if !rule.is_active => Some(GradeFault::AssessmentInactive),
            (Some(rule), Mark::Score(score)) if score > rule.max_score => Some(GradeFault::OutOfRange { max: rule.max_score }),
            (Some(_), _) => None,
        }
    }
}
