//! Rules that every exported table follows, whatever its rows are, and the tables that are exported.
//!
//! Every text cell passes through [`neutralise`]; what an import reads passes through [`restore`], so that a file that was
//! exported says the same when it is imported again.

mod csv;
pub mod grades;
pub mod templates;
pub mod xlsx;

pub use csv::CsvFormat;

use rust_decimal::Decimal;
use std::borrow::Cow;

/// A cell of an exported table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text, whatever it looks like; the writers of files make it harmless.
    Text(String),
    /// A number.
    Number(Decimal),
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// What a spreadsheet may take for the beginning of a formula or command.
const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Makes a text cell harmless to a spreadsheet that would run it as a formula.
///
/// A cell that starts with `=`, `+`, `-`, `@`, a tab or a carriage return gets a leading apostrophe, which spreadsheets take
/// as "this is text". So does one that has apostrophes before such a character already: otherwise nobody could tell it from
/// one that got its apostrophe here. Every other cell is returned as it is. For text only: a negative number written as a
/// number must not pass through here.
#[must_use]
pub fn neutralise(cell: &str) -> Cow<'_, str> {
    if cell.trim_start_matches('\'').starts_with(DANGEROUS) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The text that [`neutralise`] made a cell of; a cell that it would not have made is returned as it is.
#[must_use]
pub fn restore(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.trim_start_matches('\'').starts_with(DANGEROUS) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::{neutralise, restore};
    use proptest::prelude::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_gets_a_leading_apostrophe() {
        for cell in ["=HYPERLINK(\"x\")", "+90 532", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
    }

    #[test]
    fn every_other_cell_stays_as_it_is() {
        for cell in ["", "Ayşe", "a=b", "'a", "'", " =1", "2025-001"] {
            assert_eq!(neutralise(cell), cell);
            assert_eq!(restore(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn what_was_neutralised_is_restored(cell in "['=+@\t\r-]{0,4}[a-zİı '=;\"\n-]{0,6}") {
            let harmless = neutralise(&cell);
            prop_assert!(!harmless.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(restore(&harmless), &cell);
        }
    }
}
