//! What is wrong with one record: the vocabulary of an import's error list.

use super::grade_fault::GradeFault;
use super::messages::Message;
use std::borrow::Cow;

/// Longest value, in characters, that an error or a warning repeats.
const VALUE_LENGTH: usize = 200;

/// The stable name of a fault, as stored and as answered by the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A required field is empty.
    EmptyRequired,
    /// The value is no e-mail address.
    InvalidEmail,
    /// An earlier record of the file has the same number or address.
    DuplicateInFile,
    /// Somebody else has the number or the address already.
    InUse,
    /// No active department has this code.
    UnknownDepartment,
    /// No active program has this code.
    UnknownProgram,
    /// The program exists, in another department.
    ProgramNotInDepartment,
    /// The value is no whole number.
    NotANumber,
    /// The number is too small or too large.
    OutOfRange,
    /// The text is longer than its limit.
    TooLong,
    /// The record has fewer fields than the header.
    TooFewColumns,
    /// The record has more fields than the header.
    TooManyColumns,
    /// The text contains characters it must not.
    InvalidCharacters,
    /// A spreadsheet turned the value into a number and lost digits of it.
    NumberMangled,
    /// A quote opens in this record and is not closed before the end of the file.
    UnclosedQuote,
    /// The record is longer than a record may be.
    RecordTooLong,
    /// The value is neither a number nor a code for a mark without a score.
    NotAMark,
    /// Decimal and thousands marks of the number cannot be told apart.
    AmbiguousNumber,
    /// The score has more than two decimal places.
    TooPrecise,
    /// The institution has no student of this number.
    UnknownStudent,
    /// The student is not enrolled in the course.
    NotEnrolled,
    /// The student has left the course.
    EnrollmentInactive,
    /// The course has no such assessment.
    UnknownAssessment,
    /// The course has several assessments of this name.
    AmbiguousAssessment,
    /// The assessment is not active.
    AssessmentInactive,
    /// An earlier record of the file is about the same cell.
    DuplicateCell,
    /// There are words without a mark that they could stand with.
    FeedbackWithoutMark,
    /// The value stands in a column without a name.
    NamelessColumn,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 28] = [
        Self::EmptyRequired,
        Self::InvalidEmail,
        Self::DuplicateInFile,
        Self::InUse,
        Self::UnknownDepartment,
        Self::UnknownProgram,
        Self::ProgramNotInDepartment,
        Self::NotANumber,
        Self::OutOfRange,
        Self::TooLong,
        Self::TooFewColumns,
        Self::TooManyColumns,
        Self::InvalidCharacters,
        Self::NumberMangled,
        Self::UnclosedQuote,
        Self::RecordTooLong,
        Self::NotAMark,
        Self::AmbiguousNumber,
        Self::TooPrecise,
        Self::UnknownStudent,
        Self::NotEnrolled,
        Self::EnrollmentInactive,
        Self::UnknownAssessment,
        Self::AmbiguousAssessment,
        Self::AssessmentInactive,
        Self::DuplicateCell,
        Self::FeedbackWithoutMark,
        Self::NamelessColumn,
    ];

    /// The code as text; it never changes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptyRequired => "empty_required",
            Self::InvalidEmail => "invalid_email",
            Self::DuplicateInFile => "duplicate_in_file",
            Self::InUse => "in_use",
            Self::UnknownDepartment => "unknown_department",
            Self::UnknownProgram => "unknown_program",
            Self::ProgramNotInDepartment => "program_not_in_department",
            Self::NotANumber => "not_a_number",
            Self::OutOfRange => "out_of_range",
            Self::TooLong => "too_long",
            Self::TooFewColumns => "too_few_columns",
            Self::TooManyColumns => "too_many_columns",
            Self::InvalidCharacters => "invalid_characters",
            Self::NumberMangled => "number_mangled",
            Self::UnclosedQuote => "unclosed_quote",
            Self::RecordTooLong => "record_too_long",
            Self::NotAMark => "not_a_mark",
            Self::AmbiguousNumber => "ambiguous_number",
            Self::TooPrecise => "too_precise",
            Self::UnknownStudent => "unknown_student",
            Self::NotEnrolled => "not_enrolled",
            Self::EnrollmentInactive => "enrollment_inactive",
            Self::UnknownAssessment => "unknown_assessment",
            Self::AmbiguousAssessment => "ambiguous_assessment",
            Self::AssessmentInactive => "assessment_inactive",
            Self::DuplicateCell => "duplicate_cell",
            Self::FeedbackWithoutMark => "feedback_without_mark",
            Self::NamelessColumn => "nameless_column",
        }
    }
}

/// The characters a field takes, for the message that refuses others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Any text without control characters and without U+FFFD, the trace of a wrong conversion.
    Text,
    /// Letters, digits, `-`, `_`, `.` and `/`.
    StudentNumber,
    /// `+`, digits, blanks, `(`, `)` and `-`.
    Phone,
}

