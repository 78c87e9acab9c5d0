//! What an import of grades does with a file.

use super::source::Pieces;
use super::{Records, Rules, limits, open, refuse};
use crate::context::Context;
use crate::executor::{JobError, JobResult, Stop};
use acurate_shared::db::Work;
use acurate_shared::error::Result;
use acurate_shared::ids::ImportId;
use acurate_shared::imports::grade_batch::GradeBatch;
use acurate_shared::imports::ledger as imports;
use acurate_shared::imports::student_batch::Applied;
use acurate_shared::imports::{Encoding, FileError, GradeFileError, GradeReading, GradeRow, GradeSurvey};
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::kinds::GradeLayout;
use sea_orm::ConnectionTrait;
use std::sync::Arc;

#[derive(Clone)]
struct GradeRules {
    batch: GradeBatch,
    reading: GradeReading,
}

pub(in crate::handlers) async fn run(context: &Context, claim: &Claim, id: ImportId, stop: &Stop) -> JobResult {
    let (import, upload_id) = match open(context, claim, id).await? {
        Ok(opened) => opened,
        Err(ended) => return ended,
    };
    let Some(course_id) = import.course_id else {
        return Err(JobError::Permanent("the course of the import was deleted".to_owned()));
    };
    let db = context.database.orm();
    let Some(batch) = GradeBatch::by_user(db, import.created_by, import.institution_id, course_id).await? else {
        return refuse(context, claim, &import, &GradeFileError::NotTheGrader.into()).await;
    };
    let rules = GradeRules {
        reading: GradeReading {
            catalogue: Arc::new(batch.catalogue(db).await?),
            layout: import.layout.unwrap_or(GradeLayout::Auto),
            limits: limits(context),
        },
        batch,
    };
    super::run(context, claim, stop, rules, import, upload_id).await
}

impl Rules for GradeRules {
    type Row = GradeRow;
    type Survey = GradeSurvey;

    fn survey(&self, reader: Pieces, encoding: Encoding) -> Result<GradeSurvey, FileError> {
        self.reading.survey(reader, encoding)
    }

    fn open(&self, reader: Pieces, encoding: Encoding) -> Result<Records<GradeRow>, FileError> {
        Ok(Box::new(self.reading.open(reader, encoding)?))
    }

    fn cells(row: &GradeRow) -> usize {
        row.cells.len()
    }

    async fn keep(&self, tx: &impl ConnectionTrait, import: ImportId, encoding: Encoding, survey: &GradeSurvey) -> Result<u64> {
        imports::surveyed(tx, import, encoding, &survey.table).await?;
        imports::mapped(tx, import, survey.layout, &survey.columns).await?;
        Ok(survey.table.records)
    }

    async fn apply(&self, work: &mut Work, rows: &[(u64, GradeRow)]) -> Result<Applied> {
        self.batch.apply(work, rows).await
    }
}
