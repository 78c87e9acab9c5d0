//! Rules that every exported table follows, whatever its rows are.
//!
//! Not for writing files: who exports streams its own rows and passes each text cell through here.

use std::borrow::Cow;

/// Makes a text cell harmless to a spreadsheet that would run it as a formula.
///
/// A cell that starts with `=`, `+`, `-`, `@`, a tab or a carriage return gets a leading apostrophe,
/// which spreadsheets take as "this is text". Every other cell is returned as it is. For text only:
/// a negative number written as a number must not pass through here.
#[must_use]
pub fn neutralise(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::neutralise;

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_gets_a_leading_apostrophe() {
        for cell in ["=HYPERLINK(\"x\")", "+90 532", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(neutralise(cell), format!("'{cell}"));
        }
    }

    #[test]
    fn every_other_cell_stays_as_it_is() {
        for cell in ["", "Ayşe", "a=b", "'=1", " =1", "2025-001"] {
            assert_eq!(neutralise(cell), cell);
        }
    }
}
