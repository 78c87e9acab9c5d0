//! Strengths and weaknesses: the outcomes furthest from their targets, above and below.

use super::OutcomeResult;
use rust_decimal::Decimal;

/// How many of each are shown.
pub(super) const HIGHLIGHTS: usize = 5;

/// An outcome that stands out.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// Which.
    pub outcome: OutcomeResult,
    /// Percentage points above the target, below it when negative. A weakness that only rounding lifts to the target has 0.
    pub margin: Decimal,
}

/// The strengths and the weaknesses, each from the furthest; outcomes of equal margin keep their order. What is not
/// assessed is neither.
#[must_use]
pub(super) fn pick(learning_outcomes: &[OutcomeResult], program_outcomes: &[OutcomeResult]) -> (Vec<Highlight>, Vec<Highlight>) {
    let assessed = learning_outcomes.iter().chain(program_outcomes).filter_map(|outcome| {
        let highlight = Highlight {
            margin: outcome.margin()?,
            outcome: outcome.clone(),
        };
        Some((outcome.met?, highlight))
    });
    let (met, unmet): (Vec<_>, Vec<_>) = assessed.partition(|(met, _)| *met);
    let furthest = |found: Vec<(bool, Highlight)>| {
        let mut found: Vec<Highlight> = found.into_iter().map(|(_, highlight)| highlight).collect();
        found.sort_by_key(|highlight| std::cmp::Reverse(highlight.margin.abs()));
        found.truncate(HIGHLIGHTS);
        found
    };
    (furthest(met), furthest(unmet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: &str, percentage: Option<i64>) -> OutcomeResult {
        OutcomeResult {
            learning_outcome_id: None,
            program_outcome_id: None,
            course_id: None,
            course_code: None,
            code: code.to_owned(),
            title: String::new(),
            percentage: percentage.map(Decimal::from),
            target_percentage: Decimal::from(70),
            met: percentage.map(|percentage| percentage >= 70),
            graded_count: 0,
            total_count: 0,
            class_assessed: 0,
            class_average: None,
        }
    }

    fn codes(found: &[Highlight]) -> Vec<&str> {
        found.iter().map(|highlight| highlight.outcome.code.as_str()).collect()
    }

    #[test]
    fn the_furthest_come_first_and_what_is_not_assessed_is_neither() {
        let learning = [outcome("A", Some(75)), outcome("B", None), outcome("C", Some(0))];
        let program = [outcome("D", Some(100)), outcome("E", Some(69)), outcome("F", Some(70))];
        let (strengths, weaknesses) = pick(&learning, &program);
        assert_eq!(codes(&strengths), ["D", "A", "F"]);
        assert_eq!(codes(&weaknesses), ["C", "E"]);
        assert_eq!((strengths[0].margin, weaknesses[0].margin), (Decimal::from(30), Decimal::from(-70)));
    }

    #[test]
    fn only_a_few_are_picked() {
        let many: Vec<_> = (0..20).map(|n| outcome(&n.to_string(), Some(70 + n))).collect();
        let (strengths, weaknesses) = pick(&many, &[]);
        assert_eq!(codes(&strengths), ["19", "18", "17", "16", "15"]);
        assert!(weaknesses.is_empty());
    }
}
