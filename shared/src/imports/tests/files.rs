//! Whole files: headers, delimiters, encodings, shapes, duplicates and limits.

use std::io;

use super::super::{Column, Delimiter, Encoding, ErrorCode, FileError, Limits, StudentFile, survey};
use super::{errors, faults, parsed, read};

const HEADER: &str = "student_number,email,first_name,last_name";

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(to_bytes).collect()
}

#[test]
fn one_file_reads_alike_in_every_encoding() {
    let text = "student_number;email;first_name;last_name\r\n007;a@b.tr;Şule;Ağaoğlu\r\n8;c@d.tr;İrem;Işık\r\n";
    let (windows_1254, _, unmappable) = encoding_rs::WINDOWS_1254.encode(text);
    assert!(!unmappable);
    let expected = parsed(text);
    assert!(expected.iter().all(|parsed| parsed.row.is_ok()));
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        utf16(text, u16::to_le_bytes),
        utf16(text, u16::to_be_bytes),
        windows_1254.into_owned(),
    ] {
        assert_eq!(read(&bytes).unwrap(), expected);
    }
}

#[test]
fn a_declared_delimiter_wins_and_its_line_takes_no_number() {
    let text = "sep=;\r\nstudent_number;email;first_name;last_name;\"a,b,c,d,e,f\"\r\n1;a@b.tr;A;B;\r\n2;x;A;B;\r\n";
    assert_eq!(faults(text), [(3, Some("email"), "invalid_email")]);
    let file = StudentFile::open(text.as_bytes(), Encoding::Utf8, Limits::default()).unwrap();
    assert_eq!(file.delimiter(), Delimiter::Semicolon);
}

#[test]
fn the_columns_of_a_file_are_known() {
    let text = "phone,danışman,student_number,email,first_name,last_name\n";
    let file = StudentFile::open(text.as_bytes(), Encoding::Utf8, Limits::default()).unwrap();
    assert!(file.has(Column::Phone));
    assert!(!file.has(Column::EntryYear));
    assert_eq!(file.warnings()[0].message().en, "Unknown column ignored: danışman");
}

#[test]
fn errors_are_counted_by_record_over_quoted_line_breaks_and_blank_lines() {
    let text = format!("{HEADER},note\n1,a@b.tr,A,B,\"x\ny\nz\"\n\n2,bad,A,B,\n");
    assert_eq!(faults(&text), [(4, Some("email"), "invalid_email")]);
    assert_eq!(parsed(&text).len(), 2);
}

#[test]
fn a_record_of_another_width_is_named_with_both_widths() {
    let errors = errors(&format!("{HEADER}\n1,a@b.tr,A\n2,c@d.tr,A,B,C\n3,e@f.tr,A,B\n"));
    assert_eq!(errors.len(), 2);
    assert_eq!(
        (errors[0].record, errors[0].column.as_deref(), errors[0].code),
        (2, None, ErrorCode::TooFewColumns)
    );
    assert_eq!(errors[0].value, "1,a@b.tr,A");
    assert_eq!(errors[0].message_en, "Too few columns: the header has 4, this record has 3.");
    assert_eq!((errors[1].record, errors[1].code), (3, ErrorCode::TooManyColumns));
}

#[test]
fn an_unclosed_quote_and_a_record_over_the_limit_are_faults_of_their_record() {
    let long = "x".repeat(70_000);
    let text = format!("{HEADER}\n1,a@b.tr,{long},B\n2,c@d.tr,A,B\n3,e@f.tr,\"A,B\n4,g@h.tr,A,B\n");
    assert_eq!(faults(&text), [(2, None, "record_too_long"), (4, None, "unclosed_quote")]);
    assert_eq!(parsed(&text).len(), 3);
    assert!(errors(&text).iter().all(|error| error.value.chars().count() <= 200));
}

#[test]
fn a_number_or_address_used_earlier_in_the_file_is_refused() {
    let text = format!("{HEADER}\n1,IREM@x.tr,A,B\n2,irem@x.tr,A,B\n1,other@x.tr,A,B\n1,Irem@X.TR,A,B\n01,new@x.tr,A,B\n");
    assert_eq!(
        faults(&text),
        [
            (3, Some("email"), "duplicate_in_file"),
            (4, Some("student_number"), "duplicate_in_file"),
            (5, Some("student_number"), "duplicate_in_file"),
            (5, Some("email"), "duplicate_in_file"),
        ]
    );
    assert_eq!(errors(&text)[0].message_en, "This value is already used by record 2 of the file.");
}

