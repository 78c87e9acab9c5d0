//! The records of a CSV file one after the other, in memory that does not grow with the file.
//!
//! Not for what a record means: fields are text here. See the module above for how records are numbered.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::delimiter::Delimiter;
use super::source::TextSource;

/// The most fields of a record that are kept; further ones are only counted.
pub(super) const MAX_FIELDS: usize = 1024;

/// How many bytes of a record over the limit are kept to show.
const KEPT_OF_TOO_LONG: usize = 1024;

/// Whether a record could be read as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Whole,
    /// Longer than the limit; only its start is kept.
    TooLong,
    /// The file ended inside its quotes; it may have swallowed records.
    UnclosedQuote,
}

/// One record, borrowed from its reader.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) number: u64,
    pub(super) condition: Condition,
    text: &'a str,
    ends: &'a [usize],
    fields: usize,
    delimiter: Delimiter,
}

impl<'a> Record<'a> {
    /// How many fields the record has, kept or not.
    pub(super) fn len(&self) -> usize {
        self.fields
    }

    /// A field by its index, without its quotes.
    pub(super) fn field(&self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// The fields that are kept.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'a str> {
        (0..self.ends.len()).map_while(|index| self.field(index))
    }

    /// The start of the record, to name it where no single field is at fault.
    pub(super) fn excerpt(&self) -> String {
        let mut parts: Vec<_> = self.fields().collect();
        // The last field of a broken record has no end.
        let ended = parts.iter().map(|field| field.len()).sum::<usize>();
        parts.extend(self.text.get(ended..).filter(|rest| !rest.is_empty()));
        parts.join(self.delimiter.as_char().encode_utf8(&mut [0; 4]))
    }
}

/// Splits the text of a file into records.
#[derive(Debug)]
pub(super) struct RecordReader<R> {
    source: TextSource<R>,
    parser: Reader,
    delimiter: Delimiter,
    /// The number of the record read last; 0 before the header.
    number: u64,
    /// True when the last line ended with a carriage return, to which a following line feed belongs.
    after_return: bool,
    /// One byte more than a record may have, so that a full buffer means a record over the limit.
    text: Box<[u8]>,
    text_length: usize,
    ends: Box<[usize]>,
    ends_length: usize,
    fields: usize,
}

impl<R: Read> RecordReader<R> {
    /// A reader at the header of a file; a record may have `max_bytes` bytes of UTF-8 without quotes and delimiters.
    pub(super) fn new(source: TextSource<R>, delimiter: Delimiter, max_bytes: usize) -> Self {
        Self {
            source,
            parser: ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            delimiter,
            number: 0,
            after_return: false,
            text: vec![0; max_bytes.saturating_add(1)].into_boxed_slice(),
            text_length: 0,
            ends: vec![0; MAX_FIELDS].into_boxed_slice(),
            ends_length: 0,
            fields: 0,
        }
    }

    /// The next record that is not blank; None at the end of the file.
    pub(super) fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        let condition = loop {
            if !self.skip_blank_lines()? {
                return Ok(None);
            }
            self.number += 1;
            let condition = self.read_record()?;
            if !self.is_blank(condition) {
                break condition;
            }
            if self.number == 1 {
                // Nothing above the header has a number.
                self.number = 0;
            }
        };
        Ok(Some(Record {
            number: self.number,
            condition,
            text: valid_start(self.text.get(..self.text_length).unwrap_or_default()),
            ends: self.ends.get(..self.ends_length).unwrap_or_default(),
            fields: self.fields,
            delimiter: self.delimiter,
        }))
    }

    /// Moves to the start of the next line that is not empty; false at the end of the file.
    ///
    /// The parser would skip empty lines too, but without counting them.
    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            let byte = match self.source.peek()?.first() {
                None => return Ok(false),
                Some(byte) => *byte,
            };
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\r' | b'\n' => {
                    self.after_return = byte == b'\r';
                    if self.number > 0 {
                        self.number += 1;
                    }
                }
                _ => {
                    self.after_return = false;
                    return Ok(true);
                }
            }
            self.source.consume(1);
        }
    }

    /// Reads one record into the buffers.
    fn read_record(&mut self) -> io::Result<Condition> {
        self.text_length = 0;
        self.ends_length = 0;
        self.fields = 0;
        let mut condition = Condition::Whole;
        loop {
            let input = self.source.peek()?;
            // A line break closes a last record that has none, unless the file ends inside quotes: then it is swallowed.
            let at_end = input.is_empty();
            let input = if at_end { b"\n" } else { input };
            let (result, read, written, ended) = self.parser.read_record(
                input,
                self.text.get_mut(self.text_length..).unwrap_or_default(),
                self.ends.get_mut(self.ends_length..).unwrap_or_default(),
            );
            self.after_return = input.get(..read).and_then(<[u8]>::last) == Some(&b'\r');
            self.fields += ended;
            self.ends_length += ended;
            if at_end && result == ReadRecordResult::InputEmpty {
                return Ok(Condition::UnclosedQuote);
            }
            self.text_length += written;
            if !at_end {
                self.source.consume(read);
            }
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => return Ok(condition),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    condition = Condition::TooLong;
                    self.text_length = KEPT_OF_TOO_LONG.min(self.text.len().saturating_sub(1));
                }
                // The last slot takes the ends of all further fields, one after the other.
                ReadRecordResult::OutputEndsFull => self.ends_length = MAX_FIELDS - 1,
            }
        }
    }

    /// A line of blanks only is a blank line.
    fn is_blank(&self, condition: Condition) -> bool {
        let text = self.text.get(..self.text_length).unwrap_or_default();
        condition == Condition::Whole && self.fields <= 1 && valid_start(text).trim().is_empty()
    }
}

