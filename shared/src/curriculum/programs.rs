//! Programs of study of a department: everybody of the institution reads them, administrators write them.

use super::departments::NAME_LIMIT;
use super::{CODE_LIMIT, changes, deletion, listing};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Page, PageRequest, Sort, Work};
use crate::entity::department;
use crate::entity::program::{self, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, ProgramId};
use crate::validation::Checks;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::json;

/// A program to be made.
#[derive(Clone, Debug)]
pub struct NewProgram {
    /// Its department; stays as it is.
    pub department_id: DepartmentId,
    /// Unique within the institution; 1 to 20 characters; stays as it is, because imports name programs by it.
    pub code: String,
    /// 1 to 150 characters.
    pub name: String,
}

/// A partial change: `None` leaves a field.
#[derive(Clone, Debug, Default)]
pub struct ProgramPatch {
    /// As in [`NewProgram`].
    pub name: Option<String>,
    /// Whether it is offered. Its students and their results stay as they are.
    pub is_active: Option<bool>,
}

/// Which programs a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct ProgramFilter {
    /// The beginning of the code, or a part of the name.
    pub search: Option<String>,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Whether it is offered.
    pub is_active: Option<bool>,
    /// The wanted order, see [`Sort`]; by default by code.
    pub sort: Option<String>,
}

/// What a list can be sorted by.
const SORTS: &[(&str, Column)] = &[("code", Column::Code), ("name", Column::Name), ("created_at", Column::CreatedAt)];

/// Makes a program.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when the code is taken.
pub async fn create(work: &Work, actor: &Actor, order: NewProgram) -> Result<Model> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    check_department(work.tx(), &mut checks, institution_id, order.department_id).await?;
    let program = program::ActiveModel {
        institution_id: Set(institution_id),
        department_id: Set(order.department_id),
        code: Set(checks.text("code", &order.code, CODE_LIMIT)),
        name: Set(checks.text("name", &order.name, NAME_LIMIT)),
        ..Default::default()
    };
    checks.finish()?;
    let program = program.insert(work.tx()).await?;
    activity::record(work, actor, Deed::new("program.created", "program", program.id.0)).await?;
    Ok(program)
}

/// Names a department that is none of the institution as a fault.
pub(super) async fn check_department(
    db: &impl ConnectionTrait,
    checks: &mut Checks,
    institution_id: InstitutionId,
    id: DepartmentId,
) -> Result<()> {
    let found = department::Entity::find_by_id(id).filter(department::Column::InstitutionId.eq(institution_id));
    if found.count(db).await? == 0 {
        checks.fault("department_id", "unknown_department", "names no department of the institution");
    }
    Ok(())
}

/// One program.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ProgramId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .one(db)
        .await?
        .ok_or(Error::NotFound("program"))
}

/// Programs of the institution.
///
/// # Errors
/// `Invalid` for an impossible search or order; `Forbidden` for the super admin.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &ProgramFilter, request: PageRequest) -> Result<Page<Model>> {
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), NAME_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[(Column::Code, Order::Asc)]);
    checks.finish()?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .apply_if(search, |query, text| {
            query.filter(listing::finds(Column::Code, Column::Name, &text))
        })
        .apply_if(filter.department_id, |query, id| query.filter(Column::DepartmentId.eq(id)))
        .apply_if(filter.is_active, |query, active| query.filter(Column::IsActive.eq(active)));
    listing::page(db, sort.apply(query).order_by_asc(Column::Id), request).await
}

/// Changes a program.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`, also for another institution's; `Outdated`.
pub async fn update(work: &Work, actor: &Actor, id: ProgramId, expected: &Expected, patch: ProgramPatch) -> Result<Model> {
    let before = lock(work, actor, id).await?;
    expected.check(before.version)?;
    let mut checks = Checks::default();
    let mut change = before.clone().into_active_model();
    if let Some(name) = patch.name {
        change.name.set_if_not_equals(checks.text("name", &name, NAME_LIMIT));
    }
    if let Some(is_active) = patch.is_active {
        change.is_active.set_if_not_equals(is_active);
    }
    checks.finish()?;
    let deed = Deed::new("program.updated", "program", id.0);
    Ok(changes::save(work, actor, before, change, deed).await?.row)
}

/// Deletes a program that has neither students nor outcomes.
///
/// # Errors
/// `NotFound`, also for another institution's; `Conflict` `program_in_use`, naming how many students and outcomes it has.
pub async fn delete(work: &Work, actor: &Actor, id: ProgramId) -> Result<()> {
    let program = lock(work, actor, id).await?;
    let select = "
        SELECT (SELECT count(*) FROM users WHERE program_id = $1) AS students,
            (SELECT count(*) FROM program_outcomes WHERE program_id = $1) AS outcomes";
    let uses = deletion::count(work, select, [id.into()], ["students", "outcomes"]).await?;
    if let Some(uses) = deletion::listed(&uses) {
        let message = format!("The program has {uses}; deactivate it, or move the students and delete the outcomes first.");
        return Err(Error::conflict("program_in_use", message));
    }
    let deed = Deed::new("program.deleted", "program", id.0).with(json!({ "code": program.code }));
    program.delete(work.tx()).await?;
    activity::record(work, actor, deed).await
}

/// The program for an administrator, locked: a student who moves to it waits, so that whoever marks all its students
/// misses none.
pub(super) async fn lock(work: &Work, actor: &Actor, id: ProgramId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.require_admin()?))
        .lock_exclusive()
        .one(work.tx())
        .await?
        .ok_or(Error::NotFound("program"))
}
