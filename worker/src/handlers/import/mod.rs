//! Imports a file, batch by batch; each batch is one transaction with its counts, errors, jobs and cursor.
//!
//! A run that ends anywhere is continued at the cursor by the next one. A dry run takes the same path and takes back
//! what each batch wrote, all but its counts and errors. What kinds of imports differ in are [`Rules`]: [`students`], [`grades`].

pub(super) mod grades;
mod source;
pub(super) mod students;

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome, Stop, StopReason};
use acurate_shared::activity::{self, Deed};
use acurate_shared::db::Work;
use acurate_shared::error::{Error, Result};
#[cfg(debug_assertions)]
use acurate_shared::fault;
use acurate_shared::ids::{ImportId, UploadId};
use acurate_shared::imports::ledger::{self as imports, ImportRow};
use acurate_shared::imports::notice;
use acurate_shared::imports::student_batch::Applied;
use acurate_shared::imports::{Encoding, FileError, GradeFileError, Limits, Parsed};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::kinds::{ImportMode, ImportState};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use source::{Examined, Pieces, Reading};
use std::future::Future;

/// The records of a file, checked one after the other.
type Records<Row> = Box<dyn Iterator<Item = Result<Parsed<Row>, FileError>>>;

/// What one kind of imports does; a copy goes to the thread that reads the file.
trait Rules: Clone + Send + Sync + 'static {
    /// What a record says.
    type Row: Send + Sync + 'static;
    /// What is found out about a file before its records are read.
    type Survey: Send + 'static;

    /// Judges the file as a whole.
    fn survey(&self, reader: Pieces, encoding: Encoding) -> Result<Self::Survey, FileError>;

    /// Reads the file from its start.
    fn open(&self, reader: Pieces, encoding: Encoding) -> Result<Records<Self::Row>, FileError>;

    /// How many cells a row writes; a batch is bounded by them too.
    fn cells(row: &Self::Row) -> usize;

    /// Keeps what the survey found. Returns the number of records.
    fn keep(
        &self,
        tx: &impl ConnectionTrait,
        import: ImportId,
        encoding: Encoding,
        survey: &Self::Survey,
    ) -> impl Future<Output = Result<u64>> + Send;

    /// Applies rows, each with its record number.
    fn apply(&self, work: &mut Work, rows: &[(u64, Self::Row)]) -> impl Future<Output = Result<Applied>> + Send;
}

/// An import that has not ended and its file; otherwise its job is ended here.
async fn open(context: &Context, claim: &Claim, id: ImportId) -> Result<Result<(ImportRow, UploadId), JobResult>, JobError> {
    let Some(import) = imports::load(context.database.orm(), id).await? else {
        return Err(JobError::Permanent(format!("there is no import {id}")));
    };
    if matches!(import.state, ImportState::Completed | ImportState::Failed | ImportState::Cancelled) {
        let work = context.begin(claim).await?;
        return Ok(Err(end(work, claim, json!({ "import": import.state })).await));
    }
    match import.upload_id {
        Some(upload_id) => Ok(Ok((import, upload_id))),
        None => Err(JobError::Permanent("the file of the import was removed".to_owned())),
    }
}

/// Reads the file of an import by the rules of its kind.
async fn run<R: Rules>(context: &Context, claim: &Claim, stop: &Stop, rules: R, import: ImportRow, upload_id: UploadId) -> JobResult {
    match source::examine(&context.database, upload_id, &rules).await? {
        Examined::Readable(encoding, survey) => {
            Run {
                context,
                claim,
                stop,
                rules,
                begun_after: import.last_record,
                import,
            }
            .read(upload_id, encoding, survey)
            .await
        }
        Examined::Unreadable(error) => refuse(context, claim, &import, &error).await,
    }
}

fn limits(context: &Context) -> Limits {
    Limits {
        records: context.imports.max_records,
        ..Limits::default()
    }
}

/// The file as a whole is at fault: the import failed, its job did what it could.
async fn refuse(context: &Context, claim: &Claim, import: &ImportRow, error: &FileError) -> JobResult {
    let mut work = context.begin(claim).await?;
    let failure = imports::fail(work.tx(), import.id, error).await?;
    notice::ask_for(&mut work, import).await?;
    end(work, claim, json!({ "import": ImportState::Failed, "failure": failure })).await
}

/// The job of an import died, and the import with it.
pub(super) async fn buried(context: &Context, claim: &Claim, id: ImportId) -> Result<()> {
    let Some(import) = imports::load(context.database.orm(), id).await? else {
        return Ok(());
    };
    let mut work = context.begin(claim).await?;
    notice::ask_for(&mut work, &import).await?;
    let _left_to_the_dispatcher = work.commit().await?;
    Ok(())
}

async fn end(work: Work, claim: &Claim, result: Value) -> JobResult {
    if !ledger::succeed(work.tx(), claim, result).await? {
        work.rollback().await?;
        return Ok(Outcome::Fenced);
    }
    let _left_to_the_dispatcher = work.commit().await?;
    Ok(Outcome::Done)
}

/// What became of a batch.
enum Batch {
    Kept,
    /// The claim is lost and nothing was kept.
    Fenced,
    /// The importer may not do this any more; nothing was kept.
    Forbidden,
}

struct Run<'a, R> {
    context: &'a Context,
    claim: &'a Claim,
    stop: &'a Stop,
    rules: R,
    /// The last record of the runs before.
    begun_after: i64,
    import: ImportRow,
}

