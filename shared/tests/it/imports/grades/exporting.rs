//! The grade book as a file, and the file as the grade book.

use super::super::counts;
use super::{Exams, export};
use crate::campus::refusal;
use acurate_shared::exports::grades::{Content, GradeTable};
use acurate_shared::exports::templates;
use acurate_shared::imports::Delimiter;
use acurate_shared::kinds::Role;
use calamine::{Data, Reader, Xlsx};
use std::io::BufReader;

/// A book with a bit of everything.
async fn marked() -> Exams {
    let exams = Exams::open().await;
    exams
        .mark(
            0,
            exams.midterm,
            "scored",
            Some("85.5"),
            Some("=HYPERLINK(\"x\")\nİyi; \"çok\" iyi"),
        )
        .await;
    exams.mark(0, exams.last, "absent", None, None).await;
    exams.mark(1, exams.last, "excused", None, None).await;
    exams.mark(2, exams.midterm, "scored", Some("0"), None).await;
    exams.mark(3, exams.quiz, "non_attendance", None, Some("-")).await;
    let rename = "UPDATE users SET last_name = '=1+1; \"x\"' WHERE student_number = '02'";
    exams.room.execute(rename, []).await;
    let rename = "UPDATE assessments SET title = '-Final; 2' WHERE id = $1";
    exams.room.execute(rename, [exams.last.into()]).await;
    exams
}

#[tokio::test]
async fn a_wide_file_opens_rightly_in_a_turkish_spreadsheet() {
    let exams = marked().await;
    let (midterm, last, quiz) = (exams.midterm, exams.last, exams.quiz);
    let expected = format!(
        "\u{FEFF}student_number;first_name;last_name;Vize (#{midterm});\"'-Final; 2 (#{last})\";Quiz (#{quiz})\r\n\
        01;İrem;Işık;85,5;GR;\r\n02;İrem;\"'=1+1; \"\"x\"\"\";;MZ;\r\n03;İrem;Işık;0;;\r\n04;İrem;Işık;;;DZ\r\n"
    );
    assert_eq!(exams.export(Content::Wide).await, expected);
}

#[tokio::test]
async fn a_long_file_has_a_row_for_each_cell_with_its_words() {
    let exams = marked().await;
    exams.room.execute("UPDATE institutions SET locale = 'en'", []).await;
    let (midterm, last, quiz) = (exams.midterm, exams.last, exams.quiz);
    let expected = format!(
        "\u{FEFF}student_number,first_name,last_name,assessment,score,feedback\r\n\
        01,İrem,Işık,Vize (#{midterm}),85.5,\"'=HYPERLINK(\"\"x\"\")\nİyi; \"\"çok\"\" iyi\"\r\n\
        01,İrem,Işık,\"'-Final; 2 (#{last})\",absent,\r\n\
        02,İrem,\"'=1+1; \"\"x\"\"\",\"'-Final; 2 (#{last})\",excused,\r\n\
        03,İrem,Işık,Vize (#{midterm}),0,\r\n\
        04,İrem,Işık,Quiz (#{quiz}),non_attendance,'-\r\n"
    );
    assert_eq!(exams.export(Content::Long).await, expected);
}

#[tokio::test]
async fn a_file_that_is_exported_and_imported_again_changes_nothing() {
    let exams = marked().await;
    let before = exams.book().await;
    for delimiter in [None, Some(Delimiter::Comma), Some(Delimiter::Semicolon), Some(Delimiter::Tab)] {
        for (content, records) in [(Content::Wide, 4), (Content::Long, 5), (Content::Template, 3)] {
            let file = export(&exams.room, exams.course, content, delimiter).await;
            let applied = exams.apply(&file).await;
            assert_eq!(
                counts(&applied),
                (0, 0, records, 0),
                "{content:?} {delimiter:?} {:?}",
                applied.errors
            );
        }
    }
    assert_eq!(exams.book().await, before);
}

#[tokio::test]
async fn a_template_has_who_and_what_can_be_graded_and_nothing_in_its_cells() {
    let exams = marked().await;
    let (midterm, last) = (exams.midterm, exams.last);
    let expected = format!(
        "\u{FEFF}student_number;first_name;last_name;Vize (#{midterm});\"'-Final; 2 (#{last})\"\r\n\
        01;İrem;Işık;;\r\n02;İrem;\"'=1+1; \"\"x\"\"\";;\r\n04;İrem;Işık;;\r\n"
    );
    assert_eq!(exams.export(Content::Template).await, expected);
    let students = templates::students(exams.room.test.database().orm(), &exams.room.admin, None)
        .await
        .unwrap();
    assert_eq!(
        students,
        "\u{FEFF}student_number;email;first_name;last_name;department_code;program_code;year_of_study;entry_year;phone\r\n"
    );
}

#[tokio::test]
async fn a_workbook_has_numbers_as_numbers_and_student_numbers_as_texts() {
    let exams = marked().await;
    let db = exams.room.test.database().orm();
    let table = GradeTable::open(db, &exams.room.teacher, exams.course, Content::Wide)
        .await
        .unwrap();
    let file = table.workbook(db).await.unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0][4], Data::String(format!("'-Final; 2 (#{})", exams.last)));
    assert_eq!(rows[1][0], Data::String("01".to_owned()));
    assert_eq!((&rows[1][3], &rows[1][4]), (&Data::Float(85.5), &Data::String("GR".to_owned())));
    assert_eq!((&rows[2][2], &rows[2][3]), (&Data::String("'=1+1; \"x\"".to_owned()), &Data::Empty));
    assert_eq!(rows[3][3], Data::Float(0.0));
}

#[tokio::test]
async fn a_large_course_is_exported_in_portions_that_lose_nobody() {
    let exams = Exams::open().await;
    let many = "
        WITH s AS (INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
            SELECT $1, 'student', 'm' || n || '@x.edu', 'A', 'B', 'x', 'M' || n FROM generate_series(1, 1234) AS n RETURNING id)
        INSERT INTO enrollments (institution_id, student_id, course_id) SELECT $1, id, $2 FROM s";
    exams.room.execute(many, [exams.room.institution.into(), exams.course.into()]).await;
    let file = exams.export(Content::Wide).await;
    let numbers: std::collections::BTreeSet<&str> = file.lines().skip(1).filter_map(|line| line.split(';').next()).collect();
    assert_eq!((file.lines().count(), numbers.len()), (1239, 1238));
}

#[tokio::test]
async fn a_grade_book_is_for_the_course_s_teacher_and_administrators() {
    let exams = Exams::open().await;
    let db = exams.room.test.database().orm();
    let colleague = exams.room.person(Role::Teacher).await;
    let student = exams.room.as_student(exams.students[0]);
    for (actor, word) in [(colleague.clone(), "not_your_course"), (student, "role_required")] {
        assert_eq!(refusal(GradeTable::open(db, &actor, exams.course, Content::Wide).await), word);
    }
    assert_eq!(refusal(templates::students(db, &colleague, None).await), "role_required");
    let foreign = acurate_shared::actor::Actor {
        institution_id: Some(acurate_shared::ids::InstitutionId(i64::MAX)),
        ..exams.room.admin.clone()
    };
    assert_eq!(
        refusal(GradeTable::open(db, &foreign, exams.course, Content::Wide).await),
        "no course"
    );
    assert!(GradeTable::open(db, &exams.room.admin, exams.course, Content::Wide).await.is_ok());
}
