//! A student file from its first byte to its last: the way in for the import job.

use std::io::Read;

use super::delimiter::Delimiter;
use super::encoding::Encoding;
use super::file_error::{FileError, FileWarning};
use super::header::{Column, Header};
use super::keys::UsedKeys;
use super::row_error::RowError;
use super::student_row::{StudentRow, check};
use super::table::Table;

/// How much one file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records below the header.
    pub records: u64,
    /// Bytes of UTF-8 in one record, without quotes and delimiters.
    pub record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records: 500_000,
            record_bytes: 64 * 1024,
        }
    }
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T = StudentRow> {
    /// The number of the record; the header is 1.
    pub record: u64,
    /// What the record says, or all that is wrong with it: at least one error.
    pub row: Result<T, Vec<RowError>>,
}

/// What a file holds, found without looking at its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Records below the header; reading the file yields exactly as many.
    pub records: u64,
    /// The delimiter of the file.
    pub delimiter: Delimiter,
    /// Columns that are ignored.
    pub warnings: Vec<FileWarning>,
}

/// Counts the records of a file.
///
/// # Errors
///
/// Every [`FileError`] there is about a file that is read in `encoding`; a file that passes can be read to its end.
pub fn survey<R: Read>(reader: R, encoding: Encoding, limits: Limits) -> Result<Survey, FileError> {
    let file = StudentFile::open(reader, encoding, limits)?;
    Ok(Survey {
        delimiter: file.table.delimiter(),
        records: file.table.count()?,
        warnings: file.warnings,
    })
}

/// The records of a file, checked one after the other; each yields exactly one [`Parsed`].
///
/// Reads in constant memory, apart from some 50 bytes per record for the numbers and addresses used so far. To resume
/// in the middle, read from the start and pass over what is done: later verdicts depend on earlier records.
///
/// The last item is an error if the file has no record below its header ([`FileError::NoDataRows`]), more than the limit
/// ([`FileError::TooManyRecords`]) or cannot be read any further ([`FileError::Read`]).
#[derive(Debug)]
pub struct StudentFile<R> {
    table: Table<R>,
    header: Header,
    warnings: Vec<FileWarning>,
    limits: Limits,
    keys: UsedKeys,
    ended: bool,
}

impl<R: Read> StudentFile<R> {
    /// Reads the header. `encoding` is what [`EncodingProbe`](super::EncodingProbe) said of the same bytes.
    ///
    /// # Errors
    ///
    /// A [`FileError`] for an empty file, an unreadable header, missing or duplicate columns, or a reader that fails.
    pub fn open(reader: R, encoding: Encoding, limits: Limits) -> Result<Self, FileError> {
        let (table, (header, warnings)) = Table::open(reader, encoding, limits, |header| Header::parse(header.fields()))?;
        Ok(Self {
            table,
            header,
            warnings,
            limits,
            keys: UsedKeys::default(),
            ended: false,
        })
    }

    /// Columns of the file that are ignored.
    #[must_use]
    pub fn warnings(&self) -> &[FileWarning] {
        &self.warnings
    }

    /// The delimiter of the file.
    #[must_use]
    pub fn delimiter(&self) -> Delimiter {
        self.table.delimiter()
    }

    /// True when the file has the column. A value that is None in a file without the column says nothing about a student.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.header.position(column).is_some()
    }

    fn advance(&mut self) -> Result<Option<Parsed>, FileError> {
        let Some(record) = self.table.next_record()? else {
            return Ok(None);
        };
        Ok(Some(Parsed {
            record: record.number,
            row: check(&record, &self.header, self.limits.record_bytes, &mut self.keys),
        }))
    }
}

impl<R: Read> Iterator for StudentFile<R> {
    type Item = Result<Parsed, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.advance().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}
