//! What holds for every file, tried on many.

use std::io::{self, Read};

use proptest::prelude::*;

use super::super::{Encoding, EncodingProbe, FileError, Limits, Parsed, StudentFile, StudentRow, survey};

/// How a file is written.
#[derive(Clone, Copy, Debug)]
struct Style {
    encoding: Encoding,
    with_mark: bool,
    delimiter: char,
    quote_all: bool,
    line_end: &'static str,
}

fn style() -> impl Strategy<Value = Style> {
    let encoding = prop_oneof![
        Just(Encoding::Utf8),
        Just(Encoding::Utf16Le),
        Just(Encoding::Utf16Be),
        Just(Encoding::Windows1254),
    ];
    let delimiter = prop_oneof![Just(','), Just(';'), Just('\t')];
    let line_end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    (encoding, any::<bool>(), delimiter, any::<bool>(), line_end).prop_map(|(encoding, with_mark, delimiter, quote_all, line_end)| Style {
        encoding,
        with_mark,
        delimiter,
        quote_all,
        line_end,
    })
}

/// Letters and signs that all four encodings have, those that CSV and spreadsheets treat specially among them.
const NAME: &str = "[A-Za-zçğıöşüÇĞİÖŞÜâ=+@,;'\"]([A-Za-zçğıöşüÇĞİÖŞÜâ ,;'\"-]{0,20}[A-Za-zçğıöşü\"])?";

prop_compose! {
    fn row()(
        number in "[0-9A-Z][0-9A-Z_/-]{0,8}",
        local in "[a-z0-9]{1,10}",
        first_name in NAME,
        last_name in NAME,
        department_code in proptest::option::of("[A-Z]{1,8}"),
        program_code in proptest::option::of("[A-Z]{1,8}"),
        year_of_study in proptest::option::of(1_i16..=6),
        entry_year in proptest::option::of(1950_i16..=2100),
        phone in proptest::option::of("\\+90 \\([0-9]{3}\\) [0-9]{3}-[0-9]{4}"),
    ) -> StudentRow {
        StudentRow {
            student_number: number,
            email: format!("{local}@uni.edu.tr"),
            first_name, last_name, department_code, program_code, year_of_study, entry_year, phone,
        }
    }
}

/// Rows of which no two share a number or an address.
fn rows() -> impl Strategy<Value = Vec<StudentRow>> {
    proptest::collection::vec(row(), 1..30).prop_map(|mut rows| {
        for (index, row) in rows.iter_mut().enumerate() {
            row.student_number = format!("{}-{index:03}", row.student_number);
            row.email = format!("{index}.{}", row.email);
        }
        rows
    })
}

fn write(rows: &[StudentRow], style: Style) -> Vec<u8> {
    let header = "phone,last_name,email,entry_year,first_name,student_number,program_code,year_of_study,department_code";
    let mut text = write_line(header.split(',').map(str::to_owned), style);
    for row in rows {
        let number = |value: Option<i16>| value.map(|value| value.to_string()).unwrap_or_default();
        let fields = [
            row.phone.clone().unwrap_or_default(),
            row.last_name.clone(),
            row.email.clone(),
            number(row.entry_year),
            row.first_name.clone(),
            row.student_number.clone(),
            row.program_code.clone().unwrap_or_default(),
            number(row.year_of_study),
            row.department_code.clone().unwrap_or_default(),
        ];
        text.push_str(&write_line(fields.into_iter(), style));
    }
    encode(&text, style)
}

fn write_line(fields: impl Iterator<Item = String>, style: Style) -> String {
    let fields: Vec<_> = fields
        .map(|field| {
            if style.quote_all || field.contains([style.delimiter, '"']) {
                format!("\"{}\"", field.replace('"', "\"\""))
            } else {
                field
            }
        })
        .collect();
    fields.join(&style.delimiter.to_string()) + style.line_end
}

