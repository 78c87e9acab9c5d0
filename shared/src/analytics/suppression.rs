//! What students may see of others: figures of a group, and only of a group in which nobody stands out.

use rust_decimal::Decimal;

/// Students see a figure of a group when at least so many of it have a value, themselves included. Staff sees it always.
pub const SMALLEST_GROUP: i64 = 5;

/// The figure of a group as a student may see it.
#[must_use]
pub fn for_student(n: i64, figure: Option<Decimal>) -> Option<Decimal> {
    figure.filter(|_| n >= SMALLEST_GROUP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_are_withheld_and_five_are_shown() {
        assert_eq!(for_student(4, Some(Decimal::TEN)), None);
        assert_eq!(for_student(5, Some(Decimal::TEN)), Some(Decimal::TEN));
        assert_eq!(for_student(5, None), None);
    }
}
