//! Imports a file of students, batch by batch; each batch is one transaction with its counts, errors, mails and cursor.
//!
//! A run that ends anywhere is continued at the cursor by the next one. A dry run takes the same path and takes back
//! what each batch wrote, all but its counts and errors.

mod source;

use crate::context::Context;
use crate::executor::{JobError, JobResult, Outcome, Stop, StopReason};
use acurate_shared::activity::{self, Deed};
use acurate_shared::db::Work;
use acurate_shared::ids::{ImportId, UploadId};
use acurate_shared::imports::ledger::{self as imports, ImportRow};
use acurate_shared::imports::student_batch::{Applied, StudentBatch};
use acurate_shared::imports::{Encoding, FileError, Limits, Parsed, StudentRow, Survey};
use acurate_shared::jobs::ledger::{self, Claim};
use acurate_shared::kinds::{ImportMode, ImportState};
use serde_json::{Value, json};
use source::{Examined, Reading};

pub(super) async fn run(context: &Context, claim: &Claim, id: ImportId, stop: &Stop) -> JobResult {
    let Some(import) = imports::load(context.database.orm(), id).await? else {
        return Err(JobError::Permanent(format!("there is no import {id}")));
    };
    if matches!(import.state, ImportState::Completed | ImportState::Failed | ImportState::Cancelled) {
        let work = context.begin(claim).await?;
        return end(work, claim, json!({ "import": import.state })).await;
    }
    let Some(upload_id) = import.upload_id else {
        return Err(JobError::Permanent("the file of the import was removed".to_owned()));
    };
    match source::examine(&context.database, upload_id, limits(context)).await? {
        Examined::Readable(encoding, survey) => {
            Run {
                context,
                claim,
                stop,
                import,
            }
            .read(upload_id, encoding, survey)
            .await
        }
        Examined::Unreadable(error) => refuse(context, claim, id, &error).await,
    }
}

fn limits(context: &Context) -> Limits {
    Limits {
        records: context.imports.max_records,
        ..Limits::default()
    }
}

/// The file as a whole is at fault: the import failed, its job did what it could.
async fn refuse(context: &Context, claim: &Claim, id: ImportId, error: &FileError) -> JobResult {
    let work = context.begin(claim).await?;
    let failure = imports::fail(work.tx(), id, error).await?;
    end(work, claim, json!({ "import": ImportState::Failed, "failure": failure })).await
}

async fn end(work: Work, claim: &Claim, result: Value) -> JobResult {
    if !ledger::succeed(work.tx(), claim, result).await? {
        work.rollback().await?;
        return Ok(Outcome::Fenced);
    }
    let _nothing_enqueued = work.commit().await?;
    Ok(Outcome::Done)
}

struct Run<'a> {
    context: &'a Context,
    claim: &'a Claim,
    stop: &'a Stop,
    import: ImportRow,
}

impl Run<'_> {
    async fn read(mut self, upload_id: UploadId, encoding: Encoding, survey: Survey) -> JobResult {
        let total = i64::try_from(survey.records).unwrap_or(i64::MAX);
        let work = self.context.begin(self.claim).await?;
        imports::surveyed(work.tx(), self.import.id, encoding, &survey).await?;
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
            limits(self.context),
            self.context.imports.batch,
            after,
        );
        while let Some(batch) = reading.next().await? {
            if let Some(outcome) = self.stopped().await? {
                return Ok(outcome);
            }
            if !self.batch(batch).await? {
                return Ok(Outcome::Fenced);
            }
        }
        self.complete().await
    }

    /// Between batches: whether to stop, and how.
    async fn stopped(&self) -> Result<Option<Outcome>, JobError> {
        match self.stop.reason() {
            None => Ok(None),
            Some(StopReason::Fenced) => Ok(Some(Outcome::Fenced)),
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

    /// `false`: the claim is lost and nothing of the batch was kept.
    async fn batch(&mut self, parsed: Vec<Parsed>) -> Result<bool, JobError> {
        let Some(last) = parsed.last().map(|parsed| i64::try_from(parsed.record).unwrap_or(i64::MAX)) else {
            return Ok(true);
        };
        let read = i64::try_from(parsed.len()).unwrap_or(i64::MAX);
        let (rows, rejected) = sort_out(parsed);
        let mut work = self.context.begin(self.claim).await?;
        let applied = together(rejected, self.rules().apply(&mut work, &rows).await?);
        if self.import.mode == ImportMode::DryRun {
            work.rollback().await?;
            work = self.context.begin(self.claim).await?;
        }
        let done = self.import.records_read + read;
        imports::add(work.tx(), &self.import, &applied, last).await?;
        if !ledger::progress(work.tx(), self.claim, done, None).await? {
            work.rollback().await?;
            return Ok(false);
        }
        let _left_to_the_dispatcher = work.commit().await?;
        self.import.last_record = last;
        self.import.records_read = done;
        Ok(true)
    }

    fn rules(&self) -> StudentBatch {
        StudentBatch {
            institution_id: self.import.institution_id,
            created_by: self.import.created_by,
            on_existing: self.import.on_existing,
            send_welcome: self.import.send_welcome && self.import.mode == ImportMode::Apply,
            credential_life: self.context.credential_life,
        }
    }

    async fn complete(&self) -> JobResult {
        let work = self.context.begin(self.claim).await?;
        let counts = imports::complete(work.tx(), self.import.id).await?;
        let deed = Deed::new("import.completed", "import", self.import.id.0).with(json!({ "mode": self.import.mode, "counts": counts }));
        activity::record_for(&work, self.import.created_by, Some(self.import.institution_id), deed).await?;
        end(
            work,
            self.claim,
            json!({ "import": ImportState::Completed, "mode": self.import.mode, "counts": counts }),
        )
        .await
    }
}

/// Rows to apply, and what is refused without a look at the database.
fn sort_out(parsed: Vec<Parsed>) -> (Vec<(u64, StudentRow)>, Applied) {
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
