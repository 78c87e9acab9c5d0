//! Imports as people see them: state, counts, rejected records.
//!
//! Institution admins see all of their institution's; teachers see the imports of grades that they asked for or that
//! concern the courses they teach.

use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::{Error, Result};
use crate::ids::{CourseId, ImportId, JobId, UploadId, UserId};
use crate::kinds::{GradeLayout, ImportKind, ImportMode, ImportState, JobState, OnExisting, Role};
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
    /// The course whose grades it brings.
    pub course_id: Option<CourseId>,
    /// How its file of grades was said to be laid out.
    pub layout: Option<GradeLayout>,
    /// The dry run whose file it applies.
    pub rehearsal_id: Option<ImportId>,
    /// Whether anything is changed.
    pub mode: ImportMode,
    /// What happens to records that exist.
    pub on_existing: OnExisting,
    /// Whether new people get a mail.
    pub send_welcome: bool,
    /// Where it stands; see [`ImportView::settle`].
    pub state: ImportState,
    /// The file; `None` once it was removed.
    pub upload_id: Option<UploadId>,
    /// Name of the file.
    pub file_name: Option<String>,
    /// Encoding of the file, once known.
    pub encoding: Option<String>,
    /// Delimiter of the file, once known.
    pub delimiter: Option<String>,
    /// What the columns of a file of grades were taken for: `layout`, and `columns` of `column` and `assessment_id`.
    pub mapping: Value,
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
    /// Whether somebody asked for its end.
    pub cancel_requested: bool,
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

/// Which imports are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<ImportKind>,
    /// In this state, as [`find`] would tell it.
    pub state: Option<ImportState>,
    /// Of this course's grades.
    pub course_id: Option<CourseId>,
}

const COLUMNS: &str = "
    i.id, i.job_id, i.kind, i.course_id, i.layout, i.rehearsal_id, i.mode, i.on_existing, i.send_welcome, i.state, i.upload_id, u.file_name,
    i.encoding, i.delimiter, i.mapping, i.warnings, i.failure, i.records_total, i.records_read, i.created_count, i.updated_count,
    i.unchanged_count, i.rejected_count, i.created_by, i.created_at, i.started_at, i.finished_at,
    j.cancel_requested_at IS NOT NULL AS cancel_requested, j.state AS job_state, j.finished_at AS job_finished_at, j.error AS job_error";

/// `$2` is a teacher, or null for those who see all. The state is that of [`ImportView::settle`].
const FROM: &str = "
    FROM imports i JOIN jobs j ON j.id = i.job_id LEFT JOIN uploads u ON u.id = i.upload_id LEFT JOIN courses c ON c.id = i.course_id
    WHERE i.institution_id = $1 AND ($2::bigint IS NULL OR (i.kind = 'grades' AND (i.created_by = $2 OR c.teacher_id = $2)))";

/// Institution and, for teachers, the own id.
fn seen_by(actor: &Actor) -> Result<[sea_orm::Value; 2]> {
    let institution_id = actor.require_staff()?;
    let teacher = (actor.role == Role::Teacher).then_some(actor.user_id);
    Ok([institution_id.into(), teacher.into()])
}

/// One import.
///
/// # Errors
/// `Forbidden` for students and the platform's owner, `NotFound` for imports that the actor does not see.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ImportId) -> Result<ImportView> {
    let select = format!("SELECT {COLUMNS} {FROM} AND i.id = $3");
    let [institution, teacher] = seen_by(actor)?;
    let import = ImportView::find_by_statement(sql(&select, [institution, teacher, id.into()]))
        .one(db)
        .await?;
    import.map(ImportView::settle).ok_or(Error::NotFound("import"))
}

/// The imports that the actor sees, newest first.
///
/// # Errors
/// `Forbidden` for students and the platform's owner.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: Filter, request: PageRequest) -> Result<Page<ImportView>> {
    let wanted = format!(
        "{FROM} AND ($3::text IS NULL OR i.kind = $3) AND ($5::bigint IS NULL OR i.course_id = $5) AND ($4::text IS NULL OR $4 = CASE
            WHEN i.state IN ('queued', 'running') AND j.state = 'dead' THEN 'failed'
            WHEN i.state IN ('queued', 'running') AND j.state = 'cancelled' THEN 'cancelled'
            ELSE i.state END)"
    );
    let [institution, teacher] = seen_by(actor)?;
    let values = [
        institution,
        teacher,
        filter.kind.map(ImportKind::as_str).into(),
        filter.state.map(ImportState::as_str).into(),
        filter.course_id.into(),
    ];
    let total = count(db, &format!("SELECT count(*) AS total {wanted}"), values.clone()).await?;
    let select = format!("SELECT {COLUMNS} {wanted} ORDER BY i.created_at DESC, i.id DESC LIMIT $6 OFFSET $7");
    let values = values.into_iter().chain(place(request));
    let items = ImportView::find_by_statement(sql(&select, values)).all(db).await?;
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
    let values = std::iter::once(id.into()).chain(place(request));
    let items = ImportErrorView::find_by_statement(sql(select, values)).all(db).await?;
    let total = count(db, "SELECT count(*) AS total FROM import_errors WHERE import_id = $1", [id.into()]).await?;
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

/// Limit and offset.
fn place(request: PageRequest) -> [sea_orm::Value; 2] {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    [number(request.page_size).into(), number(request.offset()).into()]
}

async fn count<const N: usize>(db: &impl ConnectionTrait, select: &str, values: [sea_orm::Value; N]) -> Result<u64> {
    let row = db
        .query_one_raw(sql(select, values))
        .await?
        .ok_or_else(|| Error::internal("a count has no row"))?;
    Ok(u64::try_from(row.try_get::<i64>("", "total")?).unwrap_or(0))
}
