//! Exact decimals of the domain as JSON numbers.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The float whose shortest text is the decimal: right for all numbers of up to 15 digits, so for every score,
/// weight and percentage.
pub(super) fn number(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundredth_is_written_as_it_is() {
        for hundredths in 0..=999_999_i64 {
            let decimal = Decimal::new(hundredths, 2);
            assert_eq!(number(decimal).to_string(), decimal.normalize().to_string());
        }
    }
}
