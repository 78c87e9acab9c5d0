//! The text of a cell to a mark, and the codes of marks without a score.
//!
//! Not for whether a score fits its assessment; that is told when the assessment's maximum is known.

use super::grade_fault::GradeFault;
use crate::grading::cells::HIGHEST_SCORE;
use crate::kinds::{GradeStatus, Locale};
use rust_decimal::Decimal;
use std::str::FromStr;

/// What a cell that is not blank says: a score from 0 to 9999.99 with at most two decimal places, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A score.
    Score(Decimal),
    /// No score; never [`GradeStatus::Scored`].
    Without(GradeStatus),
}

/// Digits between two marks that group thousands.
const GROUP: usize = 3;

/// Words for marks without a score, as [`fold`] leaves them.
const WORDS: [(&str, GradeStatus); 12] = [
    ("gr", GradeStatus::Absent),
    ("girmedi", GradeStatus::Absent),
    ("absent", GradeStatus::Absent),
    ("mz", GradeStatus::Excused),
    ("mazeretli", GradeStatus::Excused),
    ("excused", GradeStatus::Excused),
    ("dz", GradeStatus::NonAttendance),
    ("devamsiz", GradeStatus::NonAttendance),
    ("non_attendance", GradeStatus::NonAttendance),
    ("non-attendance", GradeStatus::NonAttendance),
    ("non attendance", GradeStatus::NonAttendance),
    ("nonattendance", GradeStatus::NonAttendance),
];

/// The code that an export writes for a mark without a score; an import reads those of both languages.
#[must_use]
pub fn code(status: GradeStatus, locale: Locale) -> &'static str {
    match (status, locale) {
        (GradeStatus::Absent, Locale::Tr) => "GR",
        (GradeStatus::Excused, Locale::Tr) => "MZ",
        (GradeStatus::NonAttendance, Locale::Tr) => "DZ",
        (status, _) => status.as_str(),
    }
}

/// Lower case by rules under which Turkish and English spellings meet: `I`, `İ`, `ı` and `i` are one letter.
pub(super) fn fold(text: &str) -> String {
    let dot_above = '\u{307}';
    text.chars()
        .filter(|character| *character != dot_above)
        .flat_map(|character| match character {
            'İ' | 'I' | 'ı' => 'i'.to_lowercase(),
            other => other.to_lowercase(),
        })
        .collect()
}

/// Reads a tidy text; `None` for a blank one: not graded.
///
/// # Errors
/// [`GradeFault::AmbiguousNumber`] when decimal and thousands marks cannot be told apart, [`GradeFault::OutOfRange`],
/// [`GradeFault::TooPrecise`], and [`GradeFault::NotAMark`] for everything else that is neither a number nor a code.
pub(super) fn read(text: &str) -> Result<Option<Mark>, GradeFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let folded = fold(text);
    if let Some((_, status)) = WORDS.iter().find(|(word, _)| *word == folded) {
        return Ok(Some(Mark::Without(*status)));
    }
    score(text).map(|score| Some(Mark::Score(score)))
}

fn score(text: &str) -> Result<Decimal, GradeFault> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = unsigned.split(['.', ',']);
    if !parts.all(is_number) {
        return Err(GradeFault::NotAMark);
    }
    let (whole, fraction) = match unsigned.split_once(['.', ',']) {
        Some((_, rest)) if rest.contains(['.', ',']) => return Err(GradeFault::AmbiguousNumber),
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    // 85.500 may be 85.5 and may be 85500; 85.125 is too precise in any case, and no thousands begin with a zero.
    if fraction.len() == GROUP && fraction.ends_with('0') && whole.len() <= GROUP && !whole.starts_with('0') {
        return Err(GradeFault::AmbiguousNumber);
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if fraction.len() > 2 {
        return Err(GradeFault::TooPrecise);
    }
    let out_of_range = GradeFault::OutOfRange { max: HIGHEST_SCORE };
    if whole.len() > 4 {
        return Err(out_of_range);
    }
    let score = Decimal::from_str(&format!("0{whole}.{fraction}0")).map_err(|_| GradeFault::NotAMark)?;
    if text.starts_with('-') && !score.is_zero() {
        return Err(out_of_range);
    }
    Ok(score.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> String {
        match read(text) {
            Ok(Some(Mark::Score(score))) => score.to_string(),
            other => panic!("{text:?} is {other:?}"),
        }
    }

    #[test]
    fn decimal_commas_and_decimal_points_are_read() {
        for (text, expected) in [
            ("85", "85"),
            ("85,5", "85.5"),
            ("85.50", "85.5"),
            ("007,25", "7.25"),
            ("0", "0"),
            ("0,0", "0"),
            ("-0", "0"),
            ("0.500", "0.5"),
            ("85.5000", "85.5"),
            ("9999.99", "9999.99"),
        ] {
            assert_eq!(number(text), expected);
        }
    }

    #[test]
    fn a_number_that_can_be_read_in_two_ways_is_refused() {
        for text in ["1.234,5", "1,234.5", "1.234.567", "1.000", "1,000", "85.500", "1..2"] {
            let expected = if text == "1..2" {
                GradeFault::NotAMark
            } else {
                GradeFault::AmbiguousNumber
            };
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_mark_is_named_as_what_it_is() {
        let out_of_range = GradeFault::OutOfRange { max: HIGHEST_SCORE };
        for (text, expected) in [
            ("85.125", GradeFault::TooPrecise),
            ("85,1234", GradeFault::TooPrecise),
            ("-5", out_of_range),
            ("10000", out_of_range),
            ("99999999999999999999999999999999", out_of_range),
            ("A", GradeFault::NotAMark),
            ("85%", GradeFault::NotAMark),
            ("8.5E+01", GradeFault::NotAMark),
            ("NaN", GradeFault::NotAMark),
            ("-", GradeFault::NotAMark),
            ("5,", GradeFault::NotAMark),
            (",5", GradeFault::NotAMark),
            ("٥", GradeFault::NotAMark),
        ] {
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn codes_are_facts_and_never_zero_in_any_case_of_both_languages() {
        for (text, status) in [
            ("GR", GradeStatus::Absent),
            ("gr", GradeStatus::Absent),
            ("GİRMEDİ", GradeStatus::Absent),
            ("GIRMEDI", GradeStatus::Absent),
            ("Absent", GradeStatus::Absent),
            ("MZ", GradeStatus::Excused),
            ("EXCUSED", GradeStatus::Excused),
            ("mazeretlİ", GradeStatus::Excused),
            ("DZ", GradeStatus::NonAttendance),
            ("DEVAMSIZ", GradeStatus::NonAttendance),
            ("devamsız", GradeStatus::NonAttendance),
        ] {
            assert_eq!(read(text), Ok(Some(Mark::Without(status))), "{text}");
        }
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn every_code_that_is_written_is_read() {
        for status in [GradeStatus::Absent, GradeStatus::Excused, GradeStatus::NonAttendance] {
            for locale in [Locale::Tr, Locale::En] {
                assert_eq!(read(code(status, locale)), Ok(Some(Mark::Without(status))));
            }
        }
    }

    proptest! {
        #[test]
        fn every_score_is_read_as_it_is_written(hundredths in 0..=999_999_i64, comma: bool) {
            let score = Decimal::new(hundredths, 2);
            let written = score.normalize().to_string();
            let text = if comma { written.replace('.', ",") } else { written };
            prop_assert_eq!(read(&text), Ok(Some(Mark::Score(score.normalize()))));
        }

        #[test]
        fn no_text_makes_the_reading_panic(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
