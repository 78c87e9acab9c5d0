//! Applies one batch of checked student rows to the database, set-based: a constant number of statements however many
//! rows there are.
//!
//! A row ends as exactly one of created, updated, unchanged, rejected. Whether the transaction is kept is the caller's
//! affair, so a dry run takes the very same path.

mod decide;
mod lookup;
mod write;

use crate::achievement::mark;
use crate::db::Work;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::imports::{RowError, StudentRow};
use crate::jobs::{Job, Order, enqueue_many};
use crate::kinds::OnExisting;
use decide::{Decision, decide};
use lookup::Known;
use std::time::Duration;

/// Rounds until rows that somebody else is creating at the same time must have shown themselves.
const ROUNDS: usize = 5;

/// What holds for all rows of an import.
#[derive(Clone, Debug)]
pub struct StudentBatch {
    /// Whose students they are.
    pub institution_id: InstitutionId,
    /// Who imports them.
    pub created_by: Option<UserId>,
    /// What to do with students that exist.
    pub on_existing: OnExisting,
    /// Whether new students get a welcome mail.
    pub send_welcome: bool,
    /// Life of their temporary passwords.
    pub credential_life: Duration,
}

/// How the rows of a batch ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// New students.
    pub created: u64,
    /// Students brought up to date.
    pub updated: u64,
    /// Students that were as the file says, or are to be left alone.
    pub unchanged: u64,
    /// Rows that were refused.
    pub rejected: u64,
    /// Why.
    pub errors: Vec<RowError>,
}

impl StudentBatch {
    /// Applies rows, each with its record number.
    ///
    /// # Errors
    /// When the database refuses; then nothing may be kept.
    pub async fn apply(&self, work: &mut Work, rows: &[(u64, StudentRow)]) -> Result<Applied> {
        let mut applied = Applied::default();
        let mut waiting: Vec<&(u64, StudentRow)> = rows.iter().collect();
        let mut created = Vec::new();
        for _ in 0..ROUNDS {
            if waiting.is_empty() {
                break;
            }
            let known = Known::load(work.tx(), self.institution_id, &waiting).await?;
            waiting = self.round(work, &known, waiting, &mut applied, &mut created).await?;
        }
        if !waiting.is_empty() {
            return Err(Error::internal(format!(
                "{} students kept being created and removed by others",
                waiting.len()
            )));
        }
        if self.send_welcome {
            let jobs: Vec<Job> = created.into_iter().map(|user_id| Job::WelcomeEmail { user_id }).collect();
            enqueue_many(
                work,
                &jobs,
                Order {
                    institution_id: Some(self.institution_id),
                    created_by: self.created_by,
                },
            )
            .await?;
        }
        Ok(applied)
    }

    /// Returns the rows that somebody else created between our look and our insert.
    async fn round<'a>(
        &self,
        work: &mut Work,
        known: &Known,
        rows: Vec<&'a (u64, StudentRow)>,
        applied: &mut Applied,
        created: &mut Vec<UserId>,
    ) -> Result<Vec<&'a (u64, StudentRow)>> {
        let (mut inserts, mut updates, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for entry in rows {
            let (record, row) = entry;
            match decide(self, known, *record, row) {
                Decision::Create(student) => inserts.push((entry, student)),
                Decision::Update { id, student, moves } => {
                    moved.extend(moves.then_some(id));
                    updates.push((id, student));
                }
                Decision::Unchanged => applied.unchanged += 1,
                Decision::Reject(errors) => {
                    applied.rejected += 1;
                    applied.errors.extend(errors);
                }
            }
        }
        write::update(work.tx(), &updates).await?;
        applied.updated += updates.len() as u64;
        mark::students(work, self.institution_id, &moved).await?;
        let students: Vec<_> = inserts.iter().map(|(_, student)| student).collect();
        let inserted = write::insert(work.tx(), self, &students).await?;
        applied.created += inserted.len() as u64;
        let missed = inserts
            .iter()
            .filter(|(_, student)| !inserted.contains_key(&student.student_number))
            .map(|(entry, _)| *entry)
            .collect();
        created.extend(inserted.into_values());
        Ok(missed)
    }
}
