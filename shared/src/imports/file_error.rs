//! What is wrong, or worth knowing, about a file as a whole.

use std::io;

use super::grade_fault::GradeFileError;
use super::messages::Message;

/// Why a file cannot be imported at all. Its text for people, in Turkish and English, is [`FileError::message`].
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message().en)]
#[non_exhaustive]
pub enum FileError {
    /// No byte, or nothing but blank lines.
    Empty,
    /// UTF-32, UTF-16 without a byte-order mark, or no text.
    UnsupportedEncoding,
    /// An Excel workbook instead of CSV.
    Spreadsheet,
    /// A first line `sep=` with a character that is no supported delimiter.
    UnsupportedDelimiter {
        /// The declared character.
        found: char,
    },
    /// The header is longer than a record may be, has too many columns, or a quote in it is never closed.
    UnreadableHeader,
    /// Required columns that the header lacks.
    MissingColumns {
        /// Their names.
        columns: Vec<&'static str>,
    },
    /// Known columns that the header names more than once.
    DuplicateColumns {
        /// Their names.
        columns: Vec<&'static str>,
    },
    /// A header and nothing below it.
    NoDataRows,
    /// More records than one import may have.
    TooManyRecords {
        /// The limit, without the header.
        limit: u64,
    },
    /// What can be wrong with a file of grades only.
    Grades(GradeFileError),
    /// The bytes could not be read. No fault of the file: the import is to be tried again.
    Read(#[from] io::Error),
}

impl From<GradeFileError> for FileError {
    fn from(error: GradeFileError) -> Self {
        Self::Grades(error)
    }
}

impl FileError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty_file",
            Self::UnsupportedEncoding => "unsupported_encoding",
            Self::Spreadsheet => "spreadsheet_not_csv",
            Self::UnsupportedDelimiter { .. } => "unsupported_delimiter",
            Self::UnreadableHeader => "unreadable_header",
            Self::MissingColumns { .. } => "missing_columns",
            Self::DuplicateColumns { .. } => "duplicate_columns",
            Self::NoDataRows => "no_data_rows",
            Self::TooManyRecords { .. } => "too_many_records",
            Self::Grades(error) => error.code(),
            Self::Read(_) => "unreadable_file",
        }
    }

    /// True when another attempt with the same file can succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// What to tell the person who uploaded the file.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::of_file_error(self)
    }
}

/// Something in the header that is not used, said because whoever put it there may think it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileWarning {
    /// A column whose name means nothing here; its values are ignored.
    UnknownColumn {
        /// The name as the file spells it, shortened to 200 characters.
        name: String,
    },
    /// A column without a name; its values are ignored.
    UnnamedColumn {
        /// Its position, from 1.
        position: usize,
    },
}

impl FileWarning {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumn { .. } => "unknown_column",
            Self::UnnamedColumn { .. } => "unnamed_column",
        }
    }

    /// What to tell the person who uploaded the file.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::of_warning(self)
    }
}
