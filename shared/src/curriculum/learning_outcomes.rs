//! Learning outcomes (LO) of a course: who sees the course sees them, who may write the course writes them.

use super::outcome::Outcome;
use super::{NewOutcome, OutcomeFilter, OutcomePatch, TITLE_LIMIT, access, changes, deletion, listing};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Page, PageRequest, Sort, Work};
use crate::entity::learning_outcome::{self, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::{CourseId, LearningOutcomeId};
use crate::validation::Checks;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, Order, QueryFilter, QueryOrder, QueryTrait,
};
use serde_json::json;

/// What a list can be sorted by.
const SORTS: &[(&str, Column)] = &[
    ("code", Column::Code),
    ("title", Column::Title),
    ("target_percentage", Column::TargetPercentage),
    ("created_at", Column::CreatedAt),
];

/// Makes an outcome of a course. Every student of the course gets a result for it, so they are marked.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for another teacher's course; `NotFound`; `Conflict` when the code is taken.
pub async fn create(work: &mut Work, actor: &Actor, course_id: CourseId, order: NewOutcome) -> Result<Model> {
    let course = access::locked_course(work, actor, course_id).await?;
    let outcome = order.check()?;
    let row = learning_outcome::ActiveModel {
        institution_id: Set(course.institution_id),
        course_id: Set(course_id),
        code: Set(outcome.code),
        title: Set(outcome.title),
        description: Set(outcome.description),
        target_percentage: Set(outcome.target_percentage),
        is_active: Set(outcome.is_active),
        ..Default::default()
    };
    let row = row.insert(work.tx()).await?;
    activity::record(work, actor, Deed::new("learning_outcome.created", "learning_outcome", row.id.0)).await?;
    if row.is_active {
        mark::course(work, row.institution_id, course_id).await?;
    }
    Ok(row)
}

/// One outcome of a course that the actor may see.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: LearningOutcomeId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .filter(access::of_visible_course(actor, Column::CourseId))
        .one(db)
        .await?
        .ok_or(Error::NotFound("learning outcome"))
}

/// Outcomes of a course.
///
/// # Errors
/// `Invalid` for an impossible search or order; `NotFound` for a course that the actor may not see.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    course_id: CourseId,
    filter: &OutcomeFilter,
    request: PageRequest,
) -> Result<Page<Model>> {
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), TITLE_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[(Column::Code, Order::Asc)]);
    checks.finish()?;
    let course = access::visible_course(db, actor, course_id).await?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(course.institution_id))
        .filter(Column::CourseId.eq(course_id))
        .apply_if(search, |query, text| {
            query.filter(listing::finds(Column::Code, Column::Title, &text))
        })
        .apply_if(filter.is_active, |query, active| query.filter(Column::IsActive.eq(active)));
    listing::page(db, sort.apply(query).order_by_asc(Column::Id), request).await
}

/// Changes an outcome. A new target, and the outcome coming or going, mark every student of the course.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for another teacher's course; `NotFound`; `Outdated`; `Conflict` when the code is taken.
pub async fn update(work: &mut Work, actor: &Actor, id: LearningOutcomeId, expected: &Expected, patch: OutcomePatch) -> Result<Model> {
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
    let deed = Deed::new("learning_outcome.updated", "learning_outcome", id.0);
    let saved = changes::save(work, actor, before, change, deed).await?;
    if saved.touched(&["is_active"]) || saved.row.is_active && saved.touched(&["target_percentage"]) {
        mark::course(work, saved.row.institution_id, saved.row.course_id).await?;
    }
    Ok(saved.row)
}

/// Deletes an outcome that was not assessed for anybody, with its weights, and marks every student of the course: what it
/// served counts one less.
///
/// # Errors
/// `Forbidden` for another teacher's course; `NotFound`; `Conflict` `has_achievements` when students have scores or results
/// on it: such an outcome is deactivated.
pub async fn delete(work: &mut Work, actor: &Actor, id: LearningOutcomeId) -> Result<()> {
    let outcome = lock(work, actor, id).await?;
    // Scores as well, because results follow them only after a while.
    let select = "
        SELECT count(DISTINCT student_id) AS students FROM (
            SELECT student_id FROM student_lo_achievements WHERE learning_outcome_id = $1 AND percentage IS NOT NULL
            UNION ALL
            SELECT g.student_id FROM assessment_lo m
            JOIN assessments a ON a.id = m.assessment_id
            JOIN grades g ON g.assessment_id = a.id AND g.academic_year = a.academic_year AND g.status = 'scored'
            WHERE m.learning_outcome_id = $1
        ) assessed";
    let [(_, students)] = deletion::count(work, select, [id.into()], ["students"]).await?;
    if students > 0 {
        let message = format!("The outcome is assessed for students ({students}); deactivate it instead.");
        return Err(Error::conflict("has_achievements", message));
    }
    let deed = Deed::new("learning_outcome.deleted", "learning_outcome", id.0)
        .with(json!({ "code": outcome.code, "course_id": outcome.course_id }));
    let (institution_id, course_id) = (outcome.institution_id, outcome.course_id);
    outcome.delete(work.tx()).await?;
    activity::record(work, actor, deed).await?;
    mark::course(work, institution_id, course_id).await
}

/// The outcome for somebody who may write its course, with the course locked: nobody else writes the outcome meanwhile.
pub(super) async fn lock(work: &Work, actor: &Actor, id: LearningOutcomeId) -> Result<Model> {
    actor.require_staff()?;
    let course_id = find(work.tx(), actor, id).await?.course_id;
    access::locked_course(work, actor, course_id).await?;
    // Read again: the lock may have waited for another change.
    find(work.tx(), actor, id).await
}
