//! Files of grades: bytes in, verdicts out.

use crate::exports::{Cell, CsvFormat};
use crate::ids::AssessmentId;
use crate::imports::grade_columns::name;
use crate::imports::grade_mark::code;
use crate::imports::{Catalogue, Delimiter, Encoding, EncodingProbe, FileError, GradeReading, GradeRow, Limits, Mark, Parsed};
use crate::kinds::{GradeLayout, GradeStatus, Locale};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::sync::Arc;

fn reading(titles: &[(i64, &str)]) -> GradeReading {
    GradeReading {
        catalogue: Arc::new(Catalogue::new(
            titles.iter().map(|(id, title)| (AssessmentId(*id), (*title).to_owned())),
        )),
        layout: GradeLayout::Auto,
        limits: Limits::default(),
    }
}

fn try_read(bytes: &[u8]) -> Result<Vec<Parsed<GradeRow>>, FileError> {
    let mut probe = EncodingProbe::new();
    probe.feed(bytes);
    let encoding = probe.finish()?;
    reading(&[(7, "Vize"), (8, "Final")]).open(bytes, encoding)?.collect()
}

/// Each cell of each record as `assessment=mark`; of a rejected record each error as `column:code:value`.
fn told(bytes: &[u8]) -> Vec<(u64, String)> {
    let cell = |(id, mark): (AssessmentId, Mark)| match mark {
        Mark::Score(score) => format!("{id}={score}"),
        Mark::Without(status) => format!("{id}={status}"),
    };
    let row = |parsed: Parsed<GradeRow>| match parsed.row {
        Ok(row) => {
            let cells = row.cells.iter().map(|each| cell((each.assessment_id, each.mark)));
            let words = row.cells.iter().filter_map(|each| each.feedback.clone());
            let all: Vec<_> = std::iter::once(row.student_number.clone()).chain(cells).chain(words).collect();
            (parsed.record, all.join(" "))
        }
        Err(errors) => {
            let error = |error: &crate::imports::RowError| {
                format!("{}:{}:{}", error.column.as_deref().unwrap_or("-"), error.code.as_str(), error.value)
            };
            (parsed.record, errors.iter().map(error).collect::<Vec<_>>().join(" "))
        }
    };
    try_read(bytes).unwrap().into_iter().map(row).collect()
}

fn lines(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(record, text)| (*record, (*text).to_owned())).collect()
}

#[test]
fn a_wide_file_of_a_turkish_spreadsheet_is_read() {
    let text = "\u{FEFF}Student_Number;Ad;VİZE;Final (#8)\r\n".replace("Ad", "name")
        + "0001;İrem;85,5;GR\r\n0002;\"Işık; Ali\";;DZ\r\n0003;;0;100\r\n0004;;;\r\n";
    let expected = [
        (2, "0001 7=85.5 8=absent"),
        (3, "0002 8=non_attendance"),
        (4, "0003 7=0 8=100"),
        (5, "0004"),
    ];
    assert_eq!(told(text.as_bytes()), lines(&expected));
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&utf16), lines(&expected));
    let windows = encoding_rs::WINDOWS_1254.encode(text.trim_start_matches('\u{FEFF}')).0;
    assert_eq!(told(&windows), lines(&expected));
}

#[test]
fn a_long_file_is_read_with_its_feedback() {
    let text =
        "assessment,student_number,score,feedback\nvize,0001,85.5,\"Good,\nvery good\"\n#8,0001,excused,\nFinal,0002,,\n'=x,0002,1,\n";
    let expected = [
        (2, "0001 7=85.5 Good,\nvery good"),
        (3, "0001 8=excused"),
        (4, "0002"),
        (5, "assessment:unknown_assessment:'=x"),
    ];
    assert_eq!(told(text.as_bytes()), lines(&expected));
}

#[test]
fn each_wrong_cell_is_named_with_record_column_and_value() {
    let text = "student_number,Vize,Final\n1,1.234,5x\n,\"1.234,5\",-3\n2.025E+07,5,5\n3,1,2\n3,1,2\n4,5\n5\u{1},1,85.555\n";
    let expected = [
        (2, "Vize:too_precise:1.234 Final:not_a_mark:5x"),
        (
            3,
            "student_number:empty_required: Vize:ambiguous_number:1.234,5 Final:out_of_range:-3",
        ),
        (4, "student_number:number_mangled:2.025E+07"),
        (5, "3 7=1 8=2"),
        (6, "student_number:duplicate_in_file:3"),
        (7, "-:too_few_columns:4,5"),
        (8, "student_number:invalid_characters:5␁ Final:too_precise:85.555"),
    ];
    assert_eq!(told(text.as_bytes()), lines(&expected));
}

