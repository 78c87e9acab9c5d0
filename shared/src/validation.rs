//! Checks of what callers send, each naming its field. Collects all faults instead of stopping at the first.
//!
//! Not for rules that need the database.

use crate::error::{Error, FieldError, Result};
use email_address::{EmailAddress, Options};
use rust_decimal::Decimal;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// Longest e-mail address, in bytes (RFC 5321 with RFC 3696 erratum 1690).
pub const EMAIL_LIMIT: usize = 254;

/// Longest first or last name, in characters.
pub const NAME_LIMIT: usize = 150;

/// Longest telephone number, in characters.
pub const PHONE_LIMIT: usize = 20;

/// Longest student number, in characters.
pub const STUDENT_NUMBER_LIMIT: usize = 20;

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Checks {
    faults: Vec<FieldError>,
}

impl Checks {
    /// Adds a fault.
    pub fn fault(&mut self, field: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.faults.push(FieldError::new(field, code, message));
    }

    /// A required text of one line: trimmed, in NFC, without control characters, `1..=limit` characters.
    pub fn text(&mut self, field: &str, value: &str, limit: usize) -> String {
        let text = clean(value);
        if text.is_empty() {
            self.fault(field, "required", "must not be empty");
        }
        self.bounded(field, &text, limit, false);
        text
    }

    /// An optional text under the same rules; empty counts as absent.
    pub fn optional_text(&mut self, field: &str, value: Option<&str>, limit: usize) -> Option<String> {
        let text = clean(value?);
        self.bounded(field, &text, limit, false);
        (!text.is_empty()).then_some(text)
    }

    /// A required text of several lines.
    pub fn prose(&mut self, field: &str, value: &str, limit: usize) -> String {
        let text = clean(value);
        if text.is_empty() {
            self.fault(field, "required", "must not be empty");
        }
        self.bounded(field, &text, limit, true);
        text
    }

    /// An optional text of several lines; empty counts as absent.
    pub fn optional_prose(&mut self, field: &str, value: Option<&str>, limit: usize) -> Option<String> {
        let text = clean(value?);
        self.bounded(field, &text, limit, true);
        (!text.is_empty()).then_some(text)
    }

    /// An address, lower-cased by ASCII rules.
    pub fn email(&mut self, field: &str, value: &str) -> String {
        let email = normalize_email(value);
        if !is_email(&email) {
            self.fault(field, "invalid_email", "is not an e-mail address");
        }
        email
    }

    /// An optional address; empty counts as absent.
    pub fn optional_email(&mut self, field: &str, value: Option<&str>) -> Option<String> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some(self.email(field, value))
    }

    /// An optional telephone number: at most 20 of `+`, digits, blanks, `(`, `)` and `-`; empty counts as absent.
    pub fn phone(&mut self, field: &str, value: Option<&str>) -> Option<String> {
        let phone = self.optional_text(field, value, PHONE_LIMIT)?;
        if !phone.chars().all(|c| c.is_ascii_digit() || "+ ()-".contains(c)) {
            self.fault(field, "invalid_phone", "may have digits, blanks and + ( ) - only");
        }
        Some(phone)
    }

    /// A student number: 1 to 20 letters, digits, `-`, `_`, `.` and `/`; leading zeros are kept.
    pub fn student_number(&mut self, field: &str, value: &str) -> String {
        let number = self.text(field, value, STUDENT_NUMBER_LIMIT);
        if !number
            .chars()
            .all(|c| c.is_alphabetic() || c.is_ascii_digit() || "-_./".contains(c))
        {
            self.fault(field, "invalid_student_number", "may have letters, digits and - _ . / only");
        }
        number
    }

    /// A number within bounds, both inclusive.
    pub fn range<T: PartialOrd + std::fmt::Display>(&mut self, field: &str, value: T, min: T, max: T) -> T {
        if value < min || value > max {
            self.fault(field, "out_of_range", format!("must be from {min} to {max}"));
        }
        value
    }

    /// A JSON number as an exact decimal with at most two places, within bounds, both inclusive.
    pub fn decimal(&mut self, field: &str, value: f64, min: Decimal, max: Decimal) -> Decimal {
        match exact(value) {
            Some(decimal) if decimal.normalize().scale() <= 2 => self.range(field, decimal.normalize(), min, max),
            Some(_) => {
                self.fault(field, "too_precise", "may have at most two decimal places");
                Decimal::ZERO
            }
            None => {
                self.fault(field, "not_a_number", "is not a usable number");
                Decimal::ZERO
            }
        }
    }

    /// How many faults there are so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.faults.len()
    }

    /// # Errors
    /// All faults, when there are some.
    pub fn finish(self) -> Result<()> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.faults))
        }
    }

    fn bounded(&mut self, field: &str, text: &str, limit: usize, lines: bool) {
        if text.chars().count() > limit {
            self.fault(field, "too_long", format!("may have at most {limit} characters"));
        }
        if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
            self.fault(field, "invalid_characters", "must not contain control characters");
        }
    }
}

