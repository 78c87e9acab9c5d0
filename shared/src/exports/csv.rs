//! Rows as CSV (RFC 4180) that spreadsheets open rightly: byte-order mark, CRLF, and the delimiter and decimal mark of the
//! reader's country.

use super::{Cell, neutralise};
use crate::imports::Delimiter;
use crate::kinds::Locale;
use rust_decimal::Decimal;

/// How a CSV file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvFormat {
    delimiter: Delimiter,
    decimal_mark: &'static str,
}

impl CsvFormat {
    /// The first character of a file, by which a spreadsheet knows its encoding.
    pub const BYTE_ORDER_MARK: char = '\u{FEFF}';

    /// What a spreadsheet in the institution's language opens without being asked: semicolons and decimal commas in
    /// Turkish, commas and decimal points in English. A named delimiter wins; beside commas the decimal mark is a point.
    #[must_use]
    pub fn new(locale: Locale, delimiter: Option<Delimiter>) -> Self {
        let delimiter = delimiter.unwrap_or(match locale {
            Locale::Tr => Delimiter::Semicolon,
            Locale::En => Delimiter::Comma,
        });
        let decimal_mark = match (locale, delimiter) {
            (Locale::Tr, Delimiter::Semicolon | Delimiter::Tab) => ",",
            _ => ".",
        };
        Self { delimiter, decimal_mark }
    }

    /// Appends a line.
    pub fn line(self, cells: &[Cell], text: &mut String) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                text.push(self.delimiter.as_char());
            }
            match cell {
                Cell::Empty => {}
                Cell::Number(value) => text.push_str(&self.number(*value)),
                Cell::Text(value) => write_text(value, text),
            }
        }
        text.push_str("\r\n");
    }

    /// Without zeros at its end.
    fn number(self, value: Decimal) -> String {
        value.normalize().to_string().replace('.', self.decimal_mark)
    }
}

/// Quotes a text where a reader could go wrong: at every delimiter that a file can have, since some readers guess it.
fn write_text(value: &str, text: &mut String) {
    let value = neutralise(value);
    if value.contains([',', ';', '\t', '"', '\r', '\n']) || value.trim() != value {
        text.push('"');
        text.push_str(&value.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(format: CsvFormat, cells: &[Cell]) -> String {
        let mut text = String::new();
        format.line(cells, &mut text);
        text
    }

    fn half(format: CsvFormat) -> String {
        line(format, &[Cell::Number(Decimal::new(8550, 2)), Cell::Empty])
    }

    #[test]
    fn the_format_follows_the_language_and_a_named_delimiter_wins() {
        assert_eq!(half(CsvFormat::new(Locale::Tr, None)), "85,5;\r\n");
        assert_eq!(half(CsvFormat::new(Locale::Tr, Some(Delimiter::Tab))), "85,5\t\r\n");
        assert_eq!(half(CsvFormat::new(Locale::Tr, Some(Delimiter::Comma))), "85.5,\r\n");
        assert_eq!(half(CsvFormat::new(Locale::En, None)), "85.5,\r\n");
        assert_eq!(half(CsvFormat::new(Locale::En, Some(Delimiter::Semicolon))), "85.5;\r\n");
    }

    #[test]
    fn texts_are_quoted_where_needed_and_run_no_formula() {
        let cells = ["Işık; \"İrem\"", "=1+1", "a\nb", "1,5", " x", ""].map(Cell::text);
        assert_eq!(
            line(CsvFormat::new(Locale::Tr, None), &cells),
            "\"Işık; \"\"İrem\"\"\";'=1+1;\"a\nb\";\"1,5\";\" x\";\r\n"
        );
    }
}
