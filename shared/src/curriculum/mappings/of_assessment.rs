//! How much an assessment says about the learning outcomes of its course.

use super::{NewWeight, Rule, check, check_length};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::assessments;
use crate::db::{Expected, Fingerprint, Work, sql};
use crate::entity::{assessment, learning_outcome};
use crate::error::Result;
use crate::ids::{AssessmentId, InstitutionId, LearningOutcomeId};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

/// A learning outcome that an assessment measures.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct MeasuredOutcome {
    /// The outcome.
    pub learning_outcome_id: LearningOutcomeId,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// 0 to 100; zero means mapped but without influence.
    pub weight: Decimal,
}

/// What an assessment measures, by code.
///
/// # Errors
/// `NotFound` for an assessment that the actor may not see.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, id: AssessmentId) -> Result<Vec<MeasuredOutcome>> {
    let assessment = assessments::find(db, actor, id).await?;
    read(db, assessment.institution_id, id).await
}

async fn read(db: &impl ConnectionTrait, institution_id: InstitutionId, id: AssessmentId) -> Result<Vec<MeasuredOutcome>> {
    let select = "
        SELECT o.id AS learning_outcome_id, o.code, o.title, m.weight
        FROM assessment_lo m JOIN learning_outcomes o ON o.id = m.learning_outcome_id AND o.institution_id = $1
        WHERE m.assessment_id = $2 ORDER BY o.code";
    let found = MeasuredOutcome::find_by_statement(sql(select, [institution_id.into(), id.into()]));
    Ok(found.all(db).await?)
}

/// The version of a list, for optimistic locking.
#[must_use]
pub fn version(rows: &[MeasuredOutcome]) -> Fingerprint {
    Fingerprint::of(
        rows.iter()
            .map(|row| format!("{} {}", row.learning_outcome_id, row.weight.normalize())),
    )
}

/// Replaces what an assessment measures, and marks every student of the course. The same list again changes nothing.
///
/// # Errors
/// `Invalid`, naming every fault as `items[2].weight`; `Forbidden` for another teacher's course; `NotFound`; `Outdated`.
pub async fn replace(
    work: &mut Work,
    actor: &Actor,
    id: AssessmentId,
    expected: &Expected<Fingerprint>,
    items: &[NewWeight<LearningOutcomeId>],
) -> Result<Vec<MeasuredOutcome>> {
    let assessment = assessments::lock(work, actor, id).await?;
    let before = read(work.tx(), assessment.institution_id, id).await?;
    expected.check(version(&before))?;
    check_length(items)?;
    let (outcomes, weights) = check(items, &rule(work, &assessment, items).await?)?;
    if write(work, &assessment, &outcomes, weights).await? {
        activity::record(work, actor, Deed::new("assessment.outcomes_replaced", "assessment", id.0)).await?;
        mark::course(work, assessment.institution_id, assessment.course_id).await?;
    }
    read(work.tx(), assessment.institution_id, id).await
}

async fn rule(work: &Work, assessment: &assessment::Model, items: &[NewWeight<LearningOutcomeId>]) -> Result<Rule<LearningOutcomeId>> {
    let known: Vec<LearningOutcomeId> = learning_outcome::Entity::find()
        .filter(learning_outcome::Column::InstitutionId.eq(assessment.institution_id))
        .filter(learning_outcome::Column::CourseId.eq(assessment.course_id))
        .filter(learning_outcome::Column::Id.is_in(items.iter().map(|item| item.outcome_id)))
        .select_only()
        .column(learning_outcome::Column::Id)
        .into_tuple()
        .all(work.tx())
        .await?;
    Ok(Rule {
        known: known.into_iter().collect(),
        field: "learning_outcome_id",
        unknown: "unknown_learning_outcome",
        message: "names no learning outcome of the assessment's course",
        lowest: Decimal::ZERO,
    })
}

/// Whether anything changed.
async fn write(work: &Work, assessment: &assessment::Model, outcomes: &[LearningOutcomeId], weights: Vec<Decimal>) -> Result<bool> {
    let ids: Vec<i64> = outcomes.iter().map(|id| id.0).collect();
    let delete = "DELETE FROM assessment_lo WHERE assessment_id = $1 AND learning_outcome_id <> ALL($2::bigint[])";
    let deleted = sql(delete, [assessment.id.into(), ids.clone().into()]);
    let deleted = work.tx().execute_raw(deleted).await?.rows_affected();
    let upsert = "
        INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
        SELECT $1, $2, t.id, t.weight FROM unnest($3::bigint[], $4::numeric[]) AS t (id, weight)
        ON CONFLICT (assessment_id, learning_outcome_id) DO UPDATE SET weight = excluded.weight
        WHERE assessment_lo.weight <> excluded.weight";
    let values = [assessment.course_id.into(), assessment.id.into(), ids.into(), weights.into()];
    let upserted = work.tx().execute_raw(sql(upsert, values)).await?.rows_affected();
    Ok(deleted + upserted > 0)
}
