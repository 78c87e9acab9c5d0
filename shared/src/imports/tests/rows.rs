//! One record at a time: what is accepted, and how, and what is refused, and why.

use super::{accepted, errors, faults};

const ALL: &str = "student_number,email,first_name,last_name,department_code,program_code,year_of_study,entry_year,phone";

fn row(line: &str) -> String {
    format!("{ALL}\n{line}\n")
}

/// A file of one record whose optional fields are empty.
fn student(number: &str, email: &str, first: &str, last: &str) -> String {
    row(&format!("{number},{email},{first},{last},,,,,"))
}

#[test]
fn a_full_record_is_taken_as_it_stands() {
    let row = accepted(&row(
        "0012025,ayse@uni.edu.tr,Ayşe Nur,Öztürk,CENG,CENG-BSC,3,2023,+90 (532) 123-4567",
    ));
    assert_eq!(row.student_number, "0012025");
    assert_eq!(row.email, "ayse@uni.edu.tr");
    assert_eq!((row.first_name.as_str(), row.last_name.as_str()), ("Ayşe Nur", "Öztürk"));
    assert_eq!(row.department_code.as_deref(), Some("CENG"));
    assert_eq!(row.program_code.as_deref(), Some("CENG-BSC"));
    assert_eq!((row.year_of_study, row.entry_year), (Some(3), Some(2023)));
    assert_eq!(row.phone.as_deref(), Some("+90 (532) 123-4567"));
}

#[test]
fn empty_optional_fields_are_absent() {
    let row = accepted(&student("1", "a@b.tr", "A", "B"));
    assert_eq!((row.department_code, row.program_code, row.phone), (None, None, None));
    assert_eq!((row.year_of_study, row.entry_year), (None, None));
}

#[test]
fn the_four_required_columns_are_enough() {
    let row = accepted("last_name;FIRST_NAME;Email;student_number\nKaya;Ali;a@b.tr;7\n");
    assert_eq!((row.student_number.as_str(), row.last_name.as_str()), ("7", "Kaya"));
}

#[test]
fn text_is_trimmed_and_normalised() {
    let decomposed = "\u{A0}S\u{327}ule ";
    assert_eq!(accepted(&student(" 1 ", " a@b.tr ", decomposed, "I\u{307}nci")).first_name, "Şule");
    assert_eq!(accepted(&student("1", "a@b.tr", "X", "I\u{307}nci")).last_name, "İnci");
}

#[test]
fn an_address_is_lowered_by_ascii_rules() {
    assert_eq!(accepted(&student("1", "IREM@Uni.EDU.TR", "İrem", "Işık")).email, "irem@uni.edu.tr");
}

