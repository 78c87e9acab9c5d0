//! What answers about imports look like.

use super::super::jobs::Job;
use super::super::words::{GradeLayout, ImportKind, ImportMode, ImportState, OnExisting};
use acurate_shared::imports::view::{ImportErrorView, ImportView};
use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde_json::Value;

/// What became of the records.
#[derive(Clone, Debug, Object)]
pub(super) struct ImportCounts {
    /// Records of the file, once counted.
    total: Option<i64>,
    /// Records read so far: created + updated + unchanged + rejected.
    read: i64,
    /// New students, or records of grades that only filled empty cells.
    created: i64,
    /// Students brought up to date, or records of grades that changed a mark.
    updated: i64,
    /// Records that changed nothing.
    unchanged: i64,
    /// Records refused; see the errors.
    rejected: i64,
}

/// A fact about the file as a whole.
#[derive(Clone, Debug, Object)]
pub(super) struct FileNote {
    /// A stable word.
    code: String,
    /// A sentence in Turkish.
    message_tr: String,
    /// A sentence in English.
    message_en: String,
}

/// A column of a file of grades that was taken for an assessment.
#[derive(Clone, Debug, Object)]
pub(super) struct MappedColumn {
    /// Its name in the file.
    column: String,
    /// The assessment.
    assessment_id: i64,
}

/// An import.
#[derive(Clone, Debug, Object)]
pub(super) struct Import {
    /// Its id.
    id: i64,
    /// Its job.
    job_id: i64,
    /// What it brings.
    kind: ImportKind,
    /// The course whose grades it brings.
    course_id: Option<i64>,
    /// How its file of grades was said to be laid out.
    layout: Option<GradeLayout>,
    /// What the columns of a file of grades were taken for, once known; empty in the long layout.
    columns: Vec<MappedColumn>,
    /// The dry run whose file it applies.
    dry_run_id: Option<i64>,
    /// Whether anything is changed.
    mode: ImportMode,
    /// What happens to records that exist.
    on_existing: OnExisting,
    /// Whether new students get a mail.
    send_welcome: bool,
    /// Where it stands.
    state: ImportState,
    /// Whether somebody asked for its end; it ends behind the batch that it is at.
    cancel_requested: bool,
    /// Name of the file.
    file_name: Option<String>,
    /// Encoding of the file, once known.
    encoding: Option<String>,
    /// Delimiter of the file, once known.
    delimiter: Option<String>,
    /// What became of the records.
    counts: ImportCounts,
    /// What is odd about the file, e.g. columns that are ignored.
    warnings: Vec<FileNote>,
    /// Why the file as a whole was refused.
    failure: Option<FileNote>,
    /// Who asked.
    created_by: Option<i64>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When a worker began.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
}

/// An accepted import and its job.
#[derive(Clone, Debug, Object)]
pub(super) struct AcceptedImport {
    /// The import.
    pub(super) import: Import,
    /// The job that does it.
    pub(super) job: Job,
}

/// Why a record was rejected.
#[derive(Clone, Debug, Object)]
pub(super) struct ImportError {
    /// Number of the record; the header is 1.
    record: i64,
    /// The column; absent when the record as a whole is at fault.
    column: Option<String>,
    /// What stands there, at most 200 characters.
    value: Option<String>,
    /// A stable word.
    code: String,
    /// A sentence in Turkish.
    message_tr: String,
    /// A sentence in English.
    message_en: String,
}

impl FileNote {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            code: text("code"),
            message_tr: text("message_tr"),
            message_en: text("message_en"),
        }
    }
}

impl MappedColumn {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            column: value.get("column")?.as_str()?.to_owned(),
            assessment_id: value.get("assessment_id")?.as_i64()?,
        })
    }
}

/// The entries of a list that can be read; none when it is none.
fn entries<T>(list: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let entries = list.and_then(Value::as_array);
    entries.map(|entries| entries.iter().filter_map(read).collect()).unwrap_or_default()
}

impl From<ImportView> for Import {
    fn from(import: ImportView) -> Self {
        Self {
            id: import.id.0,
            job_id: import.job_id.0,
            kind: import.kind.into(),
            course_id: import.course_id.map(|id| id.0),
            layout: import.layout.map(Into::into),
            columns: entries(import.mapping.get("columns"), MappedColumn::read),
            dry_run_id: import.rehearsal_id.map(|id| id.0),
            cancel_requested: import.cancel_requested,
            mode: import.mode.into(),
            on_existing: import.on_existing.into(),
            send_welcome: import.send_welcome,
            state: import.state.into(),
            file_name: import.file_name,
            encoding: import.encoding,
            delimiter: import.delimiter,
            counts: ImportCounts {
                total: import.records_total,
                read: import.records_read,
                created: import.created_count,
                updated: import.updated_count,
                unchanged: import.unchanged_count,
                rejected: import.rejected_count,
            },
            warnings: entries(Some(&import.warnings), |note| Some(FileNote::read(note))),
            failure: import.failure.as_ref().map(FileNote::read),
            created_by: import.created_by.map(|id| id.0),
            created_at: import.created_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
        }
    }
}

impl From<ImportErrorView> for ImportError {
    fn from(error: ImportErrorView) -> Self {
        Self {
            record: error.record,
            column: error.column_name,
            value: error.value,
            code: error.code,
            message_tr: error.message_tr,
            message_en: error.message_en,
        }
    }
}
