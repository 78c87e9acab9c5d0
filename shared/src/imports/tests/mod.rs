//! The import as its job sees it: bytes in, verdicts out.

mod files;
mod grades;
mod properties;
mod rows;

use std::borrow::Cow;

use super::{Encoding, EncodingProbe, FileError, Limits, Parsed, RowError, StudentFile, StudentRow};

/// Reads a file the way the job does: first its encoding, then its records.
fn read(bytes: &[u8]) -> Result<Vec<Parsed>, FileError> {
    let mut probe = EncodingProbe::new();
    probe.feed(bytes);
    StudentFile::open(bytes, probe.finish()?, Limits::default())?.collect()
}

/// The verdicts on a file that can be read.
fn parsed(text: &str) -> Vec<Parsed> {
    StudentFile::open(text.as_bytes(), Encoding::Utf8, Limits::default())
        .and_then(Iterator::collect)
        .unwrap()
}

/// The only row of a file, which must be accepted.
fn accepted(text: &str) -> StudentRow {
    let mut parsed = parsed(text);
    assert_eq!(parsed.len(), 1);
    parsed.remove(0).row.unwrap()
}

/// Record, column and code of every error of a file.
fn faults(text: &str) -> Vec<(u64, Option<&'static str>, &'static str)> {
    let known = |column| match column {
        Cow::Borrowed(name) => name,
        Cow::Owned(name) => panic!("{name} is no column of a file of students"),
    };
    errors(text)
        .into_iter()
        .map(|error| (error.record, error.column.map(known), error.code.as_str()))
        .collect()
}

/// Every error of a file.
fn errors(text: &str) -> Vec<RowError> {
    parsed(text).into_iter().filter_map(|parsed| parsed.row.err()).flatten().collect()
}
