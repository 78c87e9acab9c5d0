//! Departments of an institution: everybody of it reads them, administrators write them.

use super::{CODE_LIMIT, changes, deletion, listing};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Page, PageRequest, Sort, Work};
use crate::entity::department::{self, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::DepartmentId;
use crate::validation::Checks;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde_json::json;

/// Longest name of a department or program, in characters.
pub(super) const NAME_LIMIT: usize = 150;

/// Longest description, in characters.
const DESCRIPTION_LIMIT: usize = 2000;

/// A department to be made.
#[derive(Clone, Debug, Default)]
pub struct NewDepartment {
    /// Unique within the institution; 1 to 20 characters.
    pub code: String,
    /// Unique within the institution; 1 to 150 characters.
    pub name: String,
    /// At most 2000 characters.
    pub description: Option<String>,
    /// Address.
    pub contact_email: Option<String>,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    pub contact_phone: Option<String>,
}

/// A partial change: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct DepartmentPatch {
    /// As in [`NewDepartment`].
    pub code: Option<String>,
    /// As in [`NewDepartment`].
    pub name: Option<String>,
    /// As in [`NewDepartment`].
    pub description: Option<Option<String>>,
    /// As in [`NewDepartment`].
    pub contact_email: Option<Option<String>>,
    /// As in [`NewDepartment`].
    pub contact_phone: Option<Option<String>>,
}

/// What a list can be sorted by.
const SORTS: &[(&str, Column)] = &[("code", Column::Code), ("name", Column::Name), ("created_at", Column::CreatedAt)];

/// Which departments a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct DepartmentFilter {
    /// The beginning of the code, or a part of the name.
    pub search: Option<String>,
    /// The wanted order, see [`Sort`]; by default by code.
    pub sort: Option<String>,
}

/// Makes a department.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when code or name are taken.
pub async fn create(work: &Work, actor: &Actor, order: NewDepartment) -> Result<Model> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    let department = department::ActiveModel {
        institution_id: Set(institution_id),
        code: Set(checks.text("code", &order.code, CODE_LIMIT)),
        name: Set(checks.text("name", &order.name, NAME_LIMIT)),
        description: Set(checks.optional_prose("description", order.description.as_deref(), DESCRIPTION_LIMIT)),
        contact_email: Set(checks.optional_email("contact_email", order.contact_email.as_deref())),
        contact_phone: Set(checks.phone("contact_phone", order.contact_phone.as_deref())),
        ..Default::default()
    };
    checks.finish()?;
    let department = department.insert(work.tx()).await?;
    activity::record(work, actor, Deed::new("department.created", "department", department.id.0)).await?;
    Ok(department)
}

/// One department.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: DepartmentId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .one(db)
        .await?
        .ok_or(Error::NotFound("department"))
}

/// Departments of the institution.
///
/// # Errors
/// `Invalid` for an impossible search or order; `Forbidden` for the super admin.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &DepartmentFilter, request: PageRequest) -> Result<Page<Model>> {
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), NAME_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[(Column::Code, Order::Asc)]);
    checks.finish()?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .apply_if(search, |query, text| {
            query.filter(listing::finds(Column::Code, Column::Name, &text))
        });
    listing::page(db, sort.apply(query).order_by_asc(Column::Id), request).await
}

/// Changes a department.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`, also for another institution's; `Outdated`; `Conflict` when code or name are taken.
pub async fn update(work: &Work, actor: &Actor, id: DepartmentId, expected: &Expected, patch: DepartmentPatch) -> Result<Model> {
    let before = lock(work, actor, id).await?;
    expected.check(before.version)?;
    let mut checks = Checks::default();
    let mut change = before.clone().into_active_model();
    if let Some(code) = patch.code {
        change.code.set_if_not_equals(checks.text("code", &code, CODE_LIMIT));
    }
    if let Some(name) = patch.name {
        change.name.set_if_not_equals(checks.text("name", &name, NAME_LIMIT));
    }
    if let Some(text) = patch.description {
        let text = checks.optional_prose("description", text.as_deref(), DESCRIPTION_LIMIT);
        change.description.set_if_not_equals(text);
    }
    if let Some(email) = patch.contact_email {
        let email = checks.optional_email("contact_email", email.as_deref());
        change.contact_email.set_if_not_equals(email);
    }
    if let Some(phone) = patch.contact_phone {
        change
            .contact_phone
            .set_if_not_equals(checks.phone("contact_phone", phone.as_deref()));
    }
    checks.finish()?;
    let deed = Deed::new("department.updated", "department", id.0);
    Ok(changes::save(work, actor, before, change, deed).await?.row)
}

/// Deletes a department that nothing refers to.
///
/// # Errors
/// `NotFound`, also for another institution's; `Conflict` `department_in_use`, naming how many courses, programs and people refer to it.
pub async fn delete(work: &Work, actor: &Actor, id: DepartmentId) -> Result<()> {
    let department = lock(work, actor, id).await?;
    let select = "
        SELECT (SELECT count(*) FROM courses WHERE department_id = $1) AS courses,
            (SELECT count(*) FROM programs WHERE department_id = $1) AS programs,
            (SELECT count(*) FROM users WHERE department_id = $1) AS people";
    let uses = deletion::count(work, select, [id.into()], ["courses", "programs", "people"]).await?;
    if let Some(uses) = deletion::listed(&uses) {
        let message = format!("The department has {uses}; move or delete them first.");
        return Err(Error::conflict("department_in_use", message));
    }
    let deed = Deed::new("department.deleted", "department", id.0).with(json!({ "code": department.code }));
    department.delete(work.tx()).await?;
    activity::record(work, actor, deed).await
}

/// The department for an administrator, locked: whoever refers to it meanwhile waits.
async fn lock(work: &Work, actor: &Actor, id: DepartmentId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.require_admin()?))
        .lock_exclusive()
        .one(work.tx())
        .await?
        .ok_or(Error::NotFound("department"))
}
