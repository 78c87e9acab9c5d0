//! Weights between assessments, learning outcomes and program outcomes; each list is replaced as a whole.
//!
//! Weights are relative: only the ratio between those of one outcome matters.

pub mod of_assessment;
pub mod of_learning_outcome;

use crate::error::{Error, Result};
use crate::validation::Checks;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// The most weights of one list.
pub const ITEMS_LIMIT: usize = 500;

/// The weight on an outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewWeight<I> {
    /// The outcome.
    pub outcome_id: I,
    /// Up to 100, at most two decimal places.
    pub weight: f64,
}

/// What outcomes a list may name, and how its faults call them.
struct Rule<I> {
    known: HashSet<I>,
    field: &'static str,
    unknown: &'static str,
    message: &'static str,
    lowest: Decimal,
}

/// The weights by outcome. Names every fault, as `items[2].learning_outcome_id`.
fn check<I: Copy + Eq + Hash>(items: &[NewWeight<I>], rule: &Rule<I>) -> Result<(Vec<I>, Vec<Decimal>)> {
    let mut checks = Checks::default();
    let mut seen = HashMap::with_capacity(items.len());
    let mut weights = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let field = format!("items[{index}].{}", rule.field);
        if !rule.known.contains(&item.outcome_id) {
            checks.fault(field, rule.unknown, rule.message);
        } else if let Some(first) = seen.insert(item.outcome_id, index) {
            checks.fault(field, "duplicate", format!("is named by items[{first}] already"));
        }
        weights.push(checks.decimal(&format!("items[{index}].weight"), item.weight, rule.lowest, Decimal::ONE_HUNDRED));
    }
    checks.finish()?;
    Ok((items.iter().map(|item| item.outcome_id).collect(), weights))
}

/// Before anything is looked up.
fn check_length<I>(items: &[NewWeight<I>]) -> Result<()> {
    if items.len() <= ITEMS_LIMIT {
        return Ok(());
    }
    Err(Error::invalid("items", "too_many", format!("may hold at most {ITEMS_LIMIT} items")))
}
