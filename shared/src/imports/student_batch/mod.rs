//! Applies one batch of checked student rows to the database, set-based: a constant number of statements however many
//! rows there are.
//!
//! A row ends as exactly one of created, updated, unchanged, rejected. Whether the transaction is kept is the caller's
//! affair, so a dry run takes the very same path.
//!
//! Rows are judged by what is stored when their batch begins: an address that one row of a batch gives up is still in use
//! for the others, and free for later batches if this one is kept.

mod decide;
mod lookup;
mod write;

use crate::achievement::mark;
use crate::db::Work;
use crate::error::{Error, Result, constraint};
use crate::ids::{InstitutionId, UserId};
use crate::imports::{RowError, StudentRow};
use crate::jobs::{Job, Order, enqueue_many};
use crate::kinds::OnExisting;
use decide::{Change, Decision, Student, decide};
use lookup::Known;
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, TransactionTrait};
use std::time::Duration;

/// Looks at the database until rows that others write at the same time must have shown themselves.
const ROUNDS: usize = 5;

/// Constraints that a write violates when somebody else was faster: took the address, or changed department or program.
const RACES: [&str; 3] = ["users_email_key", "users_department_fkey", "users_program_fkey"];

/// SQLSTATE `deadlock_detected`.
const DEADLOCK: &str = "40P01";

/// What holds for all rows of an import.
#[derive(Clone, Debug)]
pub struct StudentBatch {
    /// Whose students they are.
    pub institution_id: InstitutionId,
    /// Who imports them.
    pub created_by: Option<UserId>,
    /// What to do with students that exist.
    pub on_existing: OnExisting,
    /// Whether new students get a welcome mail, and with them those whose address changes before they chose a password.
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

/// A row and the number of its record.
type Entry = (u64, StudentRow);

/// What came of one look at the database and one write.
#[derive(Debug, Default)]
struct Round<'a> {
    applied: Applied,
    created: Vec<UserId>,
    moved: Vec<UserId>,
    readdressed: Vec<UserId>,
    /// Rows that somebody else created between the look and the write.
    missed: Vec<&'a Entry>,
}

impl StudentBatch {
    /// Applies rows, each with its record number. No two of them share a student number or an address, as
    /// [`StudentFile`](crate::imports::StudentFile) sees to.
    ///
    /// A student whose address changes before it has chosen a password gets a new temporary one, as when an administrator
    /// changes the address: the welcome mail went to somebody else.
    ///
    /// # Errors
    /// When the database refuses; then nothing may be kept.
    pub async fn apply(&self, work: &mut Work, rows: &[(u64, StudentRow)]) -> Result<Applied> {
        let mut total = Round {
            missed: rows.iter().collect(),
            ..Round::default()
        };
        let mut rounds = 0;
        while !total.missed.is_empty() {
            rounds += 1;
            let savepoint = work.tx().begin().await?;
            match self.round(&savepoint, &total.missed).await {
                Ok(round) => {
                    savepoint.commit().await?;
                    total.add(round);
                }
                Err(error) if rounds < ROUNDS && is_race(&error) => savepoint.rollback().await?,
                Err(error) => return Err(error.into()),
            }
            if rounds == ROUNDS && !total.missed.is_empty() {
                let missed = total.missed.len();
                return Err(Error::internal(format!(
                    "{missed} students kept being created and removed by others"
                )));
            }
        }
        mark::students(work, self.institution_id, &total.moved).await?;
        if self.send_welcome {
            self.welcome(work, total.created.iter().chain(&total.readdressed)).await?;
        }
        Ok(total.applied)
    }

    async fn round<'a>(&self, tx: &impl ConnectionTrait, rows: &[&'a Entry]) -> Result<Round<'a>, DbErr> {
        let known = Known::load(tx, self, rows).await?;
        let mut round = Round::default();
        let (mut inserts, mut changes) = (Vec::new(), Vec::new());
        for entry in rows {
            let (record, row) = entry;
            match decide(self, &known, *record, row) {
                Decision::Create(student) => inserts.push((*entry, student)),
                Decision::Update(change) => changes.push(change),
                Decision::Unchanged => round.applied.unchanged += 1,
                Decision::Reject(errors) => {
                    round.applied.rejected += 1;
                    round.applied.errors.extend(errors);
                }
            }
        }
        self.change(tx, &mut round, &changes).await?;
        self.create(tx, &mut round, inserts).await?;
        Ok(round)
    }

    async fn change(&self, tx: &impl ConnectionTrait, round: &mut Round<'_>, changes: &[Change]) -> Result<(), DbErr> {
        let those = |which: fn(&Change) -> bool| changes.iter().filter(|change| which(change)).map(|change| change.id).collect();
        round.moved = those(|change| change.moves);
        round.readdressed = those(|change| change.readdressed);
        round.applied.updated = changes.len() as u64;
        write::update(tx, self, changes).await?;
        write::end_sessions(tx, &round.readdressed).await
    }

    async fn create<'a>(&self, tx: &impl ConnectionTrait, round: &mut Round<'a>, inserts: Vec<(&'a Entry, Student)>) -> Result<(), DbErr> {
        let students: Vec<&Student> = inserts.iter().map(|(_, student)| student).collect();
        let mut inserted = write::insert(tx, self, &students).await?;
        for (entry, student) in inserts {
            match inserted.remove(&student.student_number) {
                Some(id) => round.created.push(id),
                None => round.missed.push(entry),
            }
        }
        round.applied.created = round.created.len() as u64;
        Ok(())
    }

    async fn welcome(&self, work: &mut Work, users: impl Iterator<Item = &UserId>) -> Result<()> {
        let jobs: Vec<Job> = users.map(|user_id| Job::WelcomeEmail { user_id: *user_id }).collect();
        let order = Order {
            institution_id: Some(self.institution_id),
            created_by: self.created_by,
        };
        enqueue_many(work, &jobs, order).await?;
        Ok(())
    }
}

impl<'a> Round<'a> {
    fn add(&mut self, next: Round<'a>) {
        self.applied.created += next.applied.created;
        self.applied.updated += next.applied.updated;
        self.applied.unchanged += next.applied.unchanged;
        self.applied.rejected += next.applied.rejected;
        self.applied.errors.extend(next.applied.errors);
        self.created.extend(next.created);
        self.moved.extend(next.moved);
        self.readdressed.extend(next.readdressed);
        self.missed = next.missed;
    }
}

/// Whether another look at the database may find a way: somebody else was faster, or waited for us in a circle.
fn is_race(error: &DbErr) -> bool {
    if constraint(error).is_some_and(|name| RACES.contains(&name)) {
        return true;
    }
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    cause
        .as_database_error()
        .and_then(|error| error.code())
        .is_some_and(|code| code == DEADLOCK)
}