#[test]
fn one_cell_twice_is_named_whatever_its_assessment_is_called() {
    let text = "student_number,assessment,score\n1,Vize,5\n1,VİZE (#7),6\n1,#7,7\n1,Final,8\n2,Vize,9\n";
    let expected = [
        (2, "1 7=5"),
        (3, "assessment:duplicate_cell:VİZE (#7)"),
        (4, "assessment:duplicate_cell:#7"),
        (5, "1 8=8"),
        (6, "2 7=9"),
    ];
    assert_eq!(told(text.as_bytes()), lines(&expected));
}

#[test]
fn words_without_a_mark_and_values_without_a_column_are_not_lost_in_silence() {
    let text = "student_number,assessment,score,feedback\n1,Vize,,Well done\n1,Final,3,bad\u{0}\n";
    let expected = [
        (2, "feedback:feedback_without_mark:Well done"),
        (3, "feedback:invalid_characters:bad␀"),
    ];
    assert_eq!(told(text.as_bytes()), lines(&expected));
    let text = "student_number;Vize;\n1;5;\n2;5;90\n";
    assert_eq!(told(text.as_bytes()), lines(&[(2, "1 7=5"), (3, "-:nameless_column:90")]));
}

#[test]
fn a_file_that_cannot_be_imported_says_why() {
    for (text, code) in [
        ("student_number;Vize;Proje\n1;2;3\n", "unknown_columns"),
        ("student_number;name\n1;2\n", "no_assessments"),
        ("Vize;Final\n1;2\n", "missing_columns"),
        ("student_number;Vize;#7\n1;2;3\n", "duplicate_columns"),
        ("student_number;Vize\n", "no_data_rows"),
        ("", "empty_file"),
        ("PK\u{3}\u{4}", "spreadsheet_not_csv"),
    ] {
        assert_eq!(try_read(text.as_bytes()).unwrap_err().code(), code, "{text:?}");
    }
    let error = try_read(b"student_number;Proje;Vize;#9\n1;2;3;4\n").unwrap_err();
    assert!(error.to_string().contains("Proje, #9"), "{error}");
}

#[test]
fn a_survey_counts_what_the_file_yields_and_says_what_columns_are() {
    let text = "student_number;name;VİZE\n1;x;2\nbad\n";
    let survey = reading(&[(7, "Vize")]).survey(text.as_bytes(), Encoding::Utf8).unwrap();
    assert_eq!((survey.table.records, survey.layout), (2, GradeLayout::Wide));
    assert_eq!(survey.columns.len(), 1);
    assert_eq!(
        (&*survey.columns[0].column, survey.columns[0].assessment_id),
        ("VİZE", AssessmentId(7))
    );
}

/// A mark and words, unless the cell is empty.
type Filled = Option<(Mark, Option<String>)>;

/// What the cells of an exported table are.
#[derive(Clone, Debug)]
struct Book {
    titles: Vec<String>,
    students: Vec<(String, String, Vec<Filled>)>,
    format: CsvFormat,
    locale: Locale,
}

/// Texts in which all is frequent that CSV, spreadsheets and Turkish treat specially.
const TEXT: &str = "['=+@;,\"A-Za-zçğıöşüÇĞİÖŞÜ(#0-9-]([A-Za-zçğıİI ,;'\"=+()#0-9-]{0,12}[A-Za-zı\")0-9])?";

fn mark() -> impl Strategy<Value = Mark> {
    let without = prop_oneof![
        Just(GradeStatus::Absent),
        Just(GradeStatus::Excused),
        Just(GradeStatus::NonAttendance)
    ];
    prop_oneof![
        3 => (0..=999_999_i64).prop_map(|hundredths| Mark::Score(Decimal::new(hundredths, 2).normalize())),
        1 => without.prop_map(Mark::Without),
    ]
}

