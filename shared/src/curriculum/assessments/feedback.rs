//! Words that go with a percentage, given out by an assessment.

use crate::entity::assessment::{FeedbackRange, FeedbackRanges};
use crate::validation::Checks;
use rust_decimal::Decimal;

/// The most ranges of one assessment.
const RANGES_LIMIT: usize = 50;

/// Longest feedback of a range, in characters.
const FEEDBACK_LIMIT: usize = 1000;

/// A range without a fault of its own.
struct Sound {
    index: usize,
    min: Decimal,
    max: Decimal,
    stored: FeedbackRange,
}

/// The ranges as they are stored, in ascending order. Names every fault, as `feedback_ranges[2].max_percentage`.
pub(super) fn check(checks: &mut Checks, ranges: &[FeedbackRange]) -> FeedbackRanges {
    if ranges.len() > RANGES_LIMIT {
        checks.fault("feedback_ranges", "too_many", format!("may hold at most {RANGES_LIMIT} ranges"));
        return FeedbackRanges::default();
    }
    let mut sound: Vec<Sound> = ranges
        .iter()
        .enumerate()
        .filter_map(|(index, range)| check_one(checks, index, range))
        .collect();
    sound.sort_by_key(|range| (range.min, range.max));
    for (before, after) in sound.iter().zip(sound.iter().skip(1)) {
        if after.min < before.max {
            let message = format!("overlaps feedback_ranges[{}]", before.index);
            checks.fault(format!("feedback_ranges[{}]", after.index), "overlapping_range", message);
        }
    }
    FeedbackRanges(sound.into_iter().map(|range| range.stored).collect())
}

fn check_one(checks: &mut Checks, index: usize, range: &FeedbackRange) -> Option<Sound> {
    let field = |name: &str| format!("feedback_ranges[{index}].{name}");
    let earlier = checks.count();
    let min = checks.decimal(&field("min_percentage"), range.min_percentage, Decimal::ZERO, Decimal::ONE_HUNDRED);
    let max = checks.decimal(&field("max_percentage"), range.max_percentage, Decimal::ZERO, Decimal::ONE_HUNDRED);
    let feedback = checks.prose(&field("feedback"), &range.feedback, FEEDBACK_LIMIT);
    if range.max_percentage <= range.min_percentage {
        checks.fault(field("max_percentage"), "empty_range", "must be above min_percentage");
    }
    (checks.count() == earlier).then(|| Sound {
        index,
        min,
        max,
        stored: FeedbackRange { feedback, ..range.clone() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn range(min_percentage: f64, max_percentage: f64) -> FeedbackRange {
        FeedbackRange {
            min_percentage,
            max_percentage,
            feedback: "Well done".into(),
        }
    }

    fn faults(ranges: &[FeedbackRange]) -> Vec<(String, &'static str)> {
        let mut checks = Checks::default();
        check(&mut checks, ranges);
        match checks.finish() {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn ranges_may_touch_and_leave_gaps_in_any_order() {
        assert_eq!(faults(&[range(50.0, 100.0), range(0.0, 50.0)]), []);
        assert_eq!(faults(&[range(0.0, 49.99), range(50.0, 84.5), range(85.0, 100.0)]), []);
        assert_eq!(faults(&[]), []);
    }

    #[test]
    fn ranges_are_stored_in_order_as_they_were_written() {
        let mut checks = Checks::default();
        let stored = check(&mut checks, &[range(49.99, 100.0), range(0.0, 49.99)]);
        assert_eq!(stored.0, [range(0.0, 49.99), range(49.99, 100.0)]);
    }

    #[test]
    fn an_overlap_is_named_with_both_ranges() {
        let overlapping = [range(50.0, 100.0), range(0.0, 50.01)];
        assert_eq!(faults(&overlapping), [("feedback_ranges[0]".to_owned(), "overlapping_range")]);
        let within = [range(0.0, 100.0), range(20.0, 30.0)];
        assert_eq!(faults(&within), [("feedback_ranges[1]".to_owned(), "overlapping_range")]);
        let twice = [range(0.0, 10.0), range(0.0, 10.0)];
        assert_eq!(faults(&twice), [("feedback_ranges[1]".to_owned(), "overlapping_range")]);
    }

    #[test]
    fn each_bound_and_text_is_checked() {
        let silent = FeedbackRange {
            feedback: " ".into(),
            ..range(80.0, 70.0)
        };
        assert_eq!(
            faults(&[range(-1.0, 10.0), range(10.001, 101.0), silent]),
            [
                ("feedback_ranges[0].min_percentage".to_owned(), "out_of_range"),
                ("feedback_ranges[1].min_percentage".to_owned(), "too_precise"),
                ("feedback_ranges[1].max_percentage".to_owned(), "out_of_range"),
                ("feedback_ranges[2].feedback".to_owned(), "required"),
                ("feedback_ranges[2].max_percentage".to_owned(), "empty_range"),
            ]
        );
        let many = vec![range(0.0, 1.0); RANGES_LIMIT + 1];
        assert_eq!(faults(&many), [("feedback_ranges".to_owned(), "too_many")]);
    }
}
