//! The few numbers that stand for many: medians of rounds, percentiles of waits.

/// The middle value; of an even number the mean of the two in the middle; of none, not a number.
pub(crate) fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let at = |position: usize| sorted.get(position).copied().unwrap_or(f64::NAN);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        1 => at(middle),
        _ => (at(middle.wrapping_sub(1)) + at(middle)) / 2.0,
    }
}

/// The smallest value that at least `percent` of a hundred values do not exceed; of none, not a number.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let sorted = sorted(values);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(percentile(&values, 50), 100.0);
        assert_eq!(percentile(&values, 99), 198.0);
        assert_eq!(percentile(&values, 100), 200.0);
        assert_eq!(percentile(&[7.0], 50), 7.0);
        assert!(percentile(&[], 99).is_nan());
    }
}
