//! Grading schemes: which letter and how many points a percentage is worth, and in which academic years. Everybody of the
//! institution reads them, administrators write them. In each year at most one is valid; the database sees to that.

use super::access;
use crate::academic_year::AcademicYear;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Page, PageRequest, Work};
use crate::entity::grading_scheme::{self, Column, Entity, Model};
use crate::entity::grading_scheme_step;
use crate::error::{Error, Result};
use crate::ids::GradingSchemeId;
use crate::validation::Checks;
use rust_decimal::Decimal;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

/// Longest name, in characters.
const NAME_LIMIT: usize = 100;

/// Longest letter, in characters.
const LETTER_LIMIT: usize = 5;

/// The most steps of a scheme.
const STEP_LIMIT: usize = 30;

/// A scheme as it is to be.
#[derive(Clone, Debug)]
pub struct NewScheme {
    /// 1 to 100 characters.
    pub name: String,
    /// The first year in which it is valid, `2024-2025`.
    pub valid_from: String,
    /// The last one, inclusive; `None`: until further notice.
    pub valid_until: Option<String>,
    /// From the best to the last, 1 to 30; the last begins at 0.
    pub steps: Vec<NewStep>,
}

/// A letter as it is to be.
#[derive(Clone, Debug)]
pub struct NewStep {
    /// 1 to 5 characters, once in the scheme.
    pub letter: String,
    /// 0 to 4, at most two places; never more than the step before.
    pub points: f64,
    /// The lowest percentage with this letter, inclusive: 0 to 100, at most two places, below the step before.
    pub lower_edge: f64,
    /// Whether it passes; below a step that does not, none does.
    pub is_passing: bool,
}

/// A scheme and its letters.
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// The scheme.
    pub scheme: Model,
    /// From the best to the last.
    pub steps: Vec<Step>,
}

/// A letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The letter.
    pub letter: String,
    /// 0 to 4.
    pub points: Decimal,
    /// The lowest percentage, inclusive.
    pub lower_edge: Decimal,
    /// Whether it passes.
    pub is_passing: bool,
}

/// Schemes, the newest first.
///
/// # Errors
/// `Forbidden` for the platform's owner.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, request: PageRequest) -> Result<Page<Scheme>> {
    let pages = Entity::find()
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .order_by_desc(Column::ValidFrom)
        .paginate(db, request.page_size);
    let schemes = pages.fetch_page(request.page - 1).await?;
    Ok(Page {
        items: with_steps(db, schemes).await?,
        total: pages.num_items().await?,
        request,
    })
}

/// One scheme.
///
/// # Errors
/// `NotFound`, also for another institution's; `Forbidden` for the platform's owner.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: GradingSchemeId) -> Result<Scheme> {
    let found = Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .one(db)
        .await?;
    one(db, found.ok_or(Error::NotFound("grading scheme"))?).await
}

/// Makes a scheme; for administrators.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when another scheme is valid in one of its years.
pub async fn create(work: &Work, actor: &Actor, order: NewScheme) -> Result<Scheme> {
    let institution_id = access::institution(actor)?;
    let checked = check(order)?;
    let row = grading_scheme::ActiveModel {
        institution_id: Set(institution_id),
        name: Set(checked.name),
        valid_from: Set(checked.valid_from),
        valid_until: Set(checked.valid_until),
        ..Default::default()
    };
    let scheme = row.insert(work.tx()).await?;
    insert_steps(work, scheme.id, &checked.steps).await?;
    activity::record(work, actor, Deed::new("grading_scheme.created", "grading_scheme", scheme.id.0)).await?;
    Ok(Scheme {
        scheme,
        steps: checked.steps,
    })
}

