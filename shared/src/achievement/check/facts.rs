//! The rows that a check needs, read as they are: no arithmetic, no aggregate, nothing of the statement that computes.

use super::{Outcome, Standing, Standings};
use crate::db::sql;
use crate::error::Result;
use crate::ids::{AssessmentId, InstitutionId, LearningOutcomeId, ProgramId, ProgramOutcomeId, UserId};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::BTreeMap;

/// A student to check.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct StudentFacts {
    pub(super) id: UserId,
    pub(super) institution_id: InstitutionId,
    pub(super) program_id: Option<ProgramId>,
}

/// A learning outcome that a student is to reach.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Taken {
    student_id: UserId,
    pub(super) learning_outcome_id: LearningOutcomeId,
    pub(super) target_percentage: Decimal,
}

/// An assessment that measures a learning outcome.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Item {
    learning_outcome_id: LearningOutcomeId,
    pub(super) assessment_id: AssessmentId,
    pub(super) weight: Decimal,
    pub(super) max_score: Decimal,
}

/// A learning outcome that serves a program outcome.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Service {
    learning_outcome_id: LearningOutcomeId,
    pub(super) program_outcome_id: ProgramOutcomeId,
    pub(super) weight: Decimal,
}

/// A program outcome that a student is to reach.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Promise {
    program_id: ProgramId,
    pub(super) program_outcome_id: ProgramOutcomeId,
    pub(super) target_percentage: Decimal,
}

#[derive(FromQueryResult)]
struct Mark {
    student_id: UserId,
    assessment_id: AssessmentId,
    score: Decimal,
}

#[derive(FromQueryResult)]
struct Stored {
    student_id: UserId,
    learning_outcome_id: Option<LearningOutcomeId>,
    program_outcome_id: Option<ProgramOutcomeId>,
    percentage: Option<Decimal>,
    is_met: Option<bool>,
    graded_count: i32,
    total_count: i32,
}

const STUDENTS: &str = "
    SELECT u.id, u.institution_id, u.program_id
    FROM users u JOIN institutions i ON i.id = u.institution_id
    WHERE u.id = ANY($1) AND u.role = 'student' AND i.deletion_requested_at IS NULL
      AND NOT EXISTS (SELECT FROM achievement_marks m WHERE m.student_id = u.id)
    ORDER BY u.id";

const TAKEN: &str = "
    SELECT e.student_id, o.id AS learning_outcome_id, o.target_percentage
    FROM enrollments e
    JOIN courses c ON c.id = e.course_id
    JOIN learning_outcomes o ON o.course_id = c.id
    WHERE e.student_id = ANY($1) AND e.is_active AND c.is_active AND o.is_active";

const ITEMS: &str = "
    SELECT m.learning_outcome_id, m.assessment_id, m.weight, a.max_score
    FROM assessment_lo m JOIN assessments a ON a.id = m.assessment_id
    WHERE m.learning_outcome_id = ANY($1) AND a.is_active";

const MARKS: &str = "SELECT student_id, assessment_id, score FROM grades WHERE student_id = ANY($1) AND score IS NOT NULL";

const SERVICES: &str = "SELECT learning_outcome_id, program_outcome_id, weight FROM lo_po WHERE learning_outcome_id = ANY($1)";

const PROMISES: &str = "
    SELECT program_id, id AS program_outcome_id, target_percentage FROM program_outcomes WHERE program_id = ANY($1) AND is_active";

const STORED: &str = "
    SELECT student_id, learning_outcome_id, NULL::bigint AS program_outcome_id, percentage, is_met, graded_count, total_count
    FROM student_lo_achievements WHERE student_id = ANY($1)
    UNION ALL
    SELECT student_id, NULL, program_outcome_id, percentage, is_met, graded_count, total_count
    FROM student_po_achievements WHERE student_id = ANY($1)";

