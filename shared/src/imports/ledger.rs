//! How far an import is, as its job writes it: the file's facts, batch after batch, the end.
//!
//! Every step moves a cursor from where the job believes it is, so that no batch can be counted twice.

use super::student_batch::Applied;
use super::{FileError, FileWarning, Survey};
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{CourseId, ImportId, InstitutionId, UploadId, UserId};
use crate::imports::{Encoding, MappedColumn, RowError};
use crate::kinds::{GradeLayout, ImportKind, ImportMode, ImportState, OnExisting};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};

/// An import as its job needs it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ImportRow {
    /// The import.
    pub id: ImportId,
    /// Whose students or grades they are.
    pub institution_id: InstitutionId,
    /// What it brings.
    pub kind: ImportKind,
    /// The course whose grades it brings.
    pub course_id: Option<CourseId>,
    /// How its file of grades is laid out.
    pub layout: Option<GradeLayout>,
    /// The file; `None` once it was removed.
    pub upload_id: Option<UploadId>,
    /// Who asked.
    pub created_by: Option<UserId>,
    /// Whether anything is changed.
    pub mode: ImportMode,
    /// What happens to students that exist.
    pub on_existing: OnExisting,
    /// Whether new students get a mail.
    pub send_welcome: bool,
    /// Where it stands.
    pub state: ImportState,
    /// The last record whose batch is committed.
    pub last_record: i64,
    /// Records committed so far.
    pub records_read: i64,
}

/// The counts of an import, for the job's result.
#[derive(Clone, Debug, FromQueryResult, serde::Serialize)]
pub struct Counts {
    /// All records; the other four add up to it.
    pub records_read: i64,
    /// New students, or records that only filled cells that were empty.
    pub created_count: i64,
    /// Students brought up to date, or records that changed a mark.
    pub updated_count: i64,
    /// Records that changed nothing.
    pub unchanged_count: i64,
    /// Rejected records.
    pub rejected_count: i64,
}

/// An import by its id; `None` when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn load(db: &impl ConnectionTrait, id: ImportId) -> Result<Option<ImportRow>> {
    let select = "
        SELECT id, institution_id, kind, course_id, layout, upload_id, created_by, mode, on_existing, send_welcome, state, last_record, records_read
        FROM imports WHERE id = $1";
    Ok(ImportRow::find_by_statement(sql(select, [id.into()])).one(db).await?)
}

/// Writes what the survey of the file found.
///
/// # Errors
/// When the import has ended, or the database refuses.
pub async fn surveyed(tx: &impl ConnectionTrait, id: ImportId, encoding: Encoding, survey: &Survey) -> Result<()> {
    let update = "
        UPDATE imports SET state = 'running', started_at = COALESCE(started_at, now()), encoding = $2, delimiter = $3, warnings = $4, records_total = $5
        WHERE id = $1 AND state IN ('queued', 'running')";
    let warnings: Vec<Value> = survey.warnings.iter().map(warning).collect();
    let total = i64::try_from(survey.records).unwrap_or(i64::MAX);
    let delimiter = survey.delimiter.as_char().to_string();
    let values = [
        id.into(),
        encoding.as_str().into(),
        delimiter.into(),
        Value::Array(warnings).into(),
        total.into(),
    ];
    open_import(tx, update, values).await
}

/// Writes what the columns of a file of grades were taken for.
///
/// # Errors
/// When the import has ended, or the database refuses.
pub async fn mapped(tx: &impl ConnectionTrait, id: ImportId, layout: GradeLayout, columns: &[MappedColumn]) -> Result<()> {
    let update = "UPDATE imports SET mapping = $2 WHERE id = $1 AND state IN ('queued', 'running')";
    let columns: Vec<Value> = columns.iter().map(MappedColumn::to_json).collect();
    open_import(tx, update, [id.into(), json!({ "layout": layout, "columns": columns }).into()]).await
}

