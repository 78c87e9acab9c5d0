//! Words that go with a percentage, given out by an assessment.

use crate::validation::Checks;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most ranges of one assessment.
const RANGES_LIMIT: usize = 50;

/// Longest feedback of a range, in characters.
const FEEDBACK_LIMIT: usize = 1000;

/// What a student reads who reaches a percentage from `min_percentage`, inclusive, to `max_percentage`, exclusive unless
/// it is 100. Ranges may touch but not overlap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedbackRange {
    /// 0 to 100, at most two decimal places.
    pub min_percentage: f64,
    /// Above `min_percentage`, up to 100, at most two decimal places.
    pub max_percentage: f64,
    /// 1 to 1000 characters.
    pub feedback: String,
}

struct Bounds {
    index: usize,
    min: Decimal,
    max: Decimal,
}

/// The ranges as they are stored, in ascending order. Names every fault, as `feedback_ranges[2].max_percentage`.
pub(super) fn check(checks: &mut Checks, ranges: &[FeedbackRange]) -> Value {
    if ranges.len() > RANGES_LIMIT {
        checks.fault("feedback_ranges", "too_many", format!("may hold at most {RANGES_LIMIT} ranges"));
        return Value::Array(Vec::new());
    }
    let mut stored = Vec::with_capacity(ranges.len());
    for (index, range) in ranges.iter().enumerate() {
        let field = |name: &str| format!("feedback_ranges[{index}].{name}");
        let bounds = Bounds {
            index,
            min: checks.decimal(&field("min_percentage"), range.min_percentage, Decimal::ZERO, Decimal::ONE_HUNDRED),
            max: checks.decimal(&field("max_percentage"), range.max_percentage, Decimal::ZERO, Decimal::ONE_HUNDRED),
        };
        let feedback = checks.prose(&field("feedback"), &range.feedback, FEEDBACK_LIMIT);
        if range.max_percentage <= range.min_percentage {
            checks.fault(field("max_percentage"), "empty_range", "must be above min_percentage");
        }
        stored.push((
            bounds,
            json!({ "min_percentage": range.min_percentage, "max_percentage": range.max_percentage, "feedback": feedback }),
        ));
    }
    stored.sort_by_key(|(range, _)| (range.min, range.max));
    for ((before, _), (after, _)) in stored.iter().zip(stored.iter().skip(1)) {
        if after.min < before.max {
            let message = format!("overlaps feedback_ranges[{}]", before.index);
            checks.fault(format!("feedback_ranges[{}]", after.index), "overlapping_range", message);
        }
    }
    stored.into_iter().map(|(_, range)| range).collect()
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
        let read: Vec<FeedbackRange> = serde_json::from_value(stored).unwrap();
        assert_eq!(read, [range(0.0, 49.99), range(49.99, 100.0)]);
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
                ("feedback_ranges[0]".to_owned(), "overlapping_range"),
            ]
        );
        let many = vec![range(0.0, 1.0); RANGES_LIMIT + 1];
        assert_eq!(faults(&many), [("feedback_ranges".to_owned(), "too_many")]);
    }
}
