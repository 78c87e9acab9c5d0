//! Program outcomes (PO): everybody of the institution reads them, administrators write them.

use super::outcome::Outcome;
use super::{NewOutcome, OutcomePatch, changes, listing, programs};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Work};
use crate::entity::program_outcome::{self, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::{ProgramId, ProgramOutcomeId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

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

/// Outcomes of a program by code.
///
/// # Errors
/// `NotFound` for a program that is none of the institution.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, program_id: ProgramId, request: PageRequest) -> Result<Page<Model>> {
    let program = programs::find(db, actor, program_id).await?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(program.institution_id))
        .filter(Column::ProgramId.eq(program_id))
        .order_by_asc(Column::Code);
    listing::page(db, query, request).await
}

/// Changes an outcome. A new target, and the outcome coming or going, mark every student of the program.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`, also for another institution's; `Conflict` when the code is taken.
pub async fn update(work: &mut Work, actor: &Actor, id: ProgramOutcomeId, patch: OutcomePatch) -> Result<Model> {
    actor.require_admin()?;
    let program_id = find(work.tx(), actor, id).await?.program_id;
    programs::lock(work, actor, program_id).await?;
    // Read again: the lock may have waited for another change.
    let before = find(work.tx(), actor, id).await?;
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
        mark::program(work, saved.row.institution_id, program_id).await?;
    }
    Ok(saved.row)
}
