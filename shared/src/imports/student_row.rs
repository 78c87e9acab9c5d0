//! One record of a file to one student, or to everything that is wrong with it.
//!
//! Not for what only the database knows, such as whether a department exists.

use std::borrow::Cow;
use std::str::FromStr;

use email_address::{EmailAddress, Options};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::header::{Column, Header};
use super::keys::UsedKeys;
use super::records::{Condition, Record};
use super::row_error::{Allowed, Fault, RowError};

pub(super) const STUDENT_NUMBER_LENGTH: usize = 20;
const EMAIL_LENGTH: usize = 254;
const NAME_LENGTH: usize = 150;
const CODE_LENGTH: usize = 20;
const PHONE_LENGTH: usize = 20;

/// A student as a record states it: text trimmed and in Unicode NFC, empty optional fields absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudentRow {
    /// 1 to 20 letters, digits, `-`, `_`, `.` and `/`; leading zeros are kept.
    pub student_number: String,
    /// A valid ASCII address of at most 254 characters, in lower case by ASCII rules.
    pub email: String,
    /// 1 to 150 characters on one line.
    pub first_name: String,
    /// 1 to 150 characters on one line.
    pub last_name: String,
    /// At most 20 characters, as the file spells it.
    pub department_code: Option<String>,
    /// At most 20 characters, as the file spells it.
    pub program_code: Option<String>,
    /// 1 to 6.
    pub year_of_study: Option<i16>,
    /// 1950 to 2100.
    pub entry_year: Option<i16>,
    /// At most 20 of `+`, digits, blanks, `(`, `)` and `-`.
    pub phone: Option<String>,
}

/// Checks a record and notes its number and address in `keys`, each if it is valid by itself.
///
/// Keys are noted whether the record is accepted or not, so the verdict on a later record depends on the file alone.
/// A record of the wrong shape has none: nobody can say which of its fields is the number.
pub(super) fn check(record: &Record<'_>, header: &Header, max_bytes: usize, keys: &mut UsedKeys) -> Result<StudentRow, Vec<RowError>> {
    if let Some(fault) = fault_of_shape(record, header.width(), max_bytes) {
        return Err(vec![RowError::new(record.number, None, &record.excerpt(), fault)]);
    }
    let mut fields = Fields {
        record,
        header,
        errors: Vec::new(),
    };
    let student_number = fields.student_number(keys);
    let email = fields.email(keys);
    let first_name = fields.name(Column::FirstName);
    let last_name = fields.name(Column::LastName);
    let department_code = fields.code(Column::DepartmentCode);
    let program_code = fields.code(Column::ProgramCode);
    let year_of_study = fields.whole_number(Column::YearOfStudy, 1, 6);
    let entry_year = fields.whole_number(Column::EntryYear, 1950, 2100);
    let phone = fields.phone();
    match (student_number, email, first_name, last_name) {
        (Some(student_number), Some(email), Some(first_name), Some(last_name)) if fields.errors.is_empty() => Ok(StudentRow {
            student_number,
            email,
            first_name,
            last_name,
            department_code,
            program_code,
            year_of_study,
            entry_year,
            phone,
        }),
        _ => Err(fields.errors),
    }
}

pub(super) fn fault_of_shape(record: &Record<'_>, expected: usize, max_bytes: usize) -> Option<Fault> {
    let found = record.len();
    match record.condition {
        Condition::UnclosedQuote => Some(Fault::UnclosedQuote),
        Condition::TooLong => Some(Fault::RecordTooLong { max: max_bytes }),
        Condition::Whole if found < expected => Some(Fault::TooFewColumns { expected, found }),
        Condition::Whole if found > expected => Some(Fault::TooManyColumns { expected, found }),
        Condition::Whole => None,
    }
}

/// The fields of a record under check and what was found wrong with them so far.
///
/// Each method returns the value of a field, or None when it is empty, absent or refused.
struct Fields<'a> {
    record: &'a Record<'a>,
    header: &'a Header,
    errors: Vec<RowError>,
}

impl<'a> Fields<'a> {
    fn student_number(&mut self, keys: &mut UsedKeys) -> Option<String> {
        let number = self.required(Column::StudentNumber)?;
        if is_mangled(&number) {
            return self.refuse(Column::StudentNumber, Fault::NumberMangled);
        }
        let number = self.text(
            Column::StudentNumber,
            number,
            STUDENT_NUMBER_LENGTH,
            Allowed::StudentNumber,
            is_of_student_number,
        )?;
        match keys.number(&number, self.record.number) {
            Some(first) => self.refuse(Column::StudentNumber, Fault::DuplicateInFile { first }),
            None => Some(number),
        }
    }

    fn email(&mut self, keys: &mut UsedKeys) -> Option<String> {
        let email = self.required(Column::Email)?;
        if email.len() > EMAIL_LENGTH {
            return self.refuse(Column::Email, Fault::TooLong { max: EMAIL_LENGTH });
        }
        if !is_email(&email) {
            return self.refuse(Column::Email, Fault::InvalidEmail);
        }
        let email = email.to_ascii_lowercase();
        match keys.email(&email, self.record.number) {
            Some(first) => self.refuse(Column::Email, Fault::DuplicateInFile { first }),
            None => Some(email),
        }
    }

    fn name(&mut self, column: Column) -> Option<String> {
        let name = on_one_line(self.required(column)?);
        self.text(column, name, NAME_LENGTH, Allowed::Text, is_intact)
    }

    fn code(&mut self, column: Column) -> Option<String> {
        let code = self.value(column)?;
        self.text(column, code, CODE_LENGTH, Allowed::Text, is_intact)
    }

