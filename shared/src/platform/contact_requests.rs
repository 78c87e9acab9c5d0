//! Visitors who ask to be contacted: they write without an account, the super admin reads and works the requests off.
//!
//! Everything is stored as it was written; showing it safely is the frontend's affair.

use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Page, PageRequest, Sort, Work, contains, count, sql};
use crate::entity::contact_request::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::ContactRequestId;
use crate::kinds::{ContactRequestStatus, ContactRequestType, InstitutionType, Role};
use crate::validation::Checks;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, IntoActiveModel, Iterable, Order,
    QuerySelect, Value,
};
use serde_json::json;

/// Longest name of an institution or a person, in characters.
const NAME_LIMIT: usize = 255;

/// Longest telephone number as visitors write it, with extensions and words, in characters.
const PHONE_LIMIT: usize = 50;

/// Longest message and longest notes, in characters.
const TEXT_LIMIT: usize = 5000;

/// What a list can be sorted by.
const SORTS: &[(&str, &str)] = &[
    ("created_at", "created_at"),
    ("updated_at", "updated_at"),
    ("institution_name", r#"institution_name COLLATE "und-x-icu""#),
    ("contact_name", r#"contact_name COLLATE "und-x-icu""#),
    ("request_type", "request_type"),
    ("status", "status"),
];

/// What a visitor asks.
#[derive(Clone, Debug)]
pub struct NewContactRequest {
    /// 1 to 255 characters.
    pub institution_name: String,
    /// What kind of institution it is.
    pub institution_type: InstitutionType,
    /// 1 to 255 characters.
    pub contact_name: String,
    /// Where the answer goes.
    pub contact_email: String,
    /// At most 50 characters.
    pub contact_phone: Option<String>,
    /// What it is about.
    pub request_type: ContactRequestType,
    /// At most 5000 characters in several lines.
    pub message: Option<String>,
}

/// Stores a request. The same one again within a day, as when somebody sends a form twice, is the request that is stored.
///
/// # Errors
/// `Invalid`, naming every fault.
pub async fn create(work: &Work, order: NewContactRequest) -> Result<Model> {
    let mut checks = Checks::default();
    let request = ActiveModel {
        institution_name: Set(checks.text("institution_name", &order.institution_name, NAME_LIMIT)),
        institution_type: Set(order.institution_type),
        contact_name: Set(checks.text("contact_name", &order.contact_name, NAME_LIMIT)),
        contact_email: Set(checks.email("contact_email", &order.contact_email)),
        contact_phone: Set(checks.optional_text("contact_phone", order.contact_phone.as_deref(), PHONE_LIMIT)),
        request_type: Set(order.request_type),
        message: Set(checks.optional_prose("message", order.message.as_deref(), TEXT_LIMIT)),
        ..Default::default()
    };
    checks.finish()?;
    if let Some(same) = same_lately(work, &request).await? {
        return Ok(same);
    }
    let stored = request.insert(work.tx()).await?;
    let deed = Deed::new("contact_request.created", "contact_request", stored.id.0);
    activity::record_for(work, None, None, deed).await?;
    Ok(stored)
}

/// The lock lets one of two equal requests see the other.
async fn same_lately(work: &Work, request: &ActiveModel) -> Result<Option<Model>> {
    let email = request.contact_email.as_ref().clone();
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('contact_request:' || $1, 0))";
    work.tx().execute_raw(sql(lock, [email.clone().into()])).await?;
    let select = "
        SELECT * FROM contact_requests
        WHERE contact_email = $1 AND created_at > now() - interval '1 day' AND institution_name = $2 AND institution_type = $3
          AND contact_name = $4 AND request_type = $5 AND contact_phone IS NOT DISTINCT FROM $6 AND message IS NOT DISTINCT FROM $7
        ORDER BY id LIMIT 1";
    let values = [
        email.into(),
        request.institution_name.as_ref().clone().into(),
        request.institution_type.as_ref().as_str().into(),
        request.contact_name.as_ref().clone().into(),
        request.request_type.as_ref().as_str().into(),
        request.contact_phone.as_ref().clone().into(),
        request.message.as_ref().clone().into(),
    ];
    Ok(Model::find_by_statement(sql(select, values)).one(work.tx()).await?)
}

/// Which requests a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct ContactRequestFilter {
    /// A part of the institution's name, of the person's name or of the address.
    pub search: Option<String>,
    /// Where it stands.
    pub status: Option<ContactRequestStatus>,
    /// What it is about.
    pub request_type: Option<ContactRequestType>,
    /// E.g. `status,-created_at`; the newest first when absent.
    pub sort: Option<String>,
}

