//! The distribution of percentages: mean, spread, quartiles, histogram.

use super::results::shown;
use super::suppression::SMALLEST_GROUP;
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;

/// Bins of a histogram: 0 to below 10, 10 to below 20, …, 90 to 100.
pub const BINS: usize = 10;

/// A distribution of percentages, each figure with two places, half up. Without a value, no figure.
#[derive(Clone, Debug, Default, PartialEq, FromQueryResult)]
pub struct Statistics {
    /// Values that count; missing ones do not.
    pub n: i64,
    /// Arithmetic mean.
    pub mean: Option<Decimal>,
    /// Second quartile.
    pub median: Option<Decimal>,
    /// Of the group itself, not estimated from a sample: the root of the mean squared distance from the mean.
    pub standard_deviation: Option<Decimal>,
    /// The lowest.
    pub minimum: Option<Decimal>,
    /// The highest.
    pub maximum: Option<Decimal>,
    /// First quartile, interpolated between neighbours.
    pub lower_quartile: Option<Decimal>,
    /// Third quartile, interpolated between neighbours.
    pub upper_quartile: Option<Decimal>,
    /// Values in each of the [`BINS`]; empty when withheld.
    pub histogram: Vec<i64>,
}

impl Statistics {
    /// Whether students may see it.
    #[must_use]
    pub fn is_large_enough(&self) -> bool {
        self.n >= SMALLEST_GROUP
    }

    /// What a student may see: everything, or only how many there are.
    #[must_use]
    pub fn for_student(self) -> Self {
        if self.is_large_enough() {
            return self;
        }
        Self {
            n: self.n,
            ..Self::default()
        }
    }
}

/// The columns of [`Statistics`] over `value`, an exact percentage or null, in a statement that groups.
///
/// Percentiles exist for floats only. A float turned back into a decimal keeps 15 digits, which undoes what the detour
/// added: percentages and their quarters that lie on a half of a hundredth have at most seven.
pub(super) fn columns(value: &str) -> String {
    let (mean, minimum, maximum) = (
        shown(&format!("avg({value})")),
        shown(&format!("min({value})")),
        shown(&format!("max({value})")),
    );
    let percentile = |fraction: &str| format!("round((percentile_cont({fraction}) WITHIN GROUP (ORDER BY ({value})::float8))::numeric, 2)");
    // `LEAST` passes over nulls, so it is the value that is counted.
    let bins: Vec<String> = (0..BINS)
        .map(|bin| format!("count({value}) FILTER (WHERE LEAST(floor({value} / 10), 9) = {bin})"))
        .collect();
    format!(
        "count({value}) AS n, {mean} AS mean, {} AS median, round(stddev_pop({value}), 2) AS standard_deviation,
        {minimum} AS minimum, {maximum} AS maximum, {} AS lower_quartile, {} AS upper_quartile,
        ARRAY[{}] AS histogram",
        percentile("0.5"),
        percentile("0.25"),
        percentile("0.75"),
        bins.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(n: i64) -> Statistics {
        Statistics {
            n,
            mean: Some(Decimal::TEN),
            histogram: vec![0; BINS],
            ..Statistics::default()
        }
    }

    #[test]
    fn a_small_group_says_only_how_small_it_is() {
        let small = of(SMALLEST_GROUP - 1).for_student();
        assert_eq!((small.n, small.mean, small.histogram.len()), (4, None, 0));
        assert_eq!(of(SMALLEST_GROUP).for_student(), of(SMALLEST_GROUP));
    }
}
