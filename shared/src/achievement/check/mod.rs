//! Holds what is stored against what the rules say: an independent second computation, for a sample of students.
//!
//! [`super::compute`] computes in SQL; here plain rows are read ([`facts`]) and [`super::rules`] compute from them
//! ([`expected`]), so that a fault of either shows, and so does a change that forgot to mark its students. It only reads;
//! what to do about a difference is the caller's affair.

mod expected;
mod facts;

use crate::db::{Database, sql};
use crate::error::Result;
use crate::ids::{InstitutionId, LearningOutcomeId, ProgramOutcomeId, UserId};
use facts::{Facts, StudentFacts};
use rust_decimal::Decimal;
use sea_orm::{AccessMode, ConnectionTrait, DbErr, IsolationLevel, TransactionTrait};
use std::collections::BTreeMap;

/// Which outcome of a student.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Of a course that the student takes.
    Learning(LearningOutcomeId),
    /// Of the student's program.
    Program(ProgramOutcomeId),
}

/// How far an outcome is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// 0 to 100, two decimal places; `None`: not assessed.
    pub percentage: Option<Decimal>,
    /// Whether the target is reached; `None`: not assessed.
    pub met: Option<bool>,
    /// How many of `total` have a value.
    pub graded: i32,
    /// Assessments of a learning outcome; learning outcomes of a program outcome.
    pub total: i32,
}

/// A student's outcomes.
type Standings = BTreeMap<Outcome, Standing>;

/// An outcome of which something else is stored than the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The student's institution.
    pub institution_id: InstitutionId,
    /// The student.
    pub student_id: UserId,
    /// The outcome.
    pub outcome: Outcome,
    /// What is stored; `None`: nothing.
    pub stored: Option<Standing>,
    /// What should be; `None`: nothing.
    pub computed: Option<Standing>,
}

/// What a check has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Students whose results were compared.
    pub students: usize,
    /// Outcomes of theirs that were compared.
    pub outcomes: usize,
    /// Where the two differ, by student and outcome.
    pub differences: Vec<Difference>,
}

/// Up to `count` students, chosen by `seed`: another seed, another choice.
///
/// # Errors
/// When the database refuses.
pub async fn sample(db: &impl ConnectionTrait, seed: i64, count: u64) -> Result<Vec<UserId>> {
    let select = "SELECT id FROM users WHERE role = 'student' ORDER BY hashint8extended(id, $1), id LIMIT $2";
    let values = [seed.into(), i64::try_from(count).unwrap_or(i64::MAX).into()];
    let rows = db.query_all_raw(sql(select, values)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, DbErr>>()?)
}

/// Compares what is stored of the given students, a few hundred at most, with what the rules say, in one snapshot. Students
/// with a change that still waits are passed over, and so are those of institutions that are being deleted.
///
/// # Errors
/// When the database refuses.
pub async fn check(database: &Database, students: &[UserId]) -> Result<Checked> {
    let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
    let tx = database.orm().begin_with_config(Some(isolation), Some(access)).await?;
    let facts = Facts::read(&tx, students).await?;
    tx.commit().await?;
    let mut checked = Checked::default();
    for student in facts.students() {
        let computed = expected::standings(&facts, student);
        checked.compare(student, facts.stored(student.id), &computed);
    }
    Ok(checked)
}

impl Checked {
    /// Adds what another check has found.
    pub fn add(&mut self, other: Self) {
        self.students += other.students;
        self.outcomes += other.outcomes;
        self.differences.extend(other.differences);
    }

    fn compare(&mut self, student: &StudentFacts, stored: &Standings, computed: &Standings) {
        self.students += 1;
        // A student who was never computed, because nothing has happened, has nothing to be computed either.
        if stored.is_empty() && computed.values().all(|standing| standing.percentage.is_none()) {
            return;
        }
        let outcomes: std::collections::BTreeSet<Outcome> = stored.keys().chain(computed.keys()).copied().collect();
        self.outcomes += outcomes.len();
        for outcome in outcomes {
            let (stored, computed) = (stored.get(&outcome).copied(), computed.get(&outcome).copied());
            if stored != computed {
                self.differences.push(Difference {
                    institution_id: student.institution_id,
                    student_id: student.id,
                    outcome,
                    stored,
                    computed,
                });
            }
        }
    }
}