/// Replaces a scheme as a whole; for administrators. Letters of all its years follow. The same one again changes nothing.
///
/// # Errors
/// As [`create`]; `NotFound`, also for another institution's; `Outdated`.
pub async fn replace(work: &Work, actor: &Actor, id: GradingSchemeId, expected: &Expected, order: NewScheme) -> Result<Scheme> {
    let institution_id = access::institution(actor)?;
    let found = Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(institution_id))
        .lock_exclusive()
        .one(work.tx())
        .await?;
    let before = one(work.tx(), found.ok_or(Error::NotFound("grading scheme"))?).await?;
    expected.check(before.scheme.version)?;
    let checked = check(order)?;
    let mut change = before.scheme.clone().into_active_model();
    change.name.set_if_not_equals(checked.name);
    change.valid_from.set_if_not_equals(checked.valid_from);
    change.valid_until.set_if_not_equals(checked.valid_until);
    if before.steps == checked.steps && !change.is_changed() {
        return Ok(before);
    }
    if before.steps != checked.steps {
        let old = grading_scheme_step::Entity::delete_many().filter(grading_scheme_step::Column::SchemeId.eq(id));
        old.exec(work.tx()).await?;
        insert_steps(work, id, &checked.steps).await?;
        // Other steps are another version of the scheme, although no column of its row changes.
        change.name = Set(change.name.take().unwrap_or_default());
    }
    let scheme = change.update(work.tx()).await?;
    activity::record(work, actor, Deed::new("grading_scheme.updated", "grading_scheme", id.0)).await?;
    Ok(Scheme {
        scheme,
        steps: checked.steps,
    })
}

async fn insert_steps(work: &Work, scheme_id: GradingSchemeId, steps: &[Step]) -> Result<()> {
    let rows = steps.iter().map(|step| grading_scheme_step::ActiveModel {
        scheme_id: Set(scheme_id),
        letter: Set(step.letter.clone()),
        lower_edge: Set(step.lower_edge),
        points: Set(step.points),
        is_passing: Set(step.is_passing),
    });
    grading_scheme_step::Entity::insert_many(rows)
        .exec_without_returning(work.tx())
        .await?;
    Ok(())
}

async fn one(db: &impl ConnectionTrait, scheme: Model) -> Result<Scheme> {
    let found = with_steps(db, vec![scheme]).await?;
    found.into_iter().next().ok_or(Error::NotFound("grading scheme"))
}

async fn with_steps(db: &impl ConnectionTrait, schemes: Vec<Model>) -> Result<Vec<Scheme>> {
    let rows = grading_scheme_step::Entity::find()
        .filter(grading_scheme_step::Column::SchemeId.is_in(schemes.iter().map(|scheme| scheme.id)))
        .order_by_desc(grading_scheme_step::Column::LowerEdge)
        .all(db)
        .await?;
    let step = |row: &grading_scheme_step::Model| Step {
        letter: row.letter.clone(),
        points: row.points,
        lower_edge: row.lower_edge,
        is_passing: row.is_passing,
    };
    let whole = |scheme: Model| Scheme {
        steps: rows.iter().filter(|row| row.scheme_id == scheme.id).map(step).collect(),
        scheme,
    };
    Ok(schemes.into_iter().map(whole).collect())
}

struct Checked {
    name: String,
    valid_from: AcademicYear,
    valid_until: Option<AcademicYear>,
    steps: Vec<Step>,
}

fn check(order: NewScheme) -> Result<Checked> {
    let mut checks = Checks::default();
    let name = checks.text("name", &order.name, NAME_LIMIT);
    let valid_from = check_year(&mut checks, "valid_from", &order.valid_from);
    let valid_until = order
        .valid_until
        .as_deref()
        .map(|text| check_year(&mut checks, "valid_until", text));
    if let (Some(from), Some(Some(until))) = (valid_from, valid_until)
        && until < from
    {
        checks.fault("valid_until", "ends_before_it_begins", "must not be before valid_from");
    }
    let steps = check_steps(&mut checks, &order.steps);
    checks.finish()?;
    Ok(Checked {
        name,
        valid_from: valid_from.ok_or_else(|| Error::internal("an unchecked year"))?,
        valid_until: valid_until.flatten(),
        steps,
    })
}

fn check_year(checks: &mut Checks, field: &str, text: &str) -> Option<AcademicYear> {
    match text.trim().parse() {
        Ok(year) => Some(year),
        Err(fault) => {
            checks.fault(field, "invalid_academic_year", format!("{fault}"));
            None
        }
    }
}

