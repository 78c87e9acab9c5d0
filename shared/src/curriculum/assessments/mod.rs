//! Assessments of a course: who sees the course sees them, who may write the course writes them.
//!
//! The weight of an assessment is its share of the course grade. Results of outcomes use the weights of the mappings
//! instead, so that it moves none of them.

mod delete;
mod feedback;
mod read;
mod update;

pub use crate::entity::assessment::FeedbackRange;
pub use delete::delete;
pub use read::{AssessmentFilter, find, list};
pub use update::{AssessmentPatch, update};

use super::{DESCRIPTION_LIMIT, TITLE_LIMIT, access};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::Work;
use crate::entity::assessment::{self, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::{AssessmentId, CourseId};
use crate::kinds::AssessmentType;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

/// The highest weight: 999.99.
const WEIGHT_LIMIT: Decimal = Decimal::from_parts(99_999, 0, 0, false, 2);

/// The lowest maximum: 0.01.
const LOWEST_MAX_SCORE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The highest maximum: 9999.99.
const HIGHEST_MAX_SCORE: Decimal = Decimal::from_parts(999_999, 0, 0, false, 2);

/// An assessment to be made.
#[derive(Clone, Debug)]
pub struct NewAssessment {
    /// Unique within the course; 1 to 200 characters.
    pub title: String,
    /// At most 5000 characters.
    pub description: Option<String>,
    /// Its form.
    pub assessment_type: AssessmentType,
    /// Share of the course grade, 0 to 999.99; only ratios matter, so that sums of 75, 130 or 200 are fine.
    pub weight: f64,
    /// The score of a perfect work, 0.01 to 9999.99; 100 when absent.
    pub max_score: Option<f64>,
    /// When it is due.
    pub due_date: Option<DateTime<Utc>>,
    /// Words by percentage; must not overlap.
    pub feedback_ranges: Vec<FeedbackRange>,
    /// That the ranges leave out no percentage; then they must not.
    pub feedback_complete: bool,
}

fn check_weight(checks: &mut Checks, weight: f64) -> Decimal {
    checks.decimal("weight", weight, Decimal::ZERO, WEIGHT_LIMIT)
}

fn check_max_score(checks: &mut Checks, max_score: f64) -> Decimal {
    checks.decimal("max_score", max_score, LOWEST_MAX_SCORE, HIGHEST_MAX_SCORE)
}

/// Makes an assessment. It moves no result until it is mapped to a learning outcome.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for another teacher's course; `NotFound`; `Conflict` when the title is taken.
pub async fn create(work: &Work, actor: &Actor, course_id: CourseId, order: NewAssessment) -> Result<Model> {
    let course = access::writable_course(work, actor, course_id).await?;
    let mut checks = Checks::default();
    let row = assessment::ActiveModel {
        institution_id: Set(course.institution_id),
        course_id: Set(course_id),
        academic_year: Set(course.academic_year),
        title: Set(checks.text("title", &order.title, TITLE_LIMIT)),
        description: Set(checks.optional_prose("description", order.description.as_deref(), DESCRIPTION_LIMIT)),
        assessment_type: Set(order.assessment_type),
        weight: Set(check_weight(&mut checks, order.weight)),
        max_score: Set(check_max_score(&mut checks, order.max_score.unwrap_or(100.0))),
        due_date: Set(order.due_date),
        feedback_ranges: Set(feedback::check(&mut checks, &order.feedback_ranges, order.feedback_complete)),
        feedback_complete: Set(order.feedback_complete),
        ..Default::default()
    };
    checks.finish()?;
    let row = row.insert(work.tx()).await?;
    activity::record(work, actor, Deed::new("assessment.created", "assessment", row.id.0)).await?;
    Ok(row)
}

/// The assessment for somebody who may write its course, both locked: the course first, as graders do.
pub(super) async fn lock(work: &Work, actor: &Actor, id: AssessmentId) -> Result<Model> {
    let institution_id = actor.require_staff()?;
    let course_id = find(work.tx(), actor, id).await?.course_id;
    access::locked_course(work, actor, course_id).await?;
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(institution_id))
        .lock_exclusive()
        .one(work.tx())
        .await?
        .ok_or(Error::NotFound("assessment"))
}