/// The text of bytes that are UTF-8 except that the last character may be cut.
fn valid_start(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|start| std::str::from_utf8(start).ok())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoding::Encoding;
    use super::*;

    type Line = (u64, Condition, Vec<String>);

    fn read(text: &str, max_bytes: usize) -> Vec<Line> {
        let source = TextSource::new(text.as_bytes(), Encoding::Utf8);
        let mut reader = RecordReader::new(source, Delimiter::Comma, max_bytes);
        let mut lines = Vec::new();
        while let Some(record) = reader.next_record().unwrap() {
            let fields = record.fields().map(str::to_owned).collect();
            lines.push((record.number, record.condition, fields));
        }
        lines
    }

    fn whole(number: u64, fields: &[&str]) -> Line {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        (number, Condition::Whole, fields)
    }

    #[test]
    fn a_quoted_line_break_does_not_count_as_a_record() {
        assert_eq!(
            read("a,b\n\"1\r\n2\n3\",x\ny,\"z\"\"z\"", 100),
            [whole(1, &["a", "b"]), whole(2, &["1\r\n2\n3", "x"]), whole(3, &["y", "z\"z"])]
        );
    }

    #[test]
    fn all_three_kinds_of_line_end_are_one_each() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["a,b", "1,2", "3,4"].map(|line| format!("{line}{end}")).concat();
            assert_eq!(
                read(&text, 100),
                [whole(1, &["a", "b"]), whole(2, &["1", "2"]), whole(3, &["3", "4"])]
            );
        }
    }

    #[test]
    fn a_blank_line_is_no_record_but_takes_a_number() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["", " ", "a,b", "", "1,2", "", "  ", "3,4", "", ""].join(end);
            assert_eq!(
                read(&text, 100),
                [whole(1, &["a", "b"]), whole(3, &["1", "2"]), whole(6, &["3", "4"])]
            );
        }
    }

    #[test]
    fn a_record_of_empty_fields_is_a_record() {
        assert_eq!(read("a,b\n,\n", 100), [whole(1, &["a", "b"]), whole(2, &["", ""])]);
    }

    #[test]
    fn a_record_at_the_limit_is_whole_and_one_over_it_is_not() {
        let lines = read("a,b\n12345,67890\n12345,678901\nc,d\n", 10);
        let conditions: Vec<_> = lines.iter().map(|(number, condition, _)| (*number, *condition)).collect();
        assert_eq!(
            conditions,
            [
                (1, Condition::Whole),
                (2, Condition::Whole),
                (3, Condition::TooLong),
                (4, Condition::Whole)
            ]
        );
        assert_eq!(lines.last(), Some(&whole(4, &["c", "d"])));
    }

    #[test]
    fn a_record_far_over_the_limit_is_followed_by_the_next_one() {
        let text = format!("a,b\n\"{}\",x\nc,d\n", "ş\n".repeat(100_000));
        let lines = read(&text, 4096);
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[1].0, lines[1].1), (2, Condition::TooLong));
        assert_eq!(lines[2], whole(3, &["c", "d"]));
    }

    #[test]
    fn fields_beyond_those_kept_are_counted() {
        let text = format!("a,b\n{}\nc,d\n", ",".repeat(MAX_FIELDS * 3));
        let source = TextSource::new(text.as_bytes(), Encoding::Utf8);
        let mut reader = RecordReader::new(source, Delimiter::Comma, 100);
        reader.next_record().unwrap();
        assert_eq!(reader.next_record().unwrap().unwrap().len(), MAX_FIELDS * 3 + 1);
        assert_eq!(reader.next_record().unwrap().unwrap().field(1), Some("d"));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        let source = TextSource::new("a,b\n1,\"2\n3,4\n".as_bytes(), Encoding::Utf8);
        let mut reader = RecordReader::new(source, Delimiter::Comma, 100);
        reader.next_record().unwrap();
        let record = reader.next_record().unwrap().unwrap();
        assert_eq!((record.number, record.condition), (2, Condition::UnclosedQuote));
        assert_eq!(record.excerpt(), "1,2\n3,4\n");
        assert!(reader.next_record().unwrap().is_none());
    }

    #[test]
    fn an_unclosed_quote_longer_than_the_limit_is_told_as_such() {
        let text = format!("a,b\n1,\"{}", "x".repeat(5000));
        let lines = read(&text, 2000);
        assert_eq!((lines[1].0, lines[1].1), (2, Condition::UnclosedQuote));
    }
}
