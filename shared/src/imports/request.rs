//! Asking for an import: the file, what to do with it, and the job, in one transaction.

use super::upload::{self, FileInfo};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::grading::bulk::check_grader;
use crate::ids::{CourseId, ImportId, InstitutionId, JobId, UploadId};
use crate::jobs::{Job, Order, enqueue};
use crate::kinds::{GradeLayout, ImportKind, ImportMode, OnExisting, UploadPurpose};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::io::AsyncRead;

/// What an institution admin asks for.
#[derive(Clone, Copy, Debug)]
pub struct StudentImportOrder {
    /// Whether anything is changed.
    pub mode: ImportMode,
    /// What happens to students that exist.
    pub on_existing: OnExisting,
    /// Whether new students get a mail with a temporary password.
    pub send_welcome: bool,
}

/// What a course's teacher or an institution admin asks for.
#[derive(Clone, Copy, Debug)]
pub struct GradeImportOrder {
    /// Whose grades they are.
    pub course_id: CourseId,
    /// Whether anything is changed.
    pub mode: ImportMode,
    /// How the file is laid out.
    pub layout: GradeLayout,
}

/// A file on its way in.
#[derive(Debug)]
pub struct File<R> {
    /// Its name on the caller's machine.
    pub name: Option<String>,
    /// The type that the caller gave it.
    pub content_type: Option<String>,
    /// Its bytes.
    pub reader: R,
}

/// An accepted import.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// The import.
    pub import_id: ImportId,
    /// Its job.
    pub job_id: JobId,
}

/// An import of a stored file.
#[derive(Clone, Debug)]
pub(super) struct NewImport {
    pub(super) institution_id: InstitutionId,
    pub(super) kind: ImportKind,
    pub(super) upload_id: UploadId,
    pub(super) mode: ImportMode,
    pub(super) on_existing: OnExisting,
    pub(super) send_welcome: bool,
    pub(super) course_id: Option<CourseId>,
    pub(super) layout: Option<GradeLayout>,
    /// The dry run that it repeats in earnest.
    pub(super) rehearsal_id: Option<ImportId>,
}

/// Stores a file of students and asks for the job.
///
/// # Errors
/// `Forbidden` for everybody but institution admins; when the file cannot be read or the database refuses.
pub async fn students(
    work: &mut Work,
    actor: &Actor,
    order: StudentImportOrder,
    name: Option<String>,
    content_type: Option<String>,
    reader: impl AsyncRead + Unpin,
) -> Result<Accepted> {
    let institution_id = actor.require_admin()?;
    let file = File {
        name,
        content_type,
        reader,
    };
    let new = NewImport {
        institution_id,
        kind: ImportKind::Students,
        upload_id: store(work, actor, UploadPurpose::StudentImport, file).await?,
        mode: order.mode,
        on_existing: order.on_existing,
        send_welcome: order.send_welcome,
        course_id: None,
        layout: None,
        rehearsal_id: None,
    };
    register(work, actor, new).await
}

/// Stores a file of grades and asks for the job. Marks that are there are brought up to date; nobody gets a mail.
///
/// # Errors
/// `NotFound` for courses of others; `Forbidden` for everybody but the course's teacher and institution admins; when the file cannot be
/// read or the database refuses.
pub async fn grades(work: &mut Work, actor: &Actor, order: GradeImportOrder, file: File<impl AsyncRead + Unpin>) -> Result<Accepted> {
    let institution_id = may_grade(work.tx(), actor, order.course_id).await?;
    let new = NewImport {
        institution_id,
        kind: ImportKind::Grades,
        upload_id: store(work, actor, UploadPurpose::GradeImport, file).await?,
        mode: order.mode,
        on_existing: OnExisting::Update,
        send_welcome: false,
        course_id: Some(order.course_id),
        layout: Some(order.layout),
        rehearsal_id: None,
    };
    register(work, actor, new).await
}

/// The institution of a course that the actor may grade.
pub(super) async fn may_grade(db: &impl ConnectionTrait, actor: &Actor, course_id: CourseId) -> Result<InstitutionId> {
    let institution_id = actor.require_staff()?;
    let select = "SELECT teacher_id FROM courses WHERE id = $1 AND institution_id = $2";
    let row = db.query_one_raw(sql(select, [course_id.into(), institution_id.into()])).await?;
    check_grader(actor, row.ok_or(Error::NotFound("course"))?.try_get("", "teacher_id")?)?;
    Ok(institution_id)
}

async fn store(work: &Work, actor: &Actor, purpose: UploadPurpose, file: File<impl AsyncRead + Unpin>) -> Result<UploadId> {
    let info = FileInfo {
        name: file.name,
        content_type: file.content_type,
        purpose,
    };
    upload::store(work, actor, info, file.reader).await
}

/// Writes the import and asks for its job.
pub(super) async fn register(work: &mut Work, actor: &Actor, new: NewImport) -> Result<Accepted> {
    let next = work
        .tx()
        .query_one_raw(sql("SELECT nextval(pg_get_serial_sequence('imports', 'id')) AS id", []))
        .await?;
    let import_id: ImportId = next.ok_or_else(|| Error::internal("an import has no id"))?.try_get("", "id")?;
    let asked = Order {
        institution_id: Some(new.institution_id),
        created_by: Some(actor.user_id),
    };
    let job = match new.kind {
        ImportKind::Students => Job::StudentImport { import_id },
        ImportKind::Grades => Job::GradeImport { import_id },
    };
    let job_id = enqueue(work, &job, asked).await?;
    let insert = "
        INSERT INTO imports (id, institution_id, kind, upload_id, job_id, created_by, mode, on_existing, send_welcome, course_id, layout, rehearsal_id)
        OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = [
        import_id.into(),
        new.institution_id.into(),
        new.kind.as_str().into(),
        new.upload_id.into(),
        job_id.into(),
        actor.user_id.into(),
        new.mode.as_str().into(),
        new.on_existing.as_str().into(),
        new.send_welcome.into(),
        new.course_id.into(),
        new.layout.map(GradeLayout::as_str).into(),
        new.rehearsal_id.into(),
    ];
    work.tx().execute_raw(sql(insert, values)).await?;
    let mut detail = json!({ "kind": new.kind, "mode": new.mode });
    if let (Some(course_id), Some(facts)) = (new.course_id, detail.as_object_mut()) {
        facts.insert("course_id".to_owned(), json!(course_id));
    }
    activity::record(work, actor, Deed::new("import.requested", "import", import_id.0).with(detail)).await?;
    Ok(Accepted { import_id, job_id })
}
