//! Rows as an Excel workbook of one sheet, in memory that does not grow with their number.
//!
//! Synchronous: call it where blocking is allowed. Not for reading workbooks; imports take CSV.

use super::{Cell, neutralise};
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ColNum, Format, RowNum, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom};

/// The most rows of a sheet, the header included.
pub const MAX_ROWS: u64 = 1_048_576;

/// The most columns of a sheet.
pub const MAX_COLUMNS: usize = 16_384;

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The rows do not fit, or a cell is larger than a cell can be.
    #[error("the workbook cannot be made")]
    Workbook(#[from] XlsxError),
    /// The disk takes no more.
    #[error("the workbook cannot be stored")]
    Disk(#[from] std::io::Error),
}

/// Writes a header and rows. Texts stay texts (leading zeros too) and numbers are numbers. The file has no name, is at its
/// beginning, and vanishes when it is closed.
///
/// # Errors
/// When the rows do not fit into a sheet, or the disk takes no more.
pub fn write(header: &[Cell], rows: impl Iterator<Item = Vec<Cell>>) -> Result<File, WorkbookError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_freeze_panes(1, 0)?;
    let (bold, plain) = (Format::new().set_bold(), Format::new());
    write_row(sheet, 0, header, &bold)?;
    for (number, row) in (1..).zip(rows) {
        write_row(sheet, number, &row, &plain)?;
    }
    let file = tempfile::tempfile()?;
    let mut writer = BufWriter::new(file);
    workbook.save_to_writer(&mut writer)?;
    let mut file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn write_row(sheet: &mut Worksheet, number: RowNum, cells: &[Cell], format: &Format) -> Result<(), XlsxError> {
    for (column, cell) in (0 as ColNum..).zip(cells) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                sheet.write_string_with_format(number, column, neutralise(text), format)?;
            }
            Cell::Number(value) => {
                sheet.write_number_with_format(number, column, value.to_f64().unwrap_or_default(), format)?;
            }
        }
    }
    Ok(())
}
