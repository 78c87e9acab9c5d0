//! What an import of students does with a file.

use super::source::Pieces;
use super::{Records, Rules, limits, open};
use crate::context::Context;
use crate::executor::{JobResult, Stop};
use acurate_shared::db::Work;
use acurate_shared::error::Result;
use acurate_shared::ids::ImportId;
use acurate_shared::imports::ledger as imports;
use acurate_shared::imports::student_batch::{Applied, StudentBatch};
use acurate_shared::imports::{Encoding, FileError, Limits, StudentFile, StudentRow, Survey, survey};
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::kinds::ImportMode;
use sea_orm::ConnectionTrait;

#[derive(Clone)]
struct StudentRules {
    batch: StudentBatch,
    limits: Limits,
}

pub(in crate::handlers) async fn run(context: &Context, claim: &Claim, id: ImportId, stop: &Stop) -> JobResult {
    let (import, upload_id) = match open(context, claim, id).await? {
        Ok(opened) => opened,
        Err(ended) => return ended,
    };
    let rules = StudentRules {
        batch: StudentBatch {
            institution_id: import.institution_id,
            created_by: import.created_by,
            on_existing: import.on_existing,
            send_welcome: import.send_welcome && import.mode == ImportMode::Apply,
            credential_life: context.credential_life,
        },
        limits: limits(context),
    };
    super::run(context, claim, stop, rules, import, upload_id).await
}

impl Rules for StudentRules {
    type Row = StudentRow;
    type Survey = Survey;

    fn survey(&self, reader: Pieces, encoding: Encoding) -> Result<Survey, FileError> {
        survey(reader, encoding, self.limits)
    }

    fn open(&self, reader: Pieces, encoding: Encoding) -> Result<Records<StudentRow>, FileError> {
        Ok(Box::new(StudentFile::open(reader, encoding, self.limits)?))
    }

    fn cells(_: &StudentRow) -> usize {
        1
    }

    async fn keep(&self, tx: &impl ConnectionTrait, import: ImportId, encoding: Encoding, survey: &Survey) -> Result<u64> {
        imports::surveyed(tx, import, encoding, survey).await?;
        Ok(survey.records)
    }

    async fn apply(&self, work: &mut Work, rows: &[(u64, StudentRow)]) -> Result<Applied> {
        self.batch.apply(work, rows).await
    }
}