fn encode(text: &str, style: Style) -> Vec<u8> {
    let marked = format!("\u{FEFF}{text}");
    match style.encoding {
        Encoding::Utf8 if style.with_mark => marked.into_bytes(),
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf16Le => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Windows1254 => encoding_rs::WINDOWS_1254.encode(text).0.into_owned(),
    }
}

/// Gives its bytes in pieces of one size.
struct Pieces<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

fn probe(bytes: &[u8], size: usize) -> Result<Encoding, FileError> {
    let mut probe = EncodingProbe::new();
    bytes.chunks(size).for_each(|piece| probe.feed(piece));
    probe.finish()
}

/// All items of a file read in pieces, and the code of the error that ended it.
fn read_in_pieces(bytes: &[u8], size: usize, encoding: Encoding) -> (Vec<Parsed>, Option<&'static str>) {
    let limits = Limits {
        record_bytes: 512,
        ..Limits::default()
    };
    let mut parsed = Vec::new();
    let file = match StudentFile::open(Pieces { bytes, size }, encoding, limits) {
        Ok(file) => file,
        Err(error) => return (parsed, Some(error.code())),
    };
    for item in file {
        match item {
            Ok(item) => parsed.push(item),
            Err(error) => return (parsed, Some(error.code())),
        }
    }
    (parsed, None)
}

/// Text in which everything that CSV treats specially is frequent, below a header that is right.
fn messy_file() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(",".to_owned()),
        Just("\"".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("1,a@b.tr,A,B\n".to_owned()),
        "[a-zş0-9@. ]{0,12}",
        "[x]{300,600}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| format!("student_number,email,first_name,last_name\n{}", pieces.concat()))
}

proptest! {
    #[test]
    fn rows_written_in_any_style_are_read_back_equal(rows in rows(), style in style()) {
        let bytes = write(&rows, style);
        let ascii = bytes.is_ascii();
        let encoding = probe(&bytes, 7).unwrap();
        prop_assert_eq!(encoding, if ascii { Encoding::Utf8 } else { style.encoding });
        let (parsed, error) = read_in_pieces(&bytes, 4096, encoding);
        prop_assert_eq!(error, None);
        let expected: Vec<_> = rows
            .into_iter()
            .zip(2..)
            .map(|(row, record)| Parsed { record, row: Ok(row) })
            .collect();
        prop_assert_eq!(parsed, expected);
    }

    #[test]
    fn where_the_bytes_are_cut_does_not_matter(text in messy_file(), style in style(), size in 1_usize..9) {
        let bytes = encode(&text, style);
        let whole = probe(&bytes, bytes.len()).unwrap();
        prop_assert_eq!(probe(&bytes, size).unwrap(), whole);
        prop_assert_eq!(read_in_pieces(&bytes, size, whole), read_in_pieces(&bytes, bytes.len(), whole));
    }

    #[test]
    fn every_record_has_one_verdict_and_a_number_above_the_one_before(text in messy_file()) {
        let (parsed, error) = read_in_pieces(text.as_bytes(), 100, Encoding::Utf8);
        match survey(text.as_bytes(), Encoding::Utf8, Limits::default()) {
            Ok(survey) => prop_assert_eq!((survey.records, None), (parsed.len() as u64, error)),
            Err(refusal) => prop_assert_eq!((0, Some(refusal.code())), (parsed.len(), error)),
        }
        prop_assert!(parsed.first().is_none_or(|first| first.record >= 2));
        prop_assert!(parsed.windows(2).all(|pair| pair[0].record < pair[1].record));
        for item in &parsed {
            if let Err(errors) = &item.row {
                prop_assert!(!errors.is_empty());
                prop_assert!(errors.iter().all(|error| error.record == item.record));
                prop_assert!(errors.iter().all(|error| !error.value.contains('\0')));
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), style in style()) {
        let probed = probe(&bytes, 5);
        for encoding in probed.into_iter().chain([style.encoding]) {
            read_in_pieces(&bytes, 3, encoding);
            let header = encode("student_number,email,first_name,last_name\n", Style { encoding, ..style });
            read_in_pieces(&[header, bytes.clone()].concat(), 3, encoding);
        }
    }
}
