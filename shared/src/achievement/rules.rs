//! The arithmetic of outcomes, exact: marks become rationals, and the only rounding is the last step.
//!
//! Plain functions over plain numbers, without a database. The worker computes whole batches in SQL
//! ([`super::compute`]); a test holds both to the same answers on random curricula.

use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use rust_decimal::Decimal;

/// A number without any rounding.
pub type Exact = BigRational;

/// What one assessment says about a learning outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The mark, from 0 to `max_score`. Zero is a mark; a missing one is no measurement.
    pub score: Decimal,
    /// The best possible mark, above 0.
    pub max_score: Decimal,
    /// How much the assessment weighs in this outcome, 0 or more.
    pub weight: Decimal,
}

/// What one learning outcome says about a program outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The student's value of the learning outcome, unrounded; `None`: not assessed.
    pub value: Option<Exact>,
    /// How much it weighs in the program outcome, 0 or more.
    pub weight: Decimal,
}

/// The percentage that a student reached of a learning outcome: Σ(weight × score ÷ max × 100) ÷ Σ weight.
/// `None` without a measurement, or when all weights are zero.
#[must_use]
pub fn learning_outcome(measurements: &[Measurement]) -> Option<Exact> {
    let parts = measurements
        .iter()
        .map(|item| Some((exact(item.weight), percentage(item.score, item.max_score)?)));
    weighted_mean(parts.collect::<Option<Vec<_>>>()?)
}

/// The percentage that a student reached of a program outcome: Σ(weight × value) ÷ Σ weight over the learning outcomes
/// that have a value. `None` when none has.
#[must_use]
pub fn program_outcome(contributions: &[Contribution]) -> Option<Exact> {
    let parts = contributions
        .iter()
        .filter_map(|part| Some((exact(part.weight), part.value.clone()?)));
    weighted_mean(parts)
}

/// Score ÷ max × 100. `None` when the maximum is not above zero.
#[must_use]
pub fn percentage(score: Decimal, max_score: Decimal) -> Option<Exact> {
    (max_score > Decimal::ZERO).then(|| exact(score) / exact(max_score) * exact(Decimal::ONE_HUNDRED))
}

/// Σ(weight × value) ÷ Σ weight, whatever the weights sum to. `None` when they sum to zero.
pub fn weighted_mean(parts: impl IntoIterator<Item = (Exact, Exact)>) -> Option<Exact> {
    let zero = || exact(Decimal::ZERO);
    let (weights, sum) = parts.into_iter().fold((zero(), zero()), |(weights, sum), (weight, value)| {
        (weights + &weight, sum + weight * value)
    });
    (weights.numer().sign() == Sign::Plus).then(|| sum / weights)
}

/// Whether an unrounded value reaches a target.
#[must_use]
pub fn is_met(value: &Exact, target: Decimal) -> bool {
    *value >= exact(target)
}

/// The value with two decimal places, half up: what is stored and shown. `None` for what no percentage can be:
/// negative, or too large for a [`Decimal`].
#[must_use]
pub fn rounded(value: &Exact) -> Option<Decimal> {
    let halves = (value * exact(Decimal::from(200)) + exact(Decimal::ONE)) / exact(Decimal::TWO);
    let hundredths = i128::try_from(halves.floor().to_integer()).ok()?;
    if hundredths < 0 {
        return None;
    }
    Some(Decimal::try_from_i128_with_scale(hundredths, 2).ok()?.normalize())
}

