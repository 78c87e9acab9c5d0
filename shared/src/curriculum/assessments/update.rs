//! Changing assessments.

use super::{FeedbackRange, check_max_score, check_weight, feedback, lock};
use crate::achievement::mark;
use crate::activity::Deed;
use crate::actor::Actor;
use crate::curriculum::changes::{self, Saved};
use crate::curriculum::{DESCRIPTION_LIMIT, TITLE_LIMIT};
use crate::db::{Expected, Work, sql};
use crate::entity::assessment::{ActiveModel, Model};
use crate::entity::assessment_lo;
use crate::error::{Error, Result};
use crate::grading;
use crate::ids::AssessmentId;
use crate::kinds::AssessmentType;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

/// A partial change: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct AssessmentPatch {
    /// As in [`super::NewAssessment`].
    pub title: Option<String>,
    /// As in [`super::NewAssessment`].
    pub description: Option<Option<String>>,
    /// As in [`super::NewAssessment`].
    pub assessment_type: Option<AssessmentType>,
    /// As in [`super::NewAssessment`].
    pub weight: Option<f64>,
    /// As in [`super::NewAssessment`]; not below a score that was given.
    pub max_score: Option<f64>,
    /// As in [`super::NewAssessment`].
    pub due_date: Option<Option<DateTime<Utc>>>,
    /// As in [`super::NewAssessment`]; replaced as a whole.
    pub feedback_ranges: Option<Vec<FeedbackRange>>,
    /// As in [`super::NewAssessment`].
    pub feedback_complete: Option<bool>,
    /// Whether it counts in results and may be graded. Its grades stay either way.
    pub is_active: Option<bool>,
}

/// Changes an assessment. Where learning outcomes are measured by it, a new maximum, and the assessment coming or going,
/// mark every student of the course. Words that nobody wrote follow new ranges and a new maximum.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for another teacher's course; `NotFound`; `Outdated`; `Conflict` when the title
/// is taken, `max_score_below_grades` when a score is higher than the new maximum.
pub async fn update(work: &mut Work, actor: &Actor, id: AssessmentId, expected: &Expected, patch: AssessmentPatch) -> Result<Model> {
    let before = lock(work, actor, id).await?;
    expected.check(before.version)?;
    let mut checks = Checks::default();
    let change = merge(&mut checks, &before, &patch);
    checks.finish()?;
    if let Some(max_score) = change.max_score.try_as_ref().filter(|max_score| **max_score < before.max_score) {
        refuse_below_grades(work, &before, *max_score).await?;
    }
    let saved = changes::save(work, actor, before, change, Deed::new("assessment.updated", "assessment", id.0)).await?;
    if saved.touched(&["feedback_ranges", "max_score"]) {
        grading::feedback::refresh(work, &saved.row).await?;
    }
    if moves_results(work, &saved).await? {
        mark::course(work, saved.row.institution_id, saved.row.course_id).await?;
    }
    Ok(saved.row)
}

fn merge(checks: &mut Checks, before: &Model, patch: &AssessmentPatch) -> ActiveModel {
    let mut change = before.clone().into_active_model();
    if let Some(title) = &patch.title {
        change.title.set_if_not_equals(checks.text("title", title, TITLE_LIMIT));
    }
    if let Some(text) = &patch.description {
        let text = checks.optional_prose("description", text.as_deref(), DESCRIPTION_LIMIT);
        change.description.set_if_not_equals(text);
    }
    if let Some(assessment_type) = patch.assessment_type {
        change.assessment_type.set_if_not_equals(assessment_type);
    }
    if let Some(weight) = patch.weight {
        change.weight.set_if_not_equals(check_weight(checks, weight));
    }
    if let Some(max_score) = patch.max_score {
        change.max_score.set_if_not_equals(check_max_score(checks, max_score));
    }
    if let Some(due_date) = patch.due_date {
        change.due_date.set_if_not_equals(due_date);
    }
    merge_feedback(checks, before, patch, &mut change);
    if let Some(is_active) = patch.is_active {
        change.is_active.set_if_not_equals(is_active);
    }
    change
}

/// Ranges and the claim that they are complete have to fit, whichever of them is new.
fn merge_feedback(checks: &mut Checks, before: &Model, patch: &AssessmentPatch, change: &mut ActiveModel) {
    let complete = patch.feedback_complete.unwrap_or(before.feedback_complete);
    match &patch.feedback_ranges {
        Some(ranges) => {
            change.feedback_ranges.set_if_not_equals(feedback::check(checks, ranges, complete));
        }
        None if complete => feedback::check_complete(checks, &before.feedback_ranges),
        None => {}
    }
    change.feedback_complete.set_if_not_equals(complete);
}

/// Whoever grades shares the assessment's lock, so that no score comes in meanwhile.
async fn refuse_below_grades(work: &Work, assessment: &Model, max_score: Decimal) -> Result<()> {
    let select = "SELECT max(score) AS highest FROM grades WHERE assessment_id = $1 AND academic_year = $2";
    let values = [assessment.id.into(), assessment.academic_year.into()];
    let row = work.tx().query_one_raw(sql(select, values)).await?;
    let highest: Option<Decimal> = row.map(|row| row.try_get("", "highest")).transpose()?.flatten();
    match highest {
        Some(highest) if highest > max_score => Err(Error::conflict(
            "max_score_below_grades",
            format!("A score of {} was given; correct the grades first.", highest.normalize()),
        )),
        _ => Ok(()),
    }
}

async fn moves_results(work: &Work, saved: &Saved<Model>) -> Result<bool> {
    let counts_differently = saved.touched(&["is_active"]) || saved.row.is_active && saved.touched(&["max_score"]);
    if !counts_differently {
        return Ok(false);
    }
    let mapped = assessment_lo::Entity::find().filter(assessment_lo::Column::AssessmentId.eq(saved.row.id));
    Ok(mapped.count(work.tx()).await? > 0)
}
