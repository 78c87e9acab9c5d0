//! `/api/courses/{id}/grades/export`, `/api/courses/{id}/grades/template` and `/api/imports/templates/students`.

use crate::gradebook::Gradebook;
use serde_json::json;

impl Gradebook {
    /// Marks 85.5 for the first student and an absence for the second one.
    async fn mark(&self) {
        let [ali, veli] = self.students;
        let cells = json!({ "cells": [
            { "assessment_id": self.exam, "student_id": ali, "score": 85.5, "feedback": "=1+1" },
            { "assessment_id": self.exam, "student_id": veli, "status": "non_attendance" },
        ] });
        let path = format!("/api/courses/{}/grades", self.course);
        let put = poem::http::Method::PUT;
        self.server.ask(put, &path, Some(&self.teacher), Some(cells)).await.expect(200);
    }

    fn export(&self, query: &str) -> String {
        format!("/api/courses/{}/grades/export?{query}", self.course)
    }

    async fn text(&self, path: &str, token: &str) -> String {
        let (status, headers, bytes) = self.server.download(path, token).await;
        assert_eq!(
            (status.as_u16(), &headers["content-type"]),
            (200, &"text/csv; charset=utf-8".parse().unwrap())
        );
        String::from_utf8(bytes).unwrap()
    }
}

#[tokio::test]
async fn the_grade_book_comes_as_csv_in_both_layouts_and_with_any_delimiter() {
    let book = Gradebook::open().await;
    book.mark().await;
    let (exam, quiz) = (book.exam, book.quiz);
    let wide = format!(
        "\u{FEFF}student_number;first_name;last_name;final (#{exam});quiz (#{quiz})\r\n0001;Ali;Veli;85,5;\r\n0002;Ali;Veli;DZ;\r\n"
    );
    assert_eq!(book.text(&book.export(""), &book.teacher).await, wide);
    let long = format!(
        "\u{FEFF}student_number,first_name,last_name,assessment,score,feedback\r\n0001,Ali,Veli,final (#{exam}),85.5,'=1+1\r\n\
        0002,Ali,Veli,final (#{exam}),DZ,\r\n"
    );
    assert_eq!(book.text(&book.export("layout=long&delimiter=comma"), &book.admin).await, long);
    let (_, headers, _) = book.server.download(&book.export("format=csv"), &book.teacher).await;
    let name = format!("attachment; filename=\"course-{}-grades.csv\"", book.course);
    assert_eq!(headers["content-disposition"], name.as_str());
}

#[tokio::test]
async fn the_grade_book_comes_as_a_workbook() {
    let book = Gradebook::open().await;
    book.mark().await;
    let (status, headers, bytes) = book.server.download(&book.export("format=xlsx&layout=long"), &book.teacher).await;
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!((status.as_u16(), headers["content-type"].to_str().unwrap()), (200, media_type));
    assert!(bytes.starts_with(b"PK\x03\x04"));
}

#[tokio::test]
async fn templates_can_be_filled_in() {
    let book = Gradebook::open().await;
    let (exam, quiz) = (book.exam, book.quiz);
    let path = format!("/api/courses/{}/grades/template", book.course);
    let expected =
        format!("\u{FEFF}student_number;first_name;last_name;final (#{exam});quiz (#{quiz})\r\n0001;Ali;Veli;;\r\n0002;Ali;Veli;;\r\n");
    assert_eq!(book.text(&path, &book.teacher).await, expected);
    let students = book.text("/api/imports/templates/students?delimiter=tab", &book.admin).await;
    assert!(students.starts_with("\u{FEFF}student_number\temail\tfirst_name\t"), "{students}");
    let refused = book.server.get("/api/imports/templates/students", &book.teacher).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
}

#[tokio::test]
async fn who_may_not_grade_exports_nothing_and_wrong_wishes_are_named() {
    let book = Gradebook::open().await;
    let student = book.sign_in_student(book.students[0]).await;
    let refused = book.server.get(&book.export(""), &student).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    assert_eq!(
        book.server.get(&book.export(""), &rival).await.problem(),
        (404, "not_found".to_owned())
    );
    for query in ["format=pdf", "layout=tall", "delimiter=pipe"] {
        assert_eq!(
            book.server.get(&book.export(query), &book.teacher).await.problem().0,
            400,
            "{query}"
        );
    }
    book.server.execute("UPDATE courses SET teacher_id = NULL", []).await;
    let former = book.server.get(&book.export(""), &book.teacher).await;
    assert_eq!(former.problem(), (403, "not_your_course".to_owned()));
}