/// Adds a batch of an import whose cursor is at `import.last_record`, and moves the cursor to its last record.
///
/// # Errors
/// When the import does not run, the cursor is elsewhere or would not move on, or the database refuses; then nothing of
/// the batch may be kept.
pub async fn add(tx: &impl ConnectionTrait, import: &ImportRow, applied: &Applied, new_last_record: i64) -> Result<()> {
    let update = "
        UPDATE imports SET records_read = records_read + $3 + $4 + $5 + $6, created_count = created_count + $3, updated_count = updated_count + $4,
            unchanged_count = unchanged_count + $5, rejected_count = rejected_count + $6, last_record = $7
        WHERE id = $1 AND last_record = $2 AND last_record < $7 AND state = 'running'";
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let values = [
        import.id.into(),
        import.last_record.into(),
        count(applied.created).into(),
        count(applied.updated).into(),
        count(applied.unchanged).into(),
        count(applied.rejected).into(),
        new_last_record.into(),
    ];
    if tx.execute_raw(sql(update, values)).await?.rows_affected() != 1 {
        return Err(Error::internal(
            "the import does not run, or its cursor is not where this run left it",
        ));
    }
    add_errors(tx, import.id, &applied.errors).await
}

/// Ends an import whose every record was read.
///
/// # Errors
/// When the import does not run or was never surveyed, or the database refuses, which it does while records are missing.
pub async fn complete(tx: &impl ConnectionTrait, id: ImportId) -> Result<Counts> {
    let update = "
        UPDATE imports SET state = 'completed', finished_at = now()
        WHERE id = $1 AND state = 'running' AND records_total IS NOT NULL
        RETURNING records_read, created_count, updated_count, unchanged_count, rejected_count";
    let counts = Counts::find_by_statement(sql(update, [id.into()])).one(tx).await?;
    counts.ok_or_else(|| Error::internal("the import does not run, or its records were never counted"))
}

/// Ends an import whose file cannot be read. Returns what is told about it.
///
/// # Errors
/// When the import has ended, or the database refuses.
pub async fn fail(tx: &impl ConnectionTrait, id: ImportId, error: &FileError) -> Result<Value> {
    let message = error.message();
    let failure = json!({ "code": error.code(), "message_tr": message.tr, "message_en": message.en });
    let update = "
        UPDATE imports SET state = 'failed', started_at = COALESCE(started_at, now()), finished_at = now(), failure = $2
        WHERE id = $1 AND state IN ('queued', 'running')";
    open_import(tx, update, [id.into(), failure.clone().into()]).await?;
    Ok(failure)
}

/// Ends an import by request; what was committed stays.
///
/// # Errors
/// When the import has ended, or the database refuses.
pub async fn cancel(tx: &impl ConnectionTrait, id: ImportId) -> Result<()> {
    let update = "UPDATE imports SET state = 'cancelled', finished_at = now() WHERE id = $1 AND state IN ('queued', 'running')";
    open_import(tx, update, [id.into()]).await
}

/// Changes an import that has not ended; what is counted once is not opened again.
async fn open_import<const N: usize>(tx: &impl ConnectionTrait, update: &str, values: [sea_orm::Value; N]) -> Result<()> {
    match tx.execute_raw(sql(update, values)).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::internal("the import is gone or has ended")),
    }
}

fn warning(warning: &FileWarning) -> Value {
    let message = warning.message();
    json!({ "code": warning.code(), "message_tr": message.tr, "message_en": message.en })
}

async fn add_errors(tx: &impl ConnectionTrait, id: ImportId, errors: &[RowError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let insert = "
        INSERT INTO import_errors (import_id, record, seq, column_name, value, code, message_tr, message_en)
        SELECT $1, t.record, row_number() OVER (PARTITION BY t.record ORDER BY t.position) - 1, NULLIF(t.column_name, ''), t.value, t.code, t.message_tr, t.message_en
        FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
            WITH ORDINALITY AS t (record, column_name, value, code, message_tr, message_en, position)";
    let text = |pick: fn(&RowError) -> String| sea_orm::Value::from(errors.iter().map(pick).collect::<Vec<String>>());
    let records: Vec<i64> = errors.iter().map(|error| i64::try_from(error.record).unwrap_or(i64::MAX)).collect();
    let values = [
        id.into(),
        records.into(),
        text(|error| error.column.as_deref().unwrap_or_default().to_owned()),
        text(|error| error.value.clone()),
        text(|error| error.code.as_str().to_owned()),
        text(|error| error.message_tr.clone()),
        text(|error| error.message_en.clone()),
    ];
    tx.execute_raw(sql(insert, values)).await?;
    Ok(())
}
