//! `/api/courses/{id}/grades` and `/api/assessments/{id}/grades/{student_id}`.

use crate::gradebook::Gradebook;
use poem::http::Method;
use serde_json::{Value, json};

impl Gradebook {
    async fn put_cells(&self, token: &str, cells: Value) -> crate::server::Answer {
        let path = format!("/api/courses/{}/grades", self.course);
        self.server
            .ask(Method::PUT, &path, Some(token), Some(json!({ "cells": cells })))
            .await
    }

    async fn one(&self, method: Method, student: i64, body: Option<Value>) -> crate::server::Answer {
        let path = format!("/api/assessments/{}/grades/{student}", self.exam);
        self.server.ask(method, &path, Some(&self.teacher), body).await
    }
}

#[tokio::test]
async fn a_teacher_puts_many_grades_and_reads_them_back() {
    let book = Gradebook::open().await;
    let [ali, veli] = book.students;
    let cells = json!([
        { "assessment_id": book.exam, "student_number": "0001", "score": 43.33, "feedback": "Çalış" },
        { "assessment_id": book.quiz, "student_id": ali, "status": "excused" },
        { "assessment_id": book.exam, "student_id": veli, "score": 0 },
        { "assessment_id": book.quiz, "student_id": veli, "clear": true },
    ]);
    let counts = book.put_cells(&book.teacher, cells).await.expect(200);
    assert_eq!(
        counts,
        json!({ "created": 3, "updated": 0, "unchanged": 1, "cleared": 0, "students_marked": 2 })
    );

    let path = format!("/api/courses/{}/grades/?page_size=1", book.course);
    let page = book.server.get(&path, &book.teacher).await.expect(200);
    assert_eq!((&page["total"], &page["page_size"]), (&json!(2), &json!(1)));
    let line = &page["items"][0];
    assert_eq!((&line["student_number"], &line["is_active"]), (&json!("0001"), &json!(true)));
    let grades = line["grades"].as_array().unwrap();
    let shown: Vec<_> = grades
        .iter()
        .map(|grade| json!([grade["status"], grade["score"], grade["feedback"]]))
        .collect();
    assert_eq!(shown, [json!(["scored", 43.33, "Çalış"]), json!(["excused", null, null])]);

    let path = format!("/api/courses/{}/grades?student_id={veli}&assessment_id={}", book.course, book.exam);
    let found = book.server.get(&path, &book.teacher).await.expect(200);
    assert_eq!(found["items"][0]["grades"][0]["score"], 0.0);
}

#[tokio::test]
async fn wrong_cells_are_all_named_and_nothing_is_written() {
    let book = Gradebook::open().await;
    let cells = json!([
        { "assessment_id": book.exam, "student_number": "0001", "score": 100 },
        { "assessment_id": book.exam, "student_number": "0002", "score": 100.01 },
        { "assessment_id": book.exam, "student_number": "1", "score": 1 },
        { "assessment_id": 0, "student_number": "0002", "score": 1.005 },
        { "assessment_id": book.quiz, "student_number": "0002" },
        { "assessment_id": book.quiz, "student_number": "0001", "status": "scored" },
    ]);
    let refused = book.put_cells(&book.teacher, cells).await;
    let faults = "invalid cells[1].score=out_of_range cells[2].student_number=unknown_student \
        cells[3].assessment_id=unknown_assessment cells[3].score=too_precise cells[4].score=exactly_one cells[5].status=score_missing";
    assert_eq!(refused.problem(), (422, faults.to_owned()));
    assert_eq!(book.server.number("SELECT count(*) AS id FROM grades", []).await, 0);
    let unreadable = book.put_cells(&book.teacher, json!([{ "assessment_id": "x" }])).await;
    assert_eq!(unreadable.problem().0, 400);
}

#[tokio::test]
async fn one_grade_is_put_changed_and_cleared() {
    let book = Gradebook::open().await;
    let [ali, _] = book.students;
    let grade = book.one(Method::PUT, ali, Some(json!({ "score": 61.5 }))).await.expect(200);
    assert_eq!(
        (&grade["score"], &grade["status"], &grade["version"]),
        (&json!(61.5), &json!("scored"), &json!(1))
    );
    let grade = book.one(Method::PUT, ali, Some(json!({ "status": "absent" }))).await.expect(200);
    assert_eq!(
        (&grade["score"], &grade["status"], &grade["version"]),
        (&json!(null), &json!("absent"), &json!(2))
    );
    let wrong = book.one(Method::PUT, ali, Some(json!({ "score": -1 }))).await;
    assert_eq!(wrong.problem(), (422, "invalid score=out_of_range".to_owned()));
    assert_eq!(
        book.one(Method::PUT, 0, Some(json!({ "score": 1 }))).await.problem(),
        (404, "not_found".to_owned())
    );
    assert_eq!(book.one(Method::DELETE, ali, None).await.expect(204), Value::Null);
    assert_eq!(book.one(Method::DELETE, ali, None).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn who_may_not_grade_is_refused() {
    let book = Gradebook::open().await;
    let [ali, veli] = book.students;
    let cells = json!([{ "assessment_id": book.exam, "student_id": ali, "score": 1 }]);
    book.put_cells(&book.admin, cells.clone()).await.expect(200);
    let student = book.sign_in_student(ali).await;
    let refused = book.put_cells(&student, cells.clone()).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    book.server.execute("UPDATE courses SET teacher_id = NULL", []).await;
    let refused = book.put_cells(&book.teacher, cells.clone()).await;
    assert_eq!(refused.problem(), (403, "not_your_course".to_owned()));
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    assert_eq!(book.put_cells(&rival, cells).await.problem(), (404, "not_found".to_owned()));

    let path = format!("/api/courses/{}/grades", book.course);
    let own = book.server.get(&path, &student).await.expect(200);
    assert_eq!((&own["total"], &own["items"][0]["student_id"]), (&json!(1), &json!(ali)));
    let other = book.server.get(&format!("{path}?student_id={veli}"), &student).await;
    assert_eq!(other.problem(), (403, "not_yours".to_owned()));
    assert_eq!(book.server.get(&path, "no token").await.problem().0, 401);
}
