//! A file as a table: its header read, its records to come. What columns mean is for those who know the kind of file.

use std::io::Read;

use super::delimiter::Delimiter;
use super::encoding::Encoding;
use super::file_error::FileError;
use super::records::{Condition, MAX_FIELDS, Record, RecordReader};
use super::source::TextSource;
use super::student_file::Limits;

/// The records below a header, counted as they are read.
#[derive(Debug)]
pub(super) struct Table<R> {
    records: RecordReader<R>,
    delimiter: Delimiter,
    limits: Limits,
    seen: u64,
}

impl<R: Read> Table<R> {
    /// Reads the header and gives it to `parse`, whose answer is returned along.
    ///
    /// # Errors
    /// A [`FileError`] for an empty file, a header that is unreadable or refused by `parse`, or a reader that fails.
    pub(super) fn open<H>(
        reader: R,
        encoding: Encoding,
        limits: Limits,
        parse: impl FnOnce(&Record<'_>) -> Result<H, FileError>,
    ) -> Result<(Self, H), FileError> {
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
        let header = parse(&header)?;
        let table = Self {
            records,
            delimiter,
            limits,
            seen: 0,
        };
        Ok((table, header))
    }

    /// The delimiter of the file.
    pub(super) fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// The next record; `None` behind the last.
    ///
    /// # Errors
    /// [`FileError::NoDataRows`] when there is no record at all, [`FileError::TooManyRecords`], [`FileError::Read`].
    pub(super) fn next_record(&mut self) -> Result<Option<Record<'_>>, FileError> {
        let Some(record) = self.records.next_record()? else {
            return if self.seen == 0 { Err(FileError::NoDataRows) } else { Ok(None) };
        };
        self.seen += 1;
        if self.seen > self.limits.records {
            return Err(FileError::TooManyRecords {
                limit: self.limits.records,
            });
        }
        Ok(Some(record))
    }

    /// Counts the records from here to the end.
    ///
    /// # Errors
    /// As [`Table::next_record`].
    pub(super) fn count(mut self) -> Result<u64, FileError> {
        while self.next_record()?.is_some() {}
        Ok(self.seen)
    }
}
