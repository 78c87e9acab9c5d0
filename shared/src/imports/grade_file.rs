//! A file of grades from its first byte to its last: the way in for the import job.
//!
//! In the wide layout a record is a student and a column an assessment; in the long one a record is a cell. A blank mark says
//! nothing: a file is no order to delete a grade.

use super::encoding::Encoding;
use super::file_error::{FileError, FileWarning};
use super::grade_columns::Catalogue;
use super::grade_header::{GradeHeader, MappedColumn};
use super::grade_row::{Context, GradeRow, check};
use super::keys::UsedKeys;
use super::student_file::{Limits, Parsed, Survey};
use super::table::Table;
use crate::kinds::GradeLayout;
use std::io::Read;
use std::sync::Arc;

/// What a file of grades holds, found without looking at its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradeSurvey {
    /// As of every file.
    pub table: Survey,
    /// The layout that was found.
    pub layout: GradeLayout,
    /// What the columns were taken for; empty in the long layout.
    pub columns: Vec<MappedColumn>,
}

/// How a file of grades is to be read.
#[derive(Clone, Debug)]
pub struct GradeReading {
    /// The course's assessments.
    pub catalogue: Arc<Catalogue>,
    /// What the caller says of the layout.
    pub layout: GradeLayout,
    /// How much the file may hold.
    pub limits: Limits,
}

impl GradeReading {
    /// Counts the records of a file and judges its header.
    ///
    /// # Errors
    /// Every [`FileError`] there is about a file that is read in `encoding`; a file that passes can be read to its end.
    pub fn survey<R: Read>(&self, reader: R, encoding: Encoding) -> Result<GradeSurvey, FileError> {
        let file = self.open(reader, encoding)?;
        Ok(GradeSurvey {
            layout: file.header.layout(),
            columns: file.header.mapped(),
            table: Survey {
                delimiter: file.table.delimiter(),
                records: file.table.count()?,
                warnings: file.warnings,
            },
        })
    }

    /// Reads the header; the records come one by one.
    ///
    /// # Errors
    /// A [`FileError`] for an empty file, a header that is unreadable or names what the course does not have, or a reader
    /// that fails.
    pub fn open<R: Read>(&self, reader: R, encoding: Encoding) -> Result<GradeFile<R>, FileError> {
        let parse = |header: &super::records::Record<'_>| GradeHeader::parse(header.fields(), self.layout, &self.catalogue);
        let (table, (header, warnings)) = Table::open(reader, encoding, self.limits, parse)?;
        Ok(GradeFile {
            table,
            header,
            warnings,
            catalogue: Arc::clone(&self.catalogue),
            max_bytes: self.limits.record_bytes,
            keys: UsedKeys::default(),
            ended: false,
        })
    }
}

/// The records of a file, checked one after the other; each yields exactly one [`Parsed`].
///
/// Memory and errors are those of [`StudentFile`](super::StudentFile).
#[derive(Debug)]
pub struct GradeFile<R> {
    table: Table<R>,
    header: GradeHeader,
    warnings: Vec<FileWarning>,
    catalogue: Arc<Catalogue>,
    max_bytes: usize,
    keys: UsedKeys,
    ended: bool,
}

impl<R: Read> GradeFile<R> {
    fn advance(&mut self) -> Result<Option<Parsed<GradeRow>>, FileError> {
        let Some(record) = self.table.next_record()? else {
            return Ok(None);
        };
        let context = Context {
            header: &self.header,
            catalogue: &self.catalogue,
            max_bytes: self.max_bytes,
        };
        Ok(Some(Parsed {
            record: record.number,
            row: check(&record, context, &mut self.keys),
        }))
    }
}

impl<R: Read> Iterator for GradeFile<R> {
    type Item = Result<Parsed<GradeRow>, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.advance().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}