/// Requests, the newest first unless another order is wished for; super admins only.
///
/// # Errors
/// `Forbidden`; `Invalid` for an impossible search or sort.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &ContactRequestFilter, request: PageRequest) -> Result<Page<Model>> {
    actor.require(&[Role::SuperAdmin])?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), NAME_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[("created_at", Order::Desc)]);
    checks.finish()?;
    let matching = format!(
        "FROM contact_requests
         WHERE ($1::text IS NULL OR {} OR {} OR strpos(contact_email, lower($1)) > 0)
           AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR request_type = $3)",
        contains("institution_name", "$1"),
        contains("contact_name", "$1"),
    );
    let values: [Value; 3] = [
        search.into(),
        filter.status.map(ContactRequestStatus::as_str).into(),
        filter.request_type.map(ContactRequestType::as_str).into(),
    ];
    let page = format!("SELECT * {matching} ORDER BY {} LIMIT $4 OFFSET $5", sort.sql("id DESC"));
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Model::find_by_statement(sql(&page, values.iter().cloned().chain(bounds)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: count(db, &matching, values).await?,
    })
}

/// One request; super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound`.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ContactRequestId) -> Result<Model> {
    actor.require(&[Role::SuperAdmin])?;
    Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound("contact request"))
}

/// What can be changed of a request: not what the visitor wrote.
#[derive(Clone, Debug, Default)]
pub struct ContactRequestPatch {
    /// Where it stands; any may follow any.
    pub status: Option<ContactRequestStatus>,
    /// At most 5000 characters in several lines; `Some(None)` empties them.
    pub notes: Option<Option<String>>,
}

/// Changes status and notes; super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Outdated`; `Invalid`, naming every fault.
pub async fn update(work: &Work, actor: &Actor, id: ContactRequestId, expected: &Expected, patch: ContactRequestPatch) -> Result<Model> {
    let before = lock(work, actor, id).await?;
    expected.check(before.version)?;
    let mut checks = Checks::default();
    let mut change = before.clone().into_active_model();
    if let Some(status) = patch.status {
        change.status.set_if_not_equals(status);
    }
    if let Some(notes) = patch.notes {
        let notes = checks.optional_prose("notes", notes.as_deref(), TEXT_LIMIT);
        change.notes.set_if_not_equals(notes);
    }
    checks.finish()?;
    let written = Column::iter().filter(|column| change.get(*column).is_set());
    let changed: Vec<&str> = written.map(|column| column.as_str()).collect();
    if changed.is_empty() {
        return Ok(before);
    }
    let after = change.update(work.tx()).await?;
    let detail = json!({ "changed": changed, "status": after.status });
    let deed = Deed::new("contact_request.updated", "contact_request", id.0).with(detail);
    activity::record_for(work, Some(actor.user_id), None, deed).await?;
    Ok(after)
}

/// Deletes an archived request; super admins only.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `contact_request_not_archived`.
pub async fn delete(work: &Work, actor: &Actor, id: ContactRequestId) -> Result<()> {
    let request = lock(work, actor, id).await?;
    if request.status != ContactRequestStatus::Archived {
        return Err(Error::conflict(
            "contact_request_not_archived",
            "Only archived requests are deleted; archive this one first.",
        ));
    }
    Entity::delete_by_id(id).exec(work.tx()).await?;
    let deed = Deed::new("contact_request.deleted", "contact_request", id.0);
    activity::record_for(work, Some(actor.user_id), None, deed).await
}

async fn lock(work: &Work, actor: &Actor, id: ContactRequestId) -> Result<Model> {
    actor.require(&[Role::SuperAdmin])?;
    let found = Entity::find_by_id(id).lock_exclusive().one(work.tx()).await?;
    found.ok_or(Error::NotFound("contact request"))
}
