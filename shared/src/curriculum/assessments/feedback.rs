//! Words that go with a percentage, given out by an assessment: which ranges there can be. What becomes of them in a
//! grade book is `grading`'s.

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

/// The ranges as they are stored, in ascending order. Names every fault, as `feedback_ranges[2].max_percentage`. Ranges that
/// claim to be complete leave out no percentage from 0 to 100.
pub(super) fn check(checks: &mut Checks, ranges: &[FeedbackRange], complete: bool) -> FeedbackRanges {
    let earlier = checks.count();
    let ranges = check_each(checks, ranges);
    if complete && checks.count() == earlier {
        check_complete(checks, &ranges);
    }
    ranges
}

/// Names what sound ranges leave out.
pub(super) fn check_complete(checks: &mut Checks, ranges: &FeedbackRanges) {
    let starts = ranges.0.iter().map(|range| range.min_percentage).chain([100.0]);
    let ends = [0.0].into_iter().chain(ranges.0.iter().map(|range| range.max_percentage));
    for (end, start) in ends.zip(starts).filter(|(end, start)| end < start) {
        let message = format!("claim to be complete, but leave out what is from {end} to {start} percent");
        checks.fault("feedback_ranges", "incomplete", message);
    }
}

fn check_each(checks: &mut Checks, ranges: &[FeedbackRange]) -> FeedbackRanges {
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
        check(&mut checks, ranges, false);
        named(checks).into_iter().map(|(field, code, _)| (field, code)).collect()
    }

    fn named(checks: Checks) -> Vec<(String, &'static str, String)> {
        match checks.finish() {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code, fault.message)).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// What ranges that claim to be complete leave out.
    fn gaps(ranges: &[FeedbackRange]) -> Vec<String> {
        let mut checks = Checks::default();
        check(&mut checks, ranges, true);
        let gap = |(field, code, message): (String, &str, String)| {
            assert_eq!((field.as_str(), code), ("feedback_ranges", "incomplete"));
            message.split(" from ").last().unwrap().to_owned()
        };
        named(checks).into_iter().map(gap).collect()
    }

    #[test]
    fn complete_ranges_touch_from_0_to_100() {
        assert_eq!(gaps(&[range(50.0, 100.0), range(0.0, 49.5), range(49.5, 50.0)]), [""; 0]);
        assert_eq!(gaps(&[range(0.0, 100.0)]), [""; 0]);
        assert_eq!(gaps(&[]), ["0 to 100 percent"]);
        assert_eq!(gaps(&[range(0.0, 49.0), range(50.0, 100.0)]), ["49 to 50 percent"]);
        assert_eq!(
            gaps(&[range(0.01, 20.0), range(20.01, 99.99)]),
            ["0 to 0.01 percent", "20 to 20.01 percent", "99.99 to 100 percent"]
        );
    }

    #[test]
    fn only_ranges_without_another_fault_are_looked_at_for_gaps() {
        let mut checks = Checks::default();
        check(&mut checks, &[range(0.0, 50.0), range(40.0, 60.0)], true);
        let codes: Vec<_> = named(checks).into_iter().map(|(_, code, _)| code).collect();
        assert_eq!(codes, ["overlapping_range"]);
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
        let stored = check(&mut checks, &[range(49.99, 100.0), range(0.0, 49.99)], true);
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