fn check_steps(checks: &mut Checks, order: &[NewStep]) -> Vec<Step> {
    if order.is_empty() || order.len() > STEP_LIMIT {
        checks.fault("steps", "wrong_number", format!("must be 1 to {STEP_LIMIT} steps"));
        return Vec::new();
    }
    let before = checks.count();
    let steps: Vec<Step> = order.iter().enumerate().map(|(i, step)| check_step(checks, i, step)).collect();
    // How faulty steps stand to each other says nothing.
    if checks.count() == before {
        check_order(checks, &steps);
    }
    steps
}

fn check_step(checks: &mut Checks, index: usize, step: &NewStep) -> Step {
    let field = |name: &str| format!("steps[{index}].{name}");
    Step {
        letter: checks.text(&field("letter"), &step.letter, LETTER_LIMIT),
        points: checks.decimal(&field("points"), step.points, Decimal::ZERO, Decimal::from(4)),
        lower_edge: checks.decimal(&field("lower_edge"), step.lower_edge, Decimal::ZERO, Decimal::ONE_HUNDRED),
        is_passing: step.is_passing,
    }
}

/// The steps cover 0 to 100 without a gap, because each reaches up to the one before and the first to 100.
fn check_order(checks: &mut Checks, steps: &[Step]) {
    for (index, pair) in steps.windows(2).enumerate() {
        let [above, below] = pair else { continue };
        let field = |name: &str| format!("steps[{}].{name}", index + 1);
        if below.lower_edge >= above.lower_edge {
            checks.fault(field("lower_edge"), "not_descending", "must be below the step before");
        }
        if below.points > above.points {
            checks.fault(field("points"), "not_descending", "must not be more than the step before");
        }
        if below.is_passing && !above.is_passing {
            checks.fault(field("is_passing"), "not_descending", "cannot pass below a step that does not");
        }
    }
    for (index, step) in steps.iter().enumerate() {
        if steps.iter().take(index).any(|earlier| earlier.letter == step.letter) {
            checks.fault(format!("steps[{index}].letter"), "duplicate", "is in the scheme twice");
        }
    }
    if steps.last().is_some_and(|last| !last.lower_edge.is_zero()) {
        let index = steps.len() - 1;
        checks.fault(format!("steps[{index}].lower_edge"), "gap", "must be 0: the steps cover 0 to 100");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(letter: &str, points: f64, lower_edge: f64, is_passing: bool) -> NewStep {
        NewStep {
            letter: letter.to_owned(),
            points,
            lower_edge,
            is_passing,
        }
    }

    fn faults(valid_from: &str, valid_until: Option<&str>, steps: Vec<NewStep>) -> String {
        let order = NewScheme {
            name: "S".to_owned(),
            valid_from: valid_from.to_owned(),
            valid_until: valid_until.map(str::to_owned),
            steps,
        };
        match check(order).err() {
            Some(Error::Invalid(faults)) => faults.iter().map(|fault| format!("{}={} ", fault.field, fault.code)).collect(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn steps_that_descend_to_zero_are_a_scheme() {
        let steps = vec![step("A", 4.0, 80.0, true), step("B", 4.0, 60.5, true), step("F", 0.0, 0.0, false)];
        assert_eq!(faults("2024-2025", Some("2024-2025"), steps), "None");
    }

    #[test]
    fn a_gap_a_rise_and_a_doubled_letter_are_named() {
        let steps = vec![step("A", 3.0, 80.0, false), step("A", 3.5, 80.0, true), step("F", 0.0, 10.0, false)];
        assert_eq!(
            faults("2024-2025", None, steps),
            "steps[1].lower_edge=not_descending steps[1].points=not_descending steps[1].is_passing=not_descending \
             steps[1].letter=duplicate steps[2].lower_edge=gap "
        );
    }

    #[test]
    fn numbers_out_of_their_range_are_named_before_their_order() {
        let steps = vec![step("", 4.01, 100.01, true), step("LETTER", -1.0, 0.001, true)];
        assert_eq!(
            faults("2024", Some("2023-2024"), steps),
            "valid_from=invalid_academic_year steps[0].letter=required steps[0].points=out_of_range steps[0].lower_edge=out_of_range \
             steps[1].letter=too_long steps[1].points=out_of_range steps[1].lower_edge=too_precise "
        );
        assert_eq!(
            faults("2024-2025", Some("2023-2024"), Vec::new()),
            "valid_until=ends_before_it_begins steps=wrong_number "
        );
    }
}
