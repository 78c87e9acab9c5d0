//! How a percentage stands to its target, in one word.

use rust_decimal::Decimal;

/// How a percentage stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing was assessed; this is not zero.
    NoData,
    /// Assessed, and below the target.
    BelowTarget,
    /// The target is reached.
    OnTarget,
    /// A tenth more than the target, or all that is possible.
    Excellent,
}

impl Standing {
    /// Judges a shown percentage; `met` is the comparison with the target before rounding.
    #[must_use]
    pub fn of(percentage: Option<Decimal>, met: Option<bool>, target: Decimal) -> Self {
        let (Some(percentage), Some(met)) = (percentage, met) else {
            return Self::NoData;
        };
        let excellent = (target * Decimal::new(11, 1)).min(Decimal::ONE_HUNDRED);
        if !met {
            Self::BelowTarget
        } else if percentage >= excellent {
            Self::Excellent
        } else {
            Self::OnTarget
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(percentage: &str, met: bool, target: i64) -> Standing {
        Standing::of(Some(percentage.parse().unwrap()), Some(met), Decimal::from(target))
    }

    #[test]
    fn no_data_is_not_a_bad_result() {
        assert_eq!(Standing::of(None, None, Decimal::from(70)), Standing::NoData);
        assert_eq!(of("0", false, 70), Standing::BelowTarget);
    }

    #[test]
    fn what_only_looks_like_the_target_is_below_it() {
        assert_eq!(of("70.00", false, 70), Standing::BelowTarget);
        assert_eq!(of("70.00", true, 70), Standing::OnTarget);
    }

    #[test]
    fn a_tenth_more_than_the_target_is_excellent_and_so_is_everything() {
        assert_eq!(of("76.99", true, 70), Standing::OnTarget);
        assert_eq!(of("77", true, 70), Standing::Excellent);
        assert_eq!(of("99.99", true, 95), Standing::OnTarget);
        assert_eq!(of("100", true, 95), Standing::Excellent);
    }
}