/// A decimal as the rational that it is.
#[must_use]
pub fn exact(value: Decimal) -> Exact {
    BigRational::new(BigInt::from(value.mantissa()), BigInt::from(10).pow(value.scale()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Score, maximum, weight.
    fn outcome(items: &[(&str, &str, &str)]) -> Option<Exact> {
        let items: Vec<_> = items
            .iter()
            .map(|(score, max_score, weight)| Measurement {
                score: decimal(score),
                max_score: decimal(max_score),
                weight: decimal(weight),
            })
            .collect();
        learning_outcome(&items)
    }

    fn shown(value: Option<Exact>) -> String {
        rounded(&value.unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_zero_is_a_mark_and_a_missing_one_is_none() {
        assert_eq!(
            shown(outcome(&[("25", "75", "30"), ("40", "60", "50"), ("0", "10", "20")])),
            "43.33"
        );
        assert_eq!(shown(outcome(&[("25", "75", "30"), ("40", "60", "50")])), "54.17");
    }

    #[test]
    fn weights_need_not_sum_to_one_hundred() {
        let hundred = [("90", "100", "15"), ("70", "100", "25"), ("75", "100", "30"), ("80", "100", "30")];
        assert_eq!(shown(outcome(&hundred)), "77.5");
        assert_eq!(
            shown(outcome(&[("80", "100", "25"), ("70", "100", "25"), ("90", "100", "25")])),
            "80"
        );
        assert_eq!(shown(outcome(&[("80", "100", "65"), ("70", "100", "65")])), "75");
        assert_eq!(shown(outcome(&[("30", "40", "200")])), "75");
    }

    #[test]
    fn a_single_item_counts_fully_and_none_gives_no_value() {
        assert_eq!(shown(outcome(&[("61.5", "100", "0.01")])), "61.5");
        assert_eq!(outcome(&[]), None);
        assert_eq!(outcome(&[("80", "100", "0"), ("70", "100", "0")]), None);
    }

    #[test]
    fn program_outcomes_take_learning_outcomes_unrounded() {
        let third = outcome(&[("25", "75", "30"), ("40", "60", "50"), ("0", "10", "20")]);
        let parts = [(Some(decimal("77.5")), "3"), (None, "7"), (Some(decimal("80")), "1")];
        let mut parts: Vec<_> = parts
            .iter()
            .map(|(value, weight)| Contribution {
                value: value.map(exact),
                weight: decimal(weight),
            })
            .collect();
        parts.push(Contribution {
            value: third,
            weight: decimal("2"),
        });
        assert_eq!(shown(program_outcome(&parts)), "66.53");
        assert_eq!(program_outcome(&parts[1..2]), None);
        assert_eq!(program_outcome(&[]), None);
    }

    #[test]
    fn a_threshold_is_compared_before_rounding() {
        let half = outcome(&[("10", "30", "50"), ("20", "30", "50")]).unwrap();
        assert!(is_met(&half, decimal("50")));
        let just_below = outcome(&[("49.995", "100", "1")]).unwrap();
        assert_eq!(rounded(&just_below).unwrap(), decimal("50"));
        assert!(!is_met(&just_below, decimal("50")));
        let third = outcome(&[("1", "3", "1")]).unwrap();
        assert!(is_met(&third, decimal("33.33")) && !is_met(&third, decimal("33.34")));
    }

    #[test]
    fn the_last_step_rounds_half_up() {
        for (exactly, two_places) in [
            ("72.345", "72.35"),
            ("72.335", "72.34"),
            ("72.3449999", "72.34"),
            ("0.005", "0.01"),
            ("100", "100"),
        ] {
            assert_eq!(rounded(&exact(decimal(exactly))), Some(decimal(two_places)), "{exactly}");
        }
        assert_eq!(rounded(&exact(decimal("-0.02"))), None);
    }

    #[test]
    fn open_university_student_11391_has_82_40() {
        let marks = [("78", "10"), ("85", "20"), ("80", "20"), ("85", "20"), ("82", "30")];
        let items: Vec<_> = marks.iter().map(|(score, weight)| (*score, "100", *weight)).collect();
        assert_eq!(shown(outcome(&items)), "82.4");
    }

    #[test]
    fn grade_points_are_averaged_by_credits() {
        let letters = [("4.0", "4"), ("3.0", "3"), ("1.5", "3"), ("0", "2"), ("2.5", "4")];
        let parts = letters
            .iter()
            .map(|(points, credits)| (exact(decimal(credits)), exact(decimal(points))));
        assert_eq!(shown(weighted_mean(parts)), "2.47");
    }

    #[test]
    fn a_maximum_of_zero_has_no_percentage() {
        assert_eq!(percentage(decimal("0"), decimal("0")), None);
    }
}
