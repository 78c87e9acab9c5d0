//! The weights of a whole course at once, as a table that is read and replaced as a whole: assessments by learning outcomes
//! ([`measured`]), and learning outcomes by the outcomes of one program ([`served`]).
//!
//! A cell that is not there is no weight. What looks forgotten is reported beside the table and refused nowhere: a course is
//! planned step by step. The weights of a single row are [`mappings`](super::mappings)'s.

pub mod measured;
pub mod served;

use crate::db::Fingerprint;
use crate::error::{Error, Result};
use crate::validation::Checks;
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

/// The most cells of one table.
pub const CELLS_LIMIT: usize = 5_000;

/// A weight where a row and a column meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<R, C, W = Decimal> {
    /// The row.
    pub row: R,
    /// The column.
    pub column: C,
    /// Up to 100, at most two decimal places; only ratios matter.
    pub weight: W,
}

/// A cell as a caller writes it.
pub type NewCell<R, C> = Cell<R, C, f64>;

/// What looks forgotten in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings<R, C> {
    /// Active rows without a cell.
    pub unmapped_rows: Vec<R>,
    /// Active columns without a cell.
    pub unmapped_columns: Vec<C>,
    /// Cells that are there but without influence, because they weigh nothing.
    pub zero_weight: Vec<(R, C)>,
}

impl<R: Copy + Eq + Hash, C: Copy + Eq + Hash> Findings<R, C> {
    /// Looks at the cells between active rows and columns.
    fn of(rows: impl Iterator<Item = R>, columns: impl Iterator<Item = C>, cells: &[Cell<R, C>]) -> Self {
        let mapped_rows: HashSet<R> = cells.iter().map(|cell| cell.row).collect();
        let mapped_columns: HashSet<C> = cells.iter().map(|cell| cell.column).collect();
        Self {
            unmapped_rows: rows.filter(|row| !mapped_rows.contains(row)).collect(),
            unmapped_columns: columns.filter(|column| !mapped_columns.contains(column)).collect(),
            zero_weight: cells
                .iter()
                .filter(|cell| cell.weight.is_zero())
                .map(|cell| (cell.row, cell.column))
                .collect(),
        }
    }
}

/// The version of a table: that of its cells, in their stored order. New rows and columns are no change of what a writer replaces.
fn version<R: Display, C: Display>(cells: &[Cell<R, C>]) -> Fingerprint {
    let text = |cell: &Cell<R, C>| format!("{} {} {}", cell.row, cell.column, cell.weight.normalize());
    Fingerprint::of(cells.iter().map(text))
}

/// How the faults of a table call its rows and columns, and its lowest weight.
struct Rule {
    row: Side,
    column: Side,
    lowest: Decimal,
}

struct Side {
    field: &'static str,
    unknown: &'static str,
    message: &'static str,
}

/// Checks cells against the rows and columns that there are. Names every fault, as `cells[3].weight`.
fn check<R, C>(cells: &[NewCell<R, C>], rows: &HashSet<R>, columns: &HashSet<C>, rule: &Rule) -> Result<Vec<Cell<R, C>>>
where
    R: Copy + Eq + Hash,
    C: Copy + Eq + Hash,
{
    let mut checks = Checks::default();
    let mut seen = HashMap::with_capacity(cells.len());
    let mut checked = Vec::with_capacity(cells.len());
    for (index, cell) in cells.iter().enumerate() {
        let field = |side: &Side| format!("cells[{index}].{}", side.field);
        let known = (rows.contains(&cell.row), columns.contains(&cell.column));
        for (known, side) in [(known.0, &rule.row), (known.1, &rule.column)] {
            if !known {
                checks.fault(field(side), side.unknown, side.message);
            }
        }
        if known == (true, true)
            && let Some(first) = seen.insert((cell.row, cell.column), index)
        {
            checks.fault(field(&rule.column), "duplicate", format!("is the same cell as cells[{first}]"));
        }
        checked.push(Cell {
            row: cell.row,
            column: cell.column,
            weight: checks.decimal(&format!("cells[{index}].weight"), cell.weight, rule.lowest, Decimal::ONE_HUNDRED),
        });
    }
    checks.finish()?;
    Ok(checked)
}

/// Before anything is looked up.
fn check_length<R, C>(cells: &[NewCell<R, C>]) -> Result<()> {
    if cells.len() <= CELLS_LIMIT {
        return Ok(());
    }
    Err(Error::invalid("cells", "too_many", format!("may hold at most {CELLS_LIMIT} cells")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell<W>(row: i64, column: i64, weight: W) -> Cell<i64, i64, W> {
        Cell { row, column, weight }
    }

    fn rule() -> Rule {
        let side = |field, unknown| Side {
            field,
            unknown,
            message: "is unknown",
        };
        Rule {
            row: side("row_id", "unknown_row"),
            column: side("column_id", "unknown_column"),
            lowest: Decimal::ZERO,
        }
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let cells = [
            cell(1, 1, 1.0),
            cell(1, 2, 100.01),
            cell(1, 1, 0.001),
            cell(9, 9, -1.0),
            cell(9, 9, 1.0),
        ];
        let refused = check(&cells, &HashSet::from([1]), &HashSet::from([1, 2]), &rule());
        let Err(Error::Invalid(faults)) = refused else {
            panic!("{refused:?}")
        };
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        let expected = [
            ("cells[1].weight", "out_of_range"),
            ("cells[2].column_id", "duplicate"),
            ("cells[2].weight", "too_precise"),
            ("cells[3].row_id", "unknown_row"),
            ("cells[3].column_id", "unknown_column"),
            ("cells[3].weight", "out_of_range"),
            ("cells[4].row_id", "unknown_row"),
            ("cells[4].column_id", "unknown_column"),
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn what_looks_forgotten_is_found() {
        let cells = [cell(1, 1, Decimal::ONE), cell(2, 1, Decimal::ZERO)];
        let findings = Findings::of([1, 2, 3].into_iter(), [1, 2].into_iter(), &cells);
        assert_eq!(findings.unmapped_rows, [3]);
        assert_eq!(findings.unmapped_columns, [2]);
        assert_eq!(findings.zero_weight, [(2, 1)]);
    }

    #[test]
    fn the_spelling_of_a_weight_is_no_change() {
        let one = |text: &str| version(&[cell(1, 1, text.parse().unwrap())]);
        assert_eq!(one("1"), one("1.00"));
        assert_ne!(one("1"), one("1.01"));
        assert_ne!(one("1"), version::<i64, i64>(&[]));
    }
}
