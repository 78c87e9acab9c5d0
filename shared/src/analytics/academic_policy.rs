//! The thresholds of an institution: from where on a grade passes, a student is at risk, a course is worth an alert. Each
//! institution has one set, made with it; everybody of it reads them, administrators change them.

use super::access;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Work};
use crate::entity::academic_policy::{self, ActiveModel, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::InstitutionId;
use crate::validation::Checks;
use rust_decimal::Decimal;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect};

/// All thresholds, as they are to be.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPolicy {
    /// The lowest course grade that passes in years without a grading scheme, 0 to 100.
    pub pass_percentage: f64,
    /// A student whose grade so far is below is at risk, 0 to 100.
    pub at_risk_percentage: f64,
    /// So many missed assessments of a course put a student at risk, 1 to 100.
    pub at_risk_missed: i16,
    /// Such a share of the assessed learning outcomes of a course, not met, puts a student at risk: above 0, at most 100.
    pub at_risk_unmet_percentage: f64,
    /// A course of which a smaller share of the graded students passes is worth an alert, 0 to 100.
    pub course_pass_rate: f64,
}

/// The thresholds of the actor's institution.
///
/// # Errors
/// `Forbidden` for the platform's owner.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor) -> Result<Model> {
    of(Entity::find_by_id(actor.institution()?).one(db).await?)
}

fn of(found: Option<Model>) -> Result<Model> {
    found.ok_or_else(|| Error::internal("an institution has no thresholds"))
}

/// Changes the thresholds; for administrators. The same ones again change nothing.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden`; `Outdated`.
pub async fn replace(work: &Work, actor: &Actor, expected: &Expected, order: NewPolicy) -> Result<Model> {
    let institution_id = access::institution(actor)?;
    let before = of(Entity::find_by_id(institution_id).lock_exclusive().one(work.tx()).await?)?;
    expected.check(before.version)?;
    let change = check(before.clone(), order)?;
    if !change.is_changed() {
        return Ok(before);
    }
    let after = change.update(work.tx()).await?;
    record(work, actor, institution_id).await?;
    Ok(after)
}

async fn record(work: &Work, actor: &Actor, institution_id: InstitutionId) -> Result<()> {
    activity::record(work, actor, Deed::new("academic_policy.updated", "institution", institution_id.0)).await
}

fn check(before: academic_policy::Model, order: NewPolicy) -> Result<ActiveModel> {
    let mut checks = Checks::default();
    let mut percentage = |field: &str, value: f64, lowest: Decimal| checks.decimal(field, value, lowest, Decimal::ONE_HUNDRED);
    let pass = percentage("pass_percentage", order.pass_percentage, Decimal::ZERO);
    let at_risk = percentage("at_risk_percentage", order.at_risk_percentage, Decimal::ZERO);
    let unmet = percentage("at_risk_unmet_percentage", order.at_risk_unmet_percentage, Decimal::new(1, 2));
    let pass_rate = percentage("course_pass_rate", order.course_pass_rate, Decimal::ZERO);
    let missed = checks.range("at_risk_missed", order.at_risk_missed, 1, 100);
    checks.finish()?;
    let mut change = before.into_active_model();
    change.pass_percentage.set_if_not_equals(pass);
    change.at_risk_percentage.set_if_not_equals(at_risk);
    change.at_risk_missed.set_if_not_equals(missed);
    change.at_risk_unmet_percentage.set_if_not_equals(unmet);
    change.course_pass_rate.set_if_not_equals(pass_rate);
    Ok(change)
}
