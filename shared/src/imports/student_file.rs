//! A student file from its first byte to its last: the way in for the import job.

use std::io::Read;

use super::delimiter::Delimiter;
use super::encoding::Encoding;
use super::file_error::{FileError, FileWarning};
use super::header::{Column, Header};
use super::keys::UsedKeys;
use super::records::{Condition, MAX_FIELDS, RecordReader};
use super::row_error::RowError;
use super::source::TextSource;
use super::student_row::{StudentRow, check};

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
pub struct Parsed {
    /// The number of the record; the header is 1.
    pub record: u64,
    /// The student, or all that is wrong with the record: at least one error.
    pub row: Result<StudentRow, Vec<RowError>>,
}

/// What a file holds, found without looking at its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Records below the header; [`StudentFile`] yields exactly as many.
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
    let mut file = StudentFile::open(reader, encoding, limits)?;
    while file.records.next_record()?.is_some() {
        file.count_record()?;
    }
    file.refuse_no_data()?;
    Ok(Survey {
        records: file.seen,
        delimiter: file.delimiter,
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
    records: RecordReader<R>,
    header: Header,
    delimiter: Delimiter,
    warnings: Vec<FileWarning>,
    limits: Limits,
    keys: UsedKeys,
    seen: u64,
    ended: bool,
}

impl<R: Read> StudentFile<R> {
    /// Reads the header. `encoding` is what [`EncodingProbe`](super::EncodingProbe) said of the same bytes.
    ///
    /// # Errors
    ///
    /// A [`FileError`] for an empty file, an unreadable header, missing or duplicate columns, or a reader that fails.
    pub fn open(reader: R, encoding: Encoding, limits: Limits) -> Result<Self, FileError> {
        let mut source = TextSource::new(reader, encoding);
        let delimiter = match Delimiter::declared(source.first_record(limits.record_bytes)?)? {
            Some(declared) => {
                source.consume_first_line();
                source.first_record(limits.record_bytes)?;
                declared
            }
            None => Delimiter::detect(source.first_record(limits.record_bytes)?),
        };
        let mut records = RecordReader::new(source, delimiter, limits.record_bytes);
        let header = records.next_record()?.ok_or(FileError::Empty)?;
        if header.condition != Condition::Whole || header.len() > MAX_FIELDS {
            return Err(FileError::UnreadableHeader);
        }
        let (header, warnings) = Header::parse(header.fields())?;
        Ok(Self {
            records,
            header,
            delimiter,
            warnings,
            limits,
            keys: UsedKeys::default(),
            seen: 0,
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
        self.delimiter
    }

    /// True when the file has the column. A value that is None in a file without the column says nothing about a student.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.header.position(column).is_some()
    }

    fn advance(&mut self) -> Result<Option<Parsed>, FileError> {
        let Some(record) = self.records.next_record()? else {
            self.refuse_no_data()?;
            return Ok(None);
        };
        let parsed = Parsed {
            record: record.number,
            row: check(&record, &self.header, self.limits.record_bytes, &mut self.keys),
        };
        self.count_record()?;
        Ok(Some(parsed))
    }

    fn count_record(&mut self) -> Result<(), FileError> {
        self.seen += 1;
        if self.seen > self.limits.records {
            return Err(FileError::TooManyRecords {
                limit: self.limits.records,
            });
        }
        Ok(())
    }

    fn refuse_no_data(&self) -> Result<(), FileError> {
        if self.seen == 0 { Err(FileError::NoDataRows) } else { Ok(()) }
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