    fn phone(&mut self) -> Option<String> {
        let phone = self.value(Column::Phone)?;
        if is_mangled(&phone) {
            return self.refuse(Column::Phone, Fault::NumberMangled);
        }
        let is_allowed = |character: char| character.is_ascii_digit() || "+ ()-".contains(character);
        self.text(Column::Phone, phone, PHONE_LENGTH, Allowed::Phone, is_allowed)
    }

    fn whole_number(&mut self, column: Column, min: i16, max: i16) -> Option<i16> {
        let text = self.value(column)?;
        let digits = without_zero_fraction(&text);
        let unsigned = digits.strip_prefix(['-', '+']).unwrap_or(digits);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.refuse(column, Fault::NotANumber);
        }
        match i16::from_str(digits) {
            Ok(number) if (min..=max).contains(&number) => Some(number),
            _ => self.refuse(column, Fault::OutOfRange { min, max }),
        }
    }

    /// The text of a field within `max` characters and of allowed characters only; both faults are told when both are there.
    fn text(
        &mut self,
        column: Column,
        text: Cow<'a, str>,
        max: usize,
        allowed: Allowed,
        is_allowed: impl Fn(char) -> bool,
    ) -> Option<String> {
        let too_long = text.len() > max && text.chars().count() > max;
        if too_long {
            self.refuse::<()>(column, Fault::TooLong { max });
        }
        if !text.chars().all(is_allowed) {
            return self.refuse(column, Fault::InvalidCharacters(allowed));
        }
        (!too_long).then(|| text.into_owned())
    }

    /// The tidy value of a field that must not be empty.
    fn required(&mut self, column: Column) -> Option<Cow<'a, str>> {
        match self.value(column) {
            None => self.refuse(column, Fault::EmptyRequired),
            value => value,
        }
    }

    /// The tidy value of a field.
    fn value(&self, column: Column) -> Option<Cow<'a, str>> {
        let value = tidy(self.raw(column)?);
        (!value.is_empty()).then_some(value)
    }

    fn raw(&self, column: Column) -> Option<&'a str> {
        self.record.field(self.header.position(column)?)
    }

    /// Notes a fault with the value as the file has it.
    fn refuse<T>(&mut self, column: Column, fault: Fault) -> Option<T> {
        let value = self.raw(column).unwrap_or_default();
        self.errors
            .push(RowError::new(self.record.number, Some(column.name()), value, fault));
        None
    }
}

/// Text in NFC without surrounding blanks.
pub(super) fn tidy(raw: &str) -> Cow<'_, str> {
    // Characters below U+0300, the first combining one, start with a byte below 0xCC and are in NFC as they stand.
    // This settles nearly every field at a fraction of the cost of the full check.
    if raw.bytes().all(|byte| byte < 0xCC) || is_nfc_quick(raw.chars()) == IsNormalized::Yes {
        Cow::Borrowed(raw.trim())
    } else {
        Cow::Owned(raw.nfc().collect::<String>().trim().to_owned())
    }
}

/// A name in which line breaks and tabs are single blanks: in a cell they are layout, and a name stands in one line of a mail.
fn on_one_line(name: Cow<'_, str>) -> Cow<'_, str> {
    const BREAKS: [char; 5] = ['\n', '\r', '\t', '\u{2028}', '\u{2029}'];
    if name.contains(BREAKS) {
        let parts: Vec<_> = name.split(BREAKS).map(str::trim).filter(|part| !part.is_empty()).collect();
        Cow::Owned(parts.join(" "))
    } else {
        name
    }
}

/// True for what a student number may have.
pub(super) fn is_of_student_number(character: char) -> bool {
    character.is_alphabetic() || character.is_ascii_digit() || "-_./".contains(character)
}

/// False for control characters and for U+FFFD, which stands where a conversion lost a character.
pub(super) fn is_intact(character: char) -> bool {
    !character.is_control() && character != char::REPLACEMENT_CHARACTER
}

/// True for an ASCII address with a domain of at least two labels, without a display name.
fn is_email(text: &str) -> bool {
    const OPTIONS: Options = Options {
        minimum_sub_domains: 2,
        allow_domain_literal: false,
        allow_display_text: false,
    };
    // A quoted local part may hold blanks and more `@`; no mailbox of a student has one, and the database refuses it.
    if !text.is_ascii() || text.bytes().any(|byte| byte.is_ascii_control() || byte == b'"') {
        return false;
    }
    // The crate takes every character of a local part in a domain too; no such host can exist.
    let is_host = |domain: &str| {
        domain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    EmailAddress::parse_with_options(text, OPTIONS).is_ok_and(|address| is_host(address.domain()))
}

/// True for what a spreadsheet makes of a long number: `2.025E+07`, `2,025E+07`, `20250001.0`.
///
/// Codes such as `2025E001` and `2025E-01` are none of these: a long number has a positive exponent, and programs write it with its
/// sign or behind a decimal mark.
pub(super) fn is_mangled(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > without_zero_fraction(text).len() {
        return true;
    }
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (has_sign, exponent) = match exponent.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, exponent),
    };
    is_number(exponent)
        && match mantissa.split_once(['.', ',']) {
            Some((whole, fraction)) => is_number(whole) && is_number(fraction),
            None => is_number(mantissa) && has_sign,
        }
}

/// A whole number without the `.0` or `,0` that programs append when they take a column for decimals; other text as it is.
fn without_zero_fraction(text: &str) -> &str {
    match text.split_once(['.', ',']) {
        Some((whole, fraction))
            if !whole.is_empty()
                && whole.bytes().all(|byte| byte.is_ascii_digit())
                && !fraction.is_empty()
                && fraction.bytes().all(|byte| byte == b'0') =>
        {
            whole
        }
        _ => text,
    }
}