/// A fault with the figures its message needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// See [`ErrorCode::EmptyRequired`].
    EmptyRequired,
    /// See [`ErrorCode::InvalidEmail`].
    InvalidEmail,
    /// See [`ErrorCode::DuplicateInFile`].
    DuplicateInFile {
        /// The first record that has the value.
        first: u64,
    },
    /// See [`ErrorCode::InUse`].
    InUse,
    /// See [`ErrorCode::UnknownDepartment`].
    UnknownDepartment,
    /// See [`ErrorCode::UnknownProgram`].
    UnknownProgram,
    /// See [`ErrorCode::ProgramNotInDepartment`].
    ProgramNotInDepartment,
    /// See [`ErrorCode::NotANumber`].
    NotANumber,
    /// See [`ErrorCode::OutOfRange`].
    OutOfRange {
        /// The smallest number taken.
        min: i16,
        /// The largest number taken.
        max: i16,
    },
    /// See [`ErrorCode::TooLong`].
    TooLong {
        /// The limit in characters.
        max: usize,
    },
    /// See [`ErrorCode::TooFewColumns`].
    TooFewColumns {
        /// Fields of the header.
        expected: usize,
        /// Fields of the record.
        found: usize,
    },
    /// See [`ErrorCode::TooManyColumns`].
    TooManyColumns {
        /// Fields of the header.
        expected: usize,
        /// Fields of the record.
        found: usize,
    },
    /// See [`ErrorCode::InvalidCharacters`].
    InvalidCharacters(Allowed),
    /// See [`ErrorCode::NumberMangled`].
    NumberMangled,
    /// See [`ErrorCode::UnclosedQuote`].
    UnclosedQuote,
    /// See [`ErrorCode::RecordTooLong`].
    RecordTooLong {
        /// The limit in bytes of UTF-8.
        max: usize,
    },
    /// What can be wrong with grades only.
    Grade(GradeFault),
}

impl From<GradeFault> for Fault {
    fn from(fault: GradeFault) -> Self {
        Self::Grade(fault)
    }
}

impl Fault {
    /// The name of the fault.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::EmptyRequired => ErrorCode::EmptyRequired,
            Self::InvalidEmail => ErrorCode::InvalidEmail,
            Self::DuplicateInFile { .. } => ErrorCode::DuplicateInFile,
            Self::InUse => ErrorCode::InUse,
            Self::UnknownDepartment => ErrorCode::UnknownDepartment,
            Self::UnknownProgram => ErrorCode::UnknownProgram,
            Self::ProgramNotInDepartment => ErrorCode::ProgramNotInDepartment,
            Self::NotANumber => ErrorCode::NotANumber,
            Self::OutOfRange { .. } => ErrorCode::OutOfRange,
            Self::TooLong { .. } => ErrorCode::TooLong,
            Self::TooFewColumns { .. } => ErrorCode::TooFewColumns,
            Self::TooManyColumns { .. } => ErrorCode::TooManyColumns,
            Self::InvalidCharacters(_) => ErrorCode::InvalidCharacters,
            Self::NumberMangled => ErrorCode::NumberMangled,
            Self::UnclosedQuote => ErrorCode::UnclosedQuote,
            Self::RecordTooLong { .. } => ErrorCode::RecordTooLong,
            Self::Grade(fault) => fault.code(),
        }
    }

    /// What to tell the person who uploaded the file.
    #[must_use]
    pub fn message(self) -> Message {
        Message::of_fault(self)
    }
}

/// One reason why one record was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The number of the record; the header is 1.
    pub record: u64,
    /// The column at fault; None when the fault is of the record as a whole.
    pub column: Option<Cow<'static, str>>,
    /// The value as the file has it, at most 200 characters, control characters shown as pictures (NUL as ␀).
    pub value: String,
    /// The name of the fault.
    pub code: ErrorCode,
    /// The fault in Turkish.
    pub message_tr: String,
    /// The fault in English.
    pub message_en: String,
}

impl RowError {
    /// The error of `fault` in `record`, with its messages and with `value` made fit to be stored and shown.
    #[must_use]
    pub fn new(record: u64, column: Option<&'static str>, value: &str, fault: Fault) -> Self {
        Self::of(record, column.map(Cow::Borrowed), value, fault)
    }

    /// The same for a column that the file itself has named.
    #[must_use]
    pub fn in_column(record: u64, column: &str, value: &str, fault: Fault) -> Self {
        Self::of(record, Some(Cow::Owned(column.to_owned())), value, fault)
    }

    fn of(record: u64, column: Option<Cow<'static, str>>, value: &str, fault: Fault) -> Self {
        let message = fault.message();
        Self {
            record,
            column,
            value: presentable(value),
            code: fault.code(),
            message_tr: message.tr,
            message_en: message.en,
        }
    }
}

/// `value` cut to 200 characters, its control characters replaced: PostgreSQL stores no NUL, and nobody sees the others.
pub(super) fn presentable(value: &str) -> String {
    value.chars().take(VALUE_LENGTH).map(picture).collect()
}

fn picture(character: char) -> char {
    match character {
        '\u{7F}' => '\u{2421}',
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{80}'..='\u{9F}' => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let names: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn a_value_is_cut_between_characters_and_keeps_no_control_character() {
        assert_eq!(presentable(&"ş".repeat(300)), "ş".repeat(200));
        assert_eq!(presentable("a\0b\nc\u{7F}\u{85}"), "a␀b␊c␡\u{FFFD}");
    }
}