/// What is known of some students, by what it belongs to.
#[derive(Debug)]
pub(super) struct Facts {
    students: Vec<StudentFacts>,
    taken: BTreeMap<UserId, Vec<Taken>>,
    items: BTreeMap<LearningOutcomeId, Vec<Item>>,
    marks: BTreeMap<(UserId, AssessmentId), Decimal>,
    services: BTreeMap<LearningOutcomeId, Vec<Service>>,
    promises: BTreeMap<ProgramId, Vec<Promise>>,
    stored: BTreeMap<UserId, Standings>,
    nothing: Standings,
}

impl Facts {
    /// Reads in the snapshot of `tx`. Seven statements, however many students.
    pub(super) async fn read(tx: &impl ConnectionTrait, ids: &[UserId]) -> Result<Self> {
        let students: Vec<StudentFacts> = rows(tx, STUDENTS, ids.iter().map(|id| id.0)).await?;
        let of_students = || students.iter().map(|student| student.id.0);
        let taken: Vec<Taken> = rows(tx, TAKEN, of_students()).await?;
        let of_outcomes = || taken.iter().map(|taken| taken.learning_outcome_id.0);
        let items: Vec<Item> = rows(tx, ITEMS, of_outcomes()).await?;
        let marks: Vec<Mark> = rows(tx, MARKS, of_students()).await?;
        let services: Vec<Service> = rows(tx, SERVICES, of_outcomes()).await?;
        let of_programs = students.iter().filter_map(|student| student.program_id).map(|id| id.0);
        let promises: Vec<Promise> = rows(tx, PROMISES, of_programs).await?;
        let stored: Vec<Stored> = rows(tx, STORED, of_students()).await?;
        Ok(Self {
            taken: grouped(taken, |taken| taken.student_id),
            items: grouped(items, |item| item.learning_outcome_id),
            marks: marks
                .into_iter()
                .map(|mark| ((mark.student_id, mark.assessment_id), mark.score))
                .collect(),
            services: grouped(services, |service| service.learning_outcome_id),
            promises: grouped(promises, |promise| promise.program_id),
            stored: standings(stored),
            students,
            nothing: Standings::new(),
        })
    }

    pub(super) fn students(&self) -> &[StudentFacts] {
        &self.students
    }

    pub(super) fn taken(&self, student: UserId) -> &[Taken] {
        self.taken.get(&student).map_or(&[], Vec::as_slice)
    }

    pub(super) fn items(&self, outcome: LearningOutcomeId) -> &[Item] {
        self.items.get(&outcome).map_or(&[], Vec::as_slice)
    }

    pub(super) fn score(&self, student: UserId, assessment: AssessmentId) -> Option<Decimal> {
        self.marks.get(&(student, assessment)).copied()
    }

    pub(super) fn services(&self, outcome: LearningOutcomeId) -> &[Service] {
        self.services.get(&outcome).map_or(&[], Vec::as_slice)
    }

    pub(super) fn promises(&self, program: Option<ProgramId>) -> &[Promise] {
        program.and_then(|program| self.promises.get(&program)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn stored(&self, student: UserId) -> &Standings {
        self.stored.get(&student).unwrap_or(&self.nothing)
    }
}

/// The rows of a statement about ids, each named once.
async fn rows<T: FromQueryResult>(tx: &impl ConnectionTrait, select: &str, ids: impl Iterator<Item = i64>) -> Result<Vec<T>> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(T::find_by_statement(sql(select, [Value::from(ids)])).all(tx).await?)
}

fn grouped<K: Ord, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> BTreeMap<K, Vec<T>> {
    let mut groups: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

fn standings(rows: Vec<Stored>) -> BTreeMap<UserId, Standings> {
    let mut all: BTreeMap<UserId, Standings> = BTreeMap::new();
    for row in rows {
        let learning = row.learning_outcome_id.map(Outcome::Learning);
        let Some(outcome) = learning.or(row.program_outcome_id.map(Outcome::Program)) else {
            continue;
        };
        let standing = Standing {
            percentage: row.percentage,
            met: row.is_met,
            graded: row.graded_count,
            total: row.total_count,
        };
        all.entry(row.student_id).or_default().insert(outcome, standing);
    }
    all
}
