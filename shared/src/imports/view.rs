//! Imports as institution admins see them: state, counts, rejected records.

use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::{Error, Result};
use crate::ids::{ImportId, JobId, UserId};
use crate::kinds::{ImportKind, ImportMode, ImportState, JobState, OnExisting};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;

/// An import, its counts and its job.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ImportView {
    /// The import.
    pub id: ImportId,
    /// Its job.
    pub job_id: JobId,
    /// What it brings.
    pub kind: ImportKind,
    /// Whether anything is changed.
    pub mode: ImportMode,
    /// What happens to records that exist.
    pub on_existing: OnExisting,
    /// Whether new people get a mail.
    pub send_welcome: bool,
    /// Where it stands; see [`ImportView::settle`].
    pub state: ImportState,
    /// Name of the file.
    pub file_name: Option<String>,
    /// Encoding of the file, once known.
    pub encoding: Option<String>,
    /// Delimiter of the file, once known.
    pub delimiter: Option<String>,
    /// Columns that are ignored, and the like.
    pub warnings: Value,
    /// Why the file as a whole was refused.
    pub failure: Option<Value>,
    /// Records of the file, once counted.
    pub records_total: Option<i64>,
    /// Records read; the next four add up to it.
    pub records_read: i64,
    /// Created.
    pub created_count: i64,
    /// Updated.
    pub updated_count: i64,
    /// Left as they were.
    pub unchanged_count: i64,
    /// Rejected, each with its errors.
    pub rejected_count: i64,
    /// Who asked.
    pub created_by: Option<UserId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When a worker began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    job_state: JobState,
    job_finished_at: Option<DateTime<Utc>>,
    job_error: Option<String>,
}

/// Why a record was rejected.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ImportErrorView {
    /// Number of the record; the header is 1.
    pub record: i64,
    /// Its faults are numbered from 0.
    pub seq: i32,
    /// The column; `None`: the record as a whole.
    pub column_name: Option<String>,
    /// What stands there.
    pub value: Option<String>,
    /// A stable word.
    pub code: String,
    /// A sentence in Turkish.
    pub message_tr: String,
    /// A sentence in English.
    pub message_en: String,
}

impl ImportView {
    /// An import whose job died or was cancelled before it could say so ends with its job.
    fn settle(mut self) -> Self {
        let open = matches!(self.state, ImportState::Queued | ImportState::Running);
        match self.job_state {
            JobState::Dead if open => {
                self.state = ImportState::Failed;
                self.failure = Some(serde_json::json!({
                    "code": "job_failed",
                    "message_tr": "Aktarım bir sistem hatası nedeniyle durdu; işlenen kayıtlar korunur.",
                    "message_en": "The import stopped because of a fault of the system; records processed so far are kept.",
                }));
                self.finished_at = self.job_finished_at;
                tracing::debug!(import = %self.id, error = self.job_error, "import ended with its job");
            }
            JobState::Cancelled if open => {
                self.state = ImportState::Cancelled;
                self.finished_at = self.job_finished_at;
            }
            _ => {}
        }
        self
    }
}

const COLUMNS: &str = "
    i.id, i.job_id, i.kind, i.mode, i.on_existing, i.send_welcome, i.state, u.file_name, i.encoding, i.delimiter, i.warnings, i.failure,
    i.records_total, i.records_read, i.created_count, i.updated_count, i.unchanged_count, i.rejected_count, i.created_by, i.created_at,
    i.started_at, i.finished_at, j.state AS job_state, j.finished_at AS job_finished_at, j.error AS job_error
    FROM imports i JOIN jobs j ON j.id = i.job_id LEFT JOIN uploads u ON u.id = i.upload_id";

/// One import.
///
/// # Errors
/// `Forbidden` for everybody but institution admins, `NotFound` for imports of others.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ImportId) -> Result<ImportView> {
    let institution_id = actor.require_admin()?;
    let select = format!("SELECT {COLUMNS} WHERE i.institution_id = $1 AND i.id = $2");
    let import = ImportView::find_by_statement(sql(&select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    import.map(ImportView::settle).ok_or(Error::NotFound("import"))
}

/// The imports of the institution, newest first.
///
/// # Errors
/// `Forbidden` for everybody but institution admins.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, request: PageRequest) -> Result<Page<ImportView>> {
    let institution_id = actor.require_admin()?;
    let select = format!("SELECT {COLUMNS} WHERE i.institution_id = $1 ORDER BY i.created_at DESC, i.id DESC LIMIT $2 OFFSET $3");
    let items = ImportView::find_by_statement(sql(&select, page_values(institution_id.0, request)))
        .all(db)
        .await?;
    let total = count(
        db,
        "SELECT count(*) AS total FROM imports WHERE institution_id = $1",
        institution_id.0,
    )
    .await?;
    Ok(Page {
        items: items.into_iter().map(ImportView::settle).collect(),
        request,
        total,
    })
}

/// The rejected records of an import, in the order of the file.
///
/// # Errors
/// As [`find`].
pub async fn errors(db: &impl ConnectionTrait, actor: &Actor, id: ImportId, request: PageRequest) -> Result<Page<ImportErrorView>> {
    find(db, actor, id).await?;
    let select = "
        SELECT record, seq, column_name, value, code, message_tr, message_en FROM import_errors
        WHERE import_id = $1 ORDER BY record, seq LIMIT $2 OFFSET $3";
    let items = ImportErrorView::find_by_statement(sql(select, page_values(id.0, request)))
        .all(db)
        .await?;
    let total = count(db, "SELECT count(*) AS total FROM import_errors WHERE import_id = $1", id.0).await?;
    Ok(Page { items, request, total })
}

/// Errors behind a place in the file, for a stream over all of them; the caller has checked who asks.
///
/// # Errors
/// When the database refuses.
pub async fn errors_after(db: &impl ConnectionTrait, id: ImportId, record: i64, seq: i32, limit: i64) -> Result<Vec<ImportErrorView>> {
    let select = "
        SELECT record, seq, column_name, value, code, message_tr, message_en FROM import_errors
        WHERE import_id = $1 AND (record, seq) > ($2, $3) ORDER BY record, seq LIMIT $4";
    let values = [id.into(), record.into(), seq.into(), limit.into()];
    Ok(ImportErrorView::find_by_statement(sql(select, values)).all(db).await?)
}

fn page_values(id: i64, request: PageRequest) -> [sea_orm::Value; 3] {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    [id.into(), number(request.page_size).into(), number(request.offset()).into()]
}

async fn count(db: &impl ConnectionTrait, select: &str, id: i64) -> Result<u64> {
    let row = db
        .query_one_raw(sql(select, [id.into()]))
        .await?
        .ok_or_else(|| Error::internal("a count has no row"))?;
    Ok(u64::try_from(row.try_get::<i64>("", "total")?).unwrap_or(0))
}
