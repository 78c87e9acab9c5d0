//! Lays text out in columns: the first to the left, the others to the right.

use std::fmt::Write;

/// A header and rows of the same width.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// Begins with the header.
    pub(crate) fn new(header: [&str; N]) -> Self {
        Self {
            rows: vec![header.map(str::to_owned)],
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }
}

impl<const N: usize> std::fmt::Display for Table<N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                match column {
                    0 => write!(line, "{cell:<width$}")?,
                    _ => write!(line, "  {cell:>width$}")?,
                }
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["course", "students"]);
        table.row(["AAA 2013J".to_owned(), "383".to_owned()]);
        assert_eq!(table.to_string(), "course     students\nAAA 2013J       383\n");
    }

    #[test]
    fn a_row_of_empty_cells_has_no_blanks_at_its_end() {
        let mut table = Table::new(["course", "students"]);
        table.row(["all".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "course  students\nall\n");
    }

    #[test]
    fn width_counts_characters_not_bytes() {
        let mut table = Table::new(["ad", "n"]);
        table.row(["İrem".to_owned(), "1".to_owned()]);
        assert_eq!(table.to_string(), "ad    n\nİrem  1\n");
    }
}