impl<R: Rules> Run<'_, R> {
    async fn read(mut self, upload_id: UploadId, encoding: Encoding, survey: R::Survey) -> JobResult {
        let work = self.context.begin(self.claim).await?;
        let total = self.rules.keep(work.tx(), self.import.id, encoding, &survey).await?;
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        if !ledger::progress(work.tx(), self.claim, self.import.records_read, Some(total)).await? {
            work.rollback().await?;
            return Ok(Outcome::Fenced);
        }
        let _nothing_enqueued = work.commit().await?;
        let after = u64::try_from(self.import.last_record).unwrap_or(1);
        let mut reading = Reading::start(
            &self.context.database,
            upload_id,
            encoding,
            &self.rules,
            self.context.imports,
            after,
        );
        while let Some(batch) = reading.next().await? {
            if let Some(outcome) = self.stopped().await? {
                return Ok(outcome);
            }
            match self.batch(batch).await? {
                #[cfg(debug_assertions)]
                Batch::Kept => fault::reach(fault::Point::ImportBatch).await,
                #[cfg(not(debug_assertions))]
                Batch::Kept => {}
                Batch::Fenced => return Ok(Outcome::Fenced),
                Batch::Forbidden => {
                    let error = GradeFileError::NotTheGrader.into();
                    return refuse(self.context, self.claim, &self.import, &error).await;
                }
            }
        }
        self.complete().await
    }

    /// Between batches: whether to stop, and how.
    async fn stopped(&self) -> Result<Option<Outcome>, JobError> {
        match self.stop.reason() {
            None => Ok(None),
            Some(StopReason::Fenced) => Ok(Some(Outcome::Fenced)),
            // Another run would come no further, again and again.
            Some(StopReason::SoftLimit) if self.import.last_record == self.begun_after => {
                Err(JobError::Retry("the soft limit came before the first batch was done".to_owned()))
            }
            // Another run goes on at the cursor, with limits of its own.
            Some(StopReason::Shutdown | StopReason::SoftLimit) => Ok(Some(Outcome::Released)),
            Some(StopReason::Cancelled) => {
                let work = self.context.begin(self.claim).await?;
                imports::cancel(work.tx(), self.import.id).await?;
                if !ledger::cancelled(work.tx(), self.claim, json!({ "import": ImportState::Cancelled })).await? {
                    work.rollback().await?;
                    return Ok(Some(Outcome::Fenced));
                }
                let _nothing_enqueued = work.commit().await?;
                Ok(Some(Outcome::Cancelled))
            }
        }
    }

    async fn batch(&mut self, parsed: Vec<Parsed<R::Row>>) -> Result<Batch, JobError> {
        let Some(last) = parsed.last().map(|parsed| i64::try_from(parsed.record).unwrap_or(i64::MAX)) else {
            return Ok(Batch::Kept);
        };
        let read = i64::try_from(parsed.len()).unwrap_or(i64::MAX);
        let (rows, rejected) = sort_out(parsed);
        let mut work = self.context.begin(self.claim).await?;
        let applied = match self.rules.apply(&mut work, &rows).await {
            Ok(applied) => together(rejected, applied),
            Err(Error::Forbidden { .. } | Error::NotFound(_)) => {
                work.rollback().await?;
                return Ok(Batch::Forbidden);
            }
            Err(error) => return Err(error.into()),
        };
        if self.import.mode == ImportMode::DryRun {
            work.rollback().await?;
            work = self.context.begin(self.claim).await?;
        }
        let done = self.import.records_read + read;
        imports::add(work.tx(), &self.import, &applied, last).await?;
        if !ledger::progress(work.tx(), self.claim, done, None).await? {
            work.rollback().await?;
            return Ok(Batch::Fenced);
        }
        let _left_to_the_dispatcher = work.commit().await?;
        self.import.last_record = last;
        self.import.records_read = done;
        Ok(Batch::Kept)
    }

    async fn complete(&self) -> JobResult {
        let mut work = self.context.begin(self.claim).await?;
        let counts = imports::complete(work.tx(), self.import.id).await?;
        let detail = json!({ "kind": self.import.kind, "course_id": self.import.course_id, "mode": self.import.mode, "counts": counts });
        let deed = Deed::new("import.completed", "import", self.import.id.0).with(detail);
        activity::record_for(&work, self.import.created_by, Some(self.import.institution_id), deed).await?;
        notice::ask_for(&mut work, &self.import).await?;
        end(
            work,
            self.claim,
            json!({ "import": ImportState::Completed, "mode": self.import.mode, "counts": counts }),
        )
        .await
    }
}

/// Rows to apply, and what is refused without a look at the database.
fn sort_out<Row>(parsed: Vec<Parsed<Row>>) -> (Vec<(u64, Row)>, Applied) {
    let mut rejected = Applied::default();
    let mut rows = Vec::with_capacity(parsed.len());
    for Parsed { record, row } in parsed {
        match row {
            Ok(row) => rows.push((record, row)),
            Err(errors) => {
                rejected.rejected += 1;
                rejected.errors.extend(errors);
            }
        }
    }
    (rows, rejected)
}

/// Errors in the order of the file.
fn together(rejected: Applied, mut applied: Applied) -> Applied {
    applied.rejected += rejected.rejected;
    applied.errors.extend(rejected.errors);
    applied.errors.sort_by_key(|error| error.record);
    applied
}