#[test]
fn a_name_that_looks_like_a_formula_is_text() {
    let text = student("1", "a@b.tr", "\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"", "@SUM");
    assert_eq!(accepted(&text).first_name, "=HYPERLINK(\"http://x\",\"y\")");
}

#[test]
fn a_line_break_within_a_name_is_a_blank() {
    assert_eq!(accepted(&student("1", "a@b.tr", "\"Ayşe \r\n Nur\n\"", "B")).first_name, "Ayşe Nur");
}

#[test]
fn every_empty_required_field_is_told() {
    assert_eq!(
        faults(&row(",, ,\"\",,,,,")),
        ["student_number", "email", "first_name", "last_name"].map(|column| (2, Some(column), "empty_required"))
    );
}

#[test]
fn all_faults_of_a_record_are_told_at_once() {
    assert_eq!(
        faults(&row("2.025E+07,nobody,,B,,,x,1492,abc")),
        [
            (2, Some("student_number"), "number_mangled"),
            (2, Some("email"), "invalid_email"),
            (2, Some("first_name"), "empty_required"),
            (2, Some("year_of_study"), "not_a_number"),
            (2, Some("entry_year"), "out_of_range"),
            (2, Some("phone"), "invalid_characters"),
        ]
    );
}

#[test]
fn a_field_may_have_two_faults() {
    assert_eq!(
        faults(&student("123 456 789 012 345 678", "a@b.tr", "A", "B")),
        [
            (2, Some("student_number"), "too_long"),
            (2, Some("student_number"), "invalid_characters"),
        ]
    );
}

#[test]
fn what_is_no_address_is_refused() {
    let no_addresses = [
        "plain",
        "@b.tr",
        "a@",
        "a@b",
        "a b@c.tr",
        "a@b..tr",
        ".a@b.tr",
        "a@-b.tr",
        "a@b!.tr",
        "a@[127.0.0.1]",
        "ayşe@b.tr",
        "İREM@b.tr",
        "a@ünı.tr",
        "Ali <a@b.tr>",
        "a@b.tr;c@d.tr",
        "\"\"\"a b\"\"@c.tr\"",
        "\"\"\"a@b\"\"@c.tr\"",
    ];
    for email in no_addresses {
        assert_eq!(
            faults(&student("1", email, "A", "B")),
            [(2, Some("email"), "invalid_email")],
            "{email}"
        );
    }
    let long = format!("a@{}tr", "abcdefghi.".repeat(26));
    assert_eq!(faults(&student("1", &long, "A", "B")), [(2, Some("email"), "too_long")]);
}

#[test]
fn a_number_that_lost_digits_in_a_spreadsheet_is_refused() {
    for number in ["2.025E+07", "\"2,025E+07\"", "2E+07", "2.025e7", "20250001.0", "\"20250001,00\""] {
        assert_eq!(
            faults(&student(number, "a@b.tr", "A", "B")),
            [(2, Some("student_number"), "number_mangled")],
            "{number}"
        );
    }
    assert_eq!(faults(&row("1,a@b.tr,A,B,,,,,9.05E+11")), [(2, Some("phone"), "number_mangled")]);
}

#[test]
fn a_number_that_only_resembles_a_mangled_one_is_taken() {
    for number in ["20250001", "0007", "2025E001", "2025E-01", "E1", "2025.01", "CS-12/3_b.x", "Ö17"] {
        assert_eq!(accepted(&student(number, "a@b.tr", "A", "B")).student_number, number);
    }
}

#[test]
fn years_are_whole_numbers_in_their_range() {
    for (value, code) in [
        ("0", "out_of_range"),
        ("7", "out_of_range"),
        ("-1", "out_of_range"),
        ("99999999999999999999", "out_of_range"),
        ("2.5", "not_a_number"),
        ("iki", "not_a_number"),
        ("3. sınıf", "not_a_number"),
        (".0", "not_a_number"),
    ] {
        assert_eq!(
            faults(&row(&format!("1,a@b.tr,A,B,,,{value},,"))),
            [(2, Some("year_of_study"), code)],
            "{value}"
        );
    }
    for (value, year) in [("1950", 1950), ("2100", 2100), ("2023.0", 2023), ("\"2023,0\"", 2023)] {
        assert_eq!(accepted(&row(&format!("1,a@b.tr,A,B,,,,{value},"))).entry_year, Some(year));
    }
}

#[test]
fn limits_count_characters_and_not_bytes() {
    let longest = "ş".repeat(150);
    assert_eq!(accepted(&student("1", "a@b.tr", &longest, "B")).first_name, longest);
    assert_eq!(
        faults(&student("1", "a@b.tr", &format!("{longest}ş"), "B")),
        [(2, Some("first_name"), "too_long")]
    );
    let code = "K".repeat(21);
    assert_eq!(
        faults(&row(&format!("1,a@b.tr,A,B,{code},{code},,,{}", "1".repeat(21)))),
        ["department_code", "program_code", "phone"].map(|column| (2, Some(column), "too_long"))
    );
}

#[test]
fn control_and_damaged_characters_are_refused_and_shown_as_pictures() {
    let errors = errors(&student("1", "a@b.tr", "A\0li", "B\u{FFFD}r"));
    let told: Vec<_> = errors
        .iter()
        .map(|error| (error.column.as_deref(), error.code.as_str(), error.value.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("first_name"), "invalid_characters", "A␀li"),
            (Some("last_name"), "invalid_characters", "B\u{FFFD}r"),
        ]
    );
}

#[test]
fn an_error_says_what_is_wrong_in_both_languages() {
    let errors = errors(&row("1,a@b.tr,A,B,,,9,,"));
    assert_eq!(errors[0].value, "9");
    assert_eq!(errors[0].message_en, "The number must be between 1 and 6.");
    assert_eq!(errors[0].message_tr, "Sayı 1 ile 6 arasında olmalıdır.");
}
