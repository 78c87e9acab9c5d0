//! What the rules make of the facts of one student.

use super::facts::{Facts, StudentFacts};
use super::{Outcome, Standing, Standings};
use crate::achievement::rules::{self, Contribution, Exact, Measurement};
use crate::ids::ProgramOutcomeId;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Every outcome that the student is to reach, and how far it is.
pub(super) fn standings(facts: &Facts, student: &StudentFacts) -> Standings {
    let mut standings = Standings::new();
    let mut contributions: BTreeMap<ProgramOutcomeId, Vec<Contribution>> = BTreeMap::new();
    for taken in facts.taken(student.id) {
        let items = facts.items(taken.learning_outcome_id);
        let measured: Vec<Measurement> = items
            .iter()
            .filter_map(|item| {
                Some(Measurement {
                    score: facts.score(student.id, item.assessment_id)?,
                    max_score: item.max_score,
                    weight: item.weight,
                })
            })
            .collect();
        let value = rules::learning_outcome(&measured);
        let standing = standing(value.as_ref(), taken.target_percentage, measured.len(), items.len());
        standings.insert(Outcome::Learning(taken.learning_outcome_id), standing);
        for service in facts.services(taken.learning_outcome_id) {
            contributions.entry(service.program_outcome_id).or_default().push(Contribution {
                value: value.clone(),
                weight: service.weight,
            });
        }
    }
    for promise in facts.promises(student.program_id) {
        let parts = contributions.get(&promise.program_outcome_id).map_or(&[][..], Vec::as_slice);
        let value = rules::program_outcome(parts);
        let graded = parts.iter().filter(|part| part.value.is_some()).count();
        let standing = standing(value.as_ref(), promise.target_percentage, graded, parts.len());
        standings.insert(Outcome::Program(promise.program_outcome_id), standing);
    }
    standings
}

fn standing(value: Option<&Exact>, target: Decimal, graded: usize, total: usize) -> Standing {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    Standing {
        percentage: value.and_then(rules::rounded),
        met: value.map(|value| rules::is_met(value, target)),
        graded: count(graded),
        total: count(total),
    }
}
