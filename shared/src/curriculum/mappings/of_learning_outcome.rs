//! How much a learning outcome serves program outcomes, of any program of the institution: a course is taken by students
//! of several programs.

use super::{NewWeight, Rule, check, check_length};
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::learning_outcomes;
use crate::db::{Expected, Fingerprint, Work, sql};
use crate::entity::program_outcome;
use crate::error::Result;
use crate::ids::{InstitutionId, LearningOutcomeId, ProgramId, ProgramOutcomeId};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

/// The least weight: a program outcome without influence is left out instead.
const LOWEST_WEIGHT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// A program outcome that a learning outcome serves.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct ServedOutcome {
    /// The outcome.
    pub program_outcome_id: ProgramOutcomeId,
    /// Its program.
    pub program_id: ProgramId,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// 0.01 to 100.
    pub weight: Decimal,
}

/// What a learning outcome serves, by program and code.
///
/// # Errors
/// `NotFound` for a learning outcome that the actor may not see.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, id: LearningOutcomeId) -> Result<Vec<ServedOutcome>> {
    let outcome = learning_outcomes::find(db, actor, id).await?;
    read(db, outcome.institution_id, id).await
}

async fn read(db: &impl ConnectionTrait, institution_id: InstitutionId, id: LearningOutcomeId) -> Result<Vec<ServedOutcome>> {
    let select = "
        SELECT o.id AS program_outcome_id, o.program_id, o.code, o.title, m.weight
        FROM lo_po m JOIN program_outcomes o ON o.id = m.program_outcome_id
        WHERE m.institution_id = $1 AND m.learning_outcome_id = $2 ORDER BY o.program_id, o.code";
    let found = ServedOutcome::find_by_statement(sql(select, [institution_id.into(), id.into()]));
    Ok(found.all(db).await?)
}

/// The version of a list, for optimistic locking.
#[must_use]
pub fn version(rows: &[ServedOutcome]) -> Fingerprint {
    Fingerprint::of(
        rows.iter()
            .map(|row| format!("{} {}", row.program_outcome_id, row.weight.normalize())),
    )
}

/// Replaces what a learning outcome serves, and marks every student of its course. The same list again changes nothing.
///
/// # Errors
/// `Invalid`, naming every fault as `items[2].weight`; `Forbidden` for another teacher's course; `NotFound`; `Outdated`.
pub async fn replace(
    work: &mut Work,
    actor: &Actor,
    id: LearningOutcomeId,
    expected: &Expected<Fingerprint>,
    items: &[NewWeight<ProgramOutcomeId>],
) -> Result<Vec<ServedOutcome>> {
    let outcome = learning_outcomes::lock(work, actor, id).await?;
    let before = read(work.tx(), outcome.institution_id, id).await?;
    expected.check(version(&before))?;
    check_length(items)?;
    let (outcomes, weights) = check(items, &rule(work, outcome.institution_id, items).await?)?;
    if write(work, outcome.institution_id, id, &outcomes, weights).await? {
        let deed = Deed::new("learning_outcome.outcomes_replaced", "learning_outcome", id.0);
        activity::record(work, actor, deed).await?;
        mark::course(work, outcome.institution_id, outcome.course_id).await?;
    }
    read(work.tx(), outcome.institution_id, id).await
}

async fn rule(work: &Work, institution_id: InstitutionId, items: &[NewWeight<ProgramOutcomeId>]) -> Result<Rule<ProgramOutcomeId>> {
    let known: Vec<ProgramOutcomeId> = program_outcome::Entity::find()
        .filter(program_outcome::Column::InstitutionId.eq(institution_id))
        .filter(program_outcome::Column::Id.is_in(items.iter().map(|item| item.outcome_id)))
        .select_only()
        .column(program_outcome::Column::Id)
        .into_tuple()
        .all(work.tx())
        .await?;
    Ok(Rule {
        known: known.into_iter().collect(),
        field: "program_outcome_id",
        unknown: "unknown_program_outcome",
        message: "names no program outcome of the institution",
        lowest: LOWEST_WEIGHT,
    })
}

/// Whether anything changed.
async fn write(
    work: &Work,
    institution_id: InstitutionId,
    id: LearningOutcomeId,
    outcomes: &[ProgramOutcomeId],
    weights: Vec<Decimal>,
) -> Result<bool> {
    let ids: Vec<i64> = outcomes.iter().map(|id| id.0).collect();
    let delete = "DELETE FROM lo_po WHERE learning_outcome_id = $1 AND program_outcome_id <> ALL($2::bigint[])";
    let deleted = work
        .tx()
        .execute_raw(sql(delete, [id.into(), ids.clone().into()]))
        .await?
        .rows_affected();
    let upsert = "
        INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
        SELECT $1, $2, t.id, t.weight FROM unnest($3::bigint[], $4::numeric[]) AS t (id, weight)
        ON CONFLICT (learning_outcome_id, program_outcome_id) DO UPDATE SET weight = excluded.weight
        WHERE lo_po.weight <> excluded.weight";
    let values = [institution_id.into(), id.into(), ids.into(), weights.into()];
    let upserted = work.tx().execute_raw(sql(upsert, values)).await?.rows_affected();
    Ok(deleted + upserted > 0)
}
