//! The activity log: who did what to which thing. Written in the transaction of the deed itself.

use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{InstitutionId, UserId};
use sea_orm::ConnectionTrait;
use serde_json::Value;

/// One deed.
#[derive(Clone, Debug)]
pub struct Deed {
    /// What was done, e.g. `course.created`.
    pub action: &'static str,
    /// Kind of the thing, e.g. `course`.
    pub object_type: &'static str,
    /// Its id.
    pub object_id: Option<i64>,
    /// Further facts; never a secret, never a grade's reason.
    pub detail: Value,
}

impl Deed {
    /// A deed without further facts.
    #[must_use]
    pub fn new(action: &'static str, object_type: &'static str, object_id: impl Into<Option<i64>>) -> Self {
        Self {
            action,
            object_type,
            object_id: object_id.into(),
            detail: Value::Object(serde_json::Map::new()),
        }
    }

    /// The same with further facts; an object.
    #[must_use]
    pub fn with(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Writes a deed of a signed-in user, in its own institution.
///
/// # Errors
/// When the database refuses.
pub async fn record(work: &Work, actor: &Actor, deed: Deed) -> Result<()> {
    record_for(work, Some(actor.user_id), actor.institution_id, deed).await
}

/// Writes a deed for a named institution: the super admin's deeds, and those without an actor.
///
/// # Errors
/// When the database refuses.
pub async fn record_for(work: &Work, actor: Option<UserId>, institution: Option<InstitutionId>, deed: Deed) -> Result<()> {
    let insert = "INSERT INTO activity_log (institution_id, actor_id, action, object_type, object_id, detail, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        institution.into(),
        actor.into(),
        deed.action.into(),
        deed.object_type.into(),
        deed.object_id.into(),
        deed.detail.into(),
        work.request_id().map(str::to_owned).into(),
    ];
    work.tx().execute_raw(sql(insert, values)).await?;
    Ok(())
}