fn book() -> impl Strategy<Value = Book> {
    let feedback = "['=+@\"A-Za-zİı-]([A-Za-zçİı ;,'\"=\r\n\t-]{0,20}[a-zş.\"])?";
    let cell = proptest::option::weighted(0.8, (mark(), proptest::option::of(feedback))).boxed();
    let titles = proptest::collection::hash_set(TEXT, 1..6).prop_map(Vec::from_iter);
    let format = (any::<bool>(), proptest::option::of(0..3_usize)).prop_map(|(turkish, delimiter)| {
        let locale = if turkish { Locale::Tr } else { Locale::En };
        let delimiter = delimiter.map(|index| [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab][index]);
        (CsvFormat::new(locale, delimiter), locale)
    });
    (titles, format).prop_flat_map(move |(titles, (format, locale))| {
        let cells = proptest::collection::vec(cell.clone(), titles.len());
        let students = proptest::collection::vec(("[-_0-9A-Zşı]{1,8}", TEXT, cells), 1..8);
        students.prop_map(move |mut students| {
            for (index, (number, ..)) in students.iter_mut().enumerate() {
                number.push_str(&format!("/{index}"));
            }
            Book {
                titles: titles.clone(),
                students,
                format,
                locale,
            }
        })
    })
}

impl Book {
    fn names(&self) -> Vec<Cell> {
        (1..)
            .zip(&self.titles)
            .map(|(id, title)| Cell::text(name(AssessmentId(id), title)))
            .collect()
    }

    fn mark(&self, mark: Mark) -> Cell {
        match mark {
            Mark::Score(score) => Cell::Number(score),
            Mark::Without(status) => Cell::text(code(status, self.locale)),
        }
    }

    fn write(&self, rows: &[Vec<Cell>]) -> String {
        let mut text = String::from(CsvFormat::BYTE_ORDER_MARK);
        rows.iter().for_each(|row| self.format.line(row, &mut text));
        text
    }

    fn read(&self, text: &str) -> Result<Vec<GradeRow>, String> {
        let titles: Vec<_> = (1..).zip(self.titles.iter().map(String::as_str)).collect();
        let file = reading(&titles)
            .open(text.as_bytes(), Encoding::Utf8)
            .map_err(|error| error.to_string())?;
        file.map(|parsed| parsed.unwrap().row.map_err(|errors| format!("{errors:?}")))
            .collect()
    }
}

/// Student, assessment, mark and words of every cell.
type Facts = Vec<(String, i64, Mark, Option<String>)>;

fn facts(rows: &[GradeRow]) -> Facts {
    let of_row = |row: &GradeRow| {
        let cell = |cell: &crate::imports::GradeCell| (row.student_number.clone(), cell.assessment_id.0, cell.mark, cell.feedback.clone());
        row.cells.iter().map(cell).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of_row).collect()
}

proptest! {
    #[test]
    fn a_wide_table_is_read_as_it_was_written(book in book()) {
        let header = [Cell::text("student_number"), Cell::text("name")].into_iter().chain(book.names()).collect();
        let mut rows: Vec<Vec<Cell>> = vec![header];
        let mut expected = Facts::new();
        for (number, person, cells) in &book.students {
            let marks = cells.iter().map(|cell| cell.as_ref().map_or(Cell::Empty, |(mark, _)| book.mark(*mark)));
            rows.push([Cell::text(number), Cell::text(person)].into_iter().chain(marks).collect());
            let kept = (1..).zip(cells).filter_map(|(id, cell)| Some((number.clone(), id, cell.as_ref()?.0, None)));
            expected.extend(kept);
        }
        let read = book.read(&book.write(&rows)).map_err(TestCaseError::fail)?;
        prop_assert_eq!(read.len(), book.students.len());
        prop_assert_eq!(facts(&read), expected);
    }

    #[test]
    fn a_long_table_is_read_as_it_was_written(book in book()) {
        let mut rows: Vec<Vec<Cell>> = vec![["student_number", "assessment", "score", "feedback"].map(Cell::text).to_vec()];
        let mut expected = Facts::new();
        for (number, _, cells) in &book.students {
            for ((id, name), cell) in (1..).zip(book.names()).zip(cells) {
                let Some((mark, words)) = cell else { continue };
                let feedback = words.clone().map_or(Cell::Empty, Cell::Text);
                rows.push(vec![Cell::text(number), name, book.mark(*mark), feedback]);
                expected.push((number.clone(), id, *mark, words.clone()));
            }
        }
        prop_assume!(rows.len() > 1);
        let read = book.read(&book.write(&rows)).map_err(TestCaseError::fail)?;
        prop_assert_eq!(facts(&read), expected);
    }

    #[test]
    fn no_bytes_make_the_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for header in ["student_number,Vize\n", "student_number,assessment,score,feedback\n"] {
            let file = [header.as_bytes(), bytes.as_slice()].concat();
            if let Ok(parsed) = try_read(&file) {
                prop_assert!(parsed.windows(2).all(|pair| pair[0].record < pair[1].record));
            }
        }
    }
}
