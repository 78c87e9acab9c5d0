//! Bulk imports: [`request`] accepts a file and asks for the job, [`upload`] keeps its bytes, the reading side turns bytes
//! into checked rows and named faults, [`student_batch`] and [`grade_batch`] apply rows, [`ledger`] counts what became of them,
//! [`control`] ends an import or applies a dry run, [`notice`] asks for the mail about its end.
//!
//! The reading side is synchronous and knows no database. What only a database can tell (an address in use by someone
//! else, an unknown department) is found by [`student_batch`]; its codes and messages are with the others all the same,
//! so that a reader of an error list finds one vocabulary.
//!
//! A file is read in three passes over the same bytes, each in constant memory:
//!
//! 1. [`EncodingProbe`] decides the encoding. Only the whole file can: the first byte that is not ASCII may be the last one.
//! 2. [`survey`] counts the records, so that progress has a total and a file over the limit is refused before any row is applied.
//! 3. [`StudentFile`] or [`GradeFile`] yields one [`Parsed`] per record, in the order of the file.
//!
//! # Record numbers
//!
//! The header is record 1 and the first line after it record 2. A line break inside quotes does not count. An entirely blank
//! line is no record and is skipped, but it takes a number, so that a number is always the row a spreadsheet shows. Blank lines
//! before the header, and the line `sep=;` that Excel understands, take none.

pub mod control;
mod delimiter;
mod encoding;
mod file_error;
pub mod grade_batch;
pub mod grade_columns;
mod grade_fault;
mod grade_file;
mod grade_header;
pub mod grade_mark;
mod grade_row;
mod header;
mod keys;
pub mod ledger;
mod messages;
pub mod notice;
mod records;
pub mod request;
mod row_error;
mod source;
pub mod student_batch;
mod student_file;
mod student_row;
mod table;
#[cfg(test)]
mod tests;
pub mod upload;
pub mod view;

pub use delimiter::Delimiter;
pub use encoding::{Encoding, EncodingProbe, StreamDecoder};
pub use file_error::{FileError, FileWarning};
pub use grade_columns::Catalogue;
pub use grade_fault::{GradeFault, GradeFileError};
pub use grade_file::{GradeFile, GradeReading, GradeSurvey};
pub use grade_header::MappedColumn;
pub use grade_mark::Mark;
pub use grade_row::{GradeCell, GradeRow};
pub use header::Column;
pub use messages::Message;
pub use row_error::{Allowed, ErrorCode, Fault, RowError};
pub use student_file::{Limits, Parsed, StudentFile, Survey, survey};
pub use student_row::StudentRow;
