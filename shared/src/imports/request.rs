//! Asking for an import: the file, what to do with it, and the job, in one transaction.

use super::upload::{self, FileInfo};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{ImportId, JobId};
use crate::jobs::{Job, Order, enqueue};
use crate::kinds::{ImportMode, OnExisting, UploadPurpose};
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

/// An accepted import.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// The import.
    pub import_id: ImportId,
    /// Its job.
    pub job_id: JobId,
}

/// Stores the file and asks for the job.
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
    let info = FileInfo {
        name,
        content_type,
        purpose: UploadPurpose::StudentImport,
    };
    let upload_id = upload::store(work, actor, info, reader).await?;
    let next = work
        .tx()
        .query_one_raw(sql("SELECT nextval(pg_get_serial_sequence('imports', 'id')) AS id", []))
        .await?;
    let import_id: ImportId = next.ok_or_else(|| Error::internal("an import has no id"))?.try_get("", "id")?;
    let asked = Order {
        institution_id: Some(institution_id),
        created_by: Some(actor.user_id),
    };
    let job_id = enqueue(work, &Job::StudentImport { import_id }, asked).await?;
    let insert = "
        INSERT INTO imports (id, institution_id, kind, upload_id, job_id, created_by, mode, on_existing, send_welcome)
        OVERRIDING SYSTEM VALUE VALUES ($1, $2, 'students', $3, $4, $5, $6, $7, $8)";
    let values = [
        import_id.into(),
        institution_id.into(),
        upload_id.into(),
        job_id.into(),
        actor.user_id.into(),
        order.mode.as_str().into(),
        order.on_existing.as_str().into(),
        order.send_welcome.into(),
    ];
    work.tx().execute_raw(sql(insert, values)).await?;
    let deed = Deed::new("import.requested", "import", import_id.0).with(json!({ "kind": "students", "mode": order.mode }));
    activity::record(work, actor, deed).await?;
    Ok(Accepted { import_id, job_id })
}