/// Trimmed and in NFC, so that equal texts are equal bytes.
#[must_use]
pub fn clean(value: &str) -> String {
    value.trim().nfc().collect()
}

/// Trimmed and lower-cased by ASCII rules: `IREM@x` and `irem@x` are one address in every locale.
#[must_use]
pub fn normalize_email(value: &str) -> String {
    value.trim().to_ascii_lowercase()
}

/// Whether a normalized text is an ASCII address with a dotted domain. A quoted local part, which may hold blanks and more
/// `@`, is none: the database refuses it.
#[must_use]
pub fn is_email(value: &str) -> bool {
    let options = Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    value.is_ascii() && !value.contains('"') && value.len() <= EMAIL_LIMIT && EmailAddress::parse_with_options(value, options).is_ok()
}

/// The decimal that was written, by the shortest text that gives the same float.
#[must_use]
pub fn exact(value: f64) -> Option<Decimal> {
    Decimal::from_str(&value.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_becomes_the_decimal_that_was_written() {
        assert_eq!(exact(43.33).unwrap().to_string(), "43.33");
        assert_eq!(exact(0.1).unwrap().to_string(), "0.1");
        assert!(exact(f64::NAN).is_none());
        assert!(exact(f64::INFINITY).is_none());
    }

    #[test]
    fn all_faults_are_collected() {
        let mut checks = Checks::default();
        checks.text("name", "  ", 10);
        checks.email("email", "nobody");
        checks.decimal("score", 1.005, Decimal::ZERO, Decimal::ONE_HUNDRED);
        checks.range("credits", 31, 1, 30);
        let Err(Error::Invalid(faults)) = checks.finish() else {
            panic!("no faults")
        };
        assert_eq!(
            faults.iter().map(|fault| fault.code).collect::<Vec<_>>(),
            ["required", "invalid_email", "too_precise", "out_of_range"]
        );
    }

    #[test]
    fn a_telephone_and_a_student_number_have_their_own_characters() {
        let mut checks = Checks::default();
        assert_eq!(checks.phone("phone", Some(" +90 (312) 555-0101 ")).unwrap(), "+90 (312) 555-0101");
        assert_eq!(checks.phone("phone", Some(" ")), None);
        assert_eq!(checks.student_number("student_number", " 00-12/ÖĞR.7_a "), "00-12/ÖĞR.7_a");
        checks.finish().unwrap();
        let mut checks = Checks::default();
        checks.phone("phone", Some("call me"));
        checks.student_number("student_number", "12;34");
        checks.student_number("student_number", &"1".repeat(STUDENT_NUMBER_LIMIT + 1));
        let Err(Error::Invalid(faults)) = checks.finish() else {
            panic!("no faults")
        };
        assert_eq!(
            faults.iter().map(|fault| fault.code).collect::<Vec<_>>(),
            ["invalid_phone", "invalid_student_number", "too_long"]
        );
    }

    #[test]
    fn one_address_has_one_spelling() {
        assert_eq!(normalize_email(" IREM@X.edu.tr "), "irem@x.edu.tr");
        assert!(is_email("irem@x.edu.tr"));
        assert!(!is_email("irem@localhost"));
        assert!(!is_email("ırem@x.edu.tr"));
        assert!(!is_email("a b@x.edu"));
        assert!(!is_email("\"a b\"@x.edu"));
    }
}