#[test]
fn a_rejected_record_uses_its_number_and_address_too() {
    let text = format!("{HEADER}\n1,a@x.tr,,B\n1,b@x.tr,A,B\n2,a@x.tr,A,B\n");
    assert_eq!(
        faults(&text),
        [
            (2, Some("first_name"), "empty_required"),
            (3, Some("student_number"), "duplicate_in_file"),
            (4, Some("email"), "duplicate_in_file"),
        ]
    );
}

#[test]
fn a_value_that_is_no_number_or_address_is_not_used_by_its_record() {
    let text = format!("{HEADER}\n1 1,yok,A,B\n1 1,yok,A,B\n");
    assert!(errors(&text).iter().all(|error| error.code != ErrorCode::DuplicateInFile));
}

#[test]
fn a_file_that_cannot_be_imported_says_why() {
    for (text, code) in [
        ("", "empty_file"),
        ("\u{FEFF}", "empty_file"),
        ("\n \r\n", "empty_file"),
        ("sep=;\n", "empty_file"),
        ("sep=|\na|b\n", "unsupported_delimiter"),
        (HEADER, "no_data_rows"),
        ("student_number,email,first_name,last_name\n\n\n", "no_data_rows"),
        ("student_number,first_name,last_name\n1,A,B\n", "missing_columns"),
        ("student_number,email,first_name,last_name,EMAIL\n1,a,A,B,c\n", "duplicate_columns"),
        ("student_number,\"email,first_name,last_name\n1,a@b.tr,A,B\n", "unreadable_header"),
        ("PK\u{3}\u{4}", "spreadsheet_not_csv"),
        ("s\0t\0u\0d\0", "unsupported_encoding"),
    ] {
        assert_eq!(read(text.as_bytes()).unwrap_err().code(), code, "{text:?}");
    }
    let wide = format!("{HEADER}{}\n", ",x".repeat(2000));
    assert_eq!(read(wide.as_bytes()).unwrap_err().code(), "unreadable_header");
}

#[test]
fn a_survey_counts_what_the_file_yields() {
    let text = format!("{HEADER},x\n1,a@b.tr,A,B,\n\nbad\n2,\"c\n\",A,B,\n,,,,\n");
    let survey = survey(text.as_bytes(), Encoding::Utf8, Limits::default()).unwrap();
    assert_eq!(survey.records, 4);
    assert_eq!(survey.records, parsed(&text).len() as u64);
    assert_eq!(survey.warnings.len(), 1);
}

#[test]
fn a_file_over_the_limit_is_refused_by_the_survey_and_by_the_reading() {
    let limits = Limits {
        records: 2,
        ..Limits::default()
    };
    let fits = format!("{HEADER}\n1,a@b.tr,A,B\nbad\n");
    let over = format!("{fits}3,c@d.tr,A,B\n4,e@f.tr,A,B\n");
    assert_eq!(survey(fits.as_bytes(), Encoding::Utf8, limits).unwrap().records, 2);
    let error = survey(over.as_bytes(), Encoding::Utf8, limits).unwrap_err();
    assert_eq!(error.to_string(), "The file has too many records; at most 2 can be imported.");
    let items: Vec<_> = StudentFile::open(over.as_bytes(), Encoding::Utf8, limits).unwrap().collect();
    assert_eq!(items.len(), 3);
    assert!(matches!(items.last(), Some(Err(FileError::TooManyRecords { limit: 2 }))));
}

/// Yields a text and then fails, as a database connection that is cut.
struct Cut<'a>(&'a [u8]);

impl io::Read for Cut<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            read => Ok(read),
        }
    }
}

#[test]
fn a_reader_that_fails_ends_the_records_and_is_no_fault_of_the_file() {
    let text = format!("{HEADER}\n1,a@b.tr,A,B\n2,c@d.tr,A,B\n3,");
    let items: Vec<_> = StudentFile::open(Cut(text.as_bytes()), Encoding::Utf8, Limits::default())
        .unwrap()
        .collect();
    assert_eq!(items.len(), 3);
    assert!(items.last().unwrap().as_ref().unwrap_err().is_transient());
}
