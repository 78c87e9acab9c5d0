//! Program outcomes (PO): everybody of the institution reads them, administrators write them.

use super::outcome::Outcome;
use super::{NewOutcome, OutcomeFilter, OutcomePatch, TITLE_LIMIT, changes, deletion, listing, programs};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Page, PageRequest, Sort, Work};
use crate::entity::program_outcome::{self, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::{ProgramId, ProgramOutcomeId};
use crate::validation::Checks;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde_json::json;

/// What a list can be sorted by.
const SORTS: &[(&str, Column)] = &[
    ("code", Column::Code),
    ("title", Column::Title),
    ("target_percentage", Column::TargetPercentage),
    ("created_at", Column::CreatedAt),
];

/// Makes an outcome of a program. Every student of the program gets a result for it, so they are marked.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound` for a program that is none of the institution; `Conflict` when the code is taken.
pub async fn create(work: &mut Work, actor: &Actor, program_id: ProgramId, order: NewOutcome) -> Result<Model> {
    let program = programs::lock(work, actor, program_id).await?;
    let outcome = order.check()?;
    let row = program_outcome::ActiveModel {
        institution_id: Set(program.institution_id),
        program_id: Set(program_id),
        code: Set(outcome.code),
        title: Set(outcome.title),
        description: Set(outcome.description),
        target_percentage: Set(outcome.target_percentage),
        is_active: Set(outcome.is_active),
        ..Default::default()
    };
    let row = row.insert(work.tx()).await?;
    activity::record(work, actor, Deed::new("program_outcome.created", "program_outcome", row.id.0)).await?;
    if row.is_active {
        mark::program(work, row.institution_id, program_id).await?;
    }
    Ok(row)
}

/// One outcome.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: ProgramOutcomeId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .one(db)
        .await?
        .ok_or(Error::NotFound("program outcome"))
}

/// Outcomes of a program.
///
/// # Errors
/// `Invalid` for an impossible search or order; `NotFound` for a program that is none of the institution.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    program_id: ProgramId,
    filter: &OutcomeFilter,
    request: PageRequest,
) -> Result<Page<Model>> {
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), TITLE_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[(Column::Code, Order::Asc)]);
    checks.finish()?;
    let program = programs::find(db, actor, program_id).await?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(program.institution_id))
        .filter(Column::ProgramId.eq(program_id))
        .apply_if(search, |query, text| {
            query.filter(listing::finds(Column::Code, Column::Title, &text))
        })
        .apply_if(filter.is_active, |query, active| query.filter(Column::IsActive.eq(active)));
    listing::page(db, sort.apply(query).order_by_asc(Column::Id), request).await
}

/// Changes an outcome. A new target, and the outcome coming or going, mark every student of the program.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`, also for another institution's; `Outdated`; `Conflict` when the code is taken.
pub async fn update(work: &mut Work, actor: &Actor, id: ProgramOutcomeId, expected: &Expected, patch: OutcomePatch) -> Result<Model> {
    let before = lock(work, actor, id).await?;
    expected.check(before.version)?;
    let after = patch.check(Outcome {
        code: before.code.clone(),
        title: before.title.clone(),
        description: before.description.clone(),
        target_percentage: before.target_percentage,
        is_active: before.is_active,
    })?;
    let mut change = before.clone().into_active_model();
    change.code.set_if_not_equals(after.code);
    change.title.set_if_not_equals(after.title);
    change.description.set_if_not_equals(after.description);
    change.target_percentage.set_if_not_equals(after.target_percentage);
    change.is_active.set_if_not_equals(after.is_active);
    let deed = Deed::new("program_outcome.updated", "program_outcome", id.0);
    let saved = changes::save(work, actor, before, change, deed).await?;
    if saved.touched(&["is_active"]) || saved.row.is_active && saved.touched(&["target_percentage"]) {
        mark::program(work, saved.row.institution_id, saved.row.program_id).await?;
    }
    Ok(saved.row)
}

/// Deletes an outcome that no learning outcome serves, so that it is not assessed for anybody.
///
/// # Errors
/// `NotFound`, also for another institution's; `Conflict` `has_achievements` when students have results, `has_mappings`
/// when learning outcomes serve it: such an outcome is deactivated.
pub async fn delete(work: &Work, actor: &Actor, id: ProgramOutcomeId) -> Result<()> {
    let outcome = lock(work, actor, id).await?;
    let select = "
        SELECT (SELECT count(*) FROM student_po_achievements WHERE program_outcome_id = $1 AND percentage IS NOT NULL) AS results,
            (SELECT count(*) FROM lo_po WHERE program_outcome_id = $1) AS mappings";
    let [(_, results), (_, mappings)] = deletion::count(work, select, [id.into()], ["results", "mappings"]).await?;
    if results > 0 {
        let message = format!("The outcome has results of students ({results}); deactivate it instead.");
        return Err(Error::conflict("has_achievements", message));
    }
    if mappings > 0 {
        let message = format!("Learning outcomes ({mappings}) serve the outcome; deactivate it, or take it out of them first.");
        return Err(Error::conflict("has_mappings", message));
    }
    let deed = Deed::new("program_outcome.deleted", "program_outcome", id.0).with(json!({ "code": outcome.code }));
    // What it said to each student, that it is not assessed, goes with it; nothing else follows from it.
    outcome.delete(work.tx()).await?;
    activity::record(work, actor, deed).await
}

/// The outcome for an administrator, locked with its program, the program first: whoever maps to it meanwhile waits.
async fn lock(work: &Work, actor: &Actor, id: ProgramOutcomeId) -> Result<Model> {
    let institution_id = actor.require_admin()?;
    let program_id = find(work.tx(), actor, id).await?.program_id;
    programs::lock(work, actor, program_id).await?;
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(institution_id))
        .lock_exclusive()
        .one(work.tx())
        .await?
        .ok_or(Error::NotFound("program outcome"))
}
