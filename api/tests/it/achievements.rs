//! `/api/students/{id}/achievements`.

use crate::gradebook::Gradebook;
use acurate_shared::achievement::compute::recompute;
use acurate_shared::ids::UserId;
use poem::http::Method;
use sea_orm::TransactionTrait;
use serde_json::json;

#[tokio::test]
async fn outcomes_show_what_was_reached_and_whether_a_change_waits() {
    let book = Gradebook::open().await;
    let [ali, veli] = book.students;
    let path = format!("/api/students/{ali}/achievements");
    let empty = book.server.get(&path, &book.admin).await.expect(200);
    assert_eq!(
        empty,
        json!({ "student_id": ali, "stale": false, "computed_at": null, "learning_outcomes": [], "program_outcomes": [] })
    );
    let cells = json!({ "cells": [
        { "assessment_id": book.exam, "student_id": ali, "score": 70 },
        { "assessment_id": book.quiz, "student_id": ali, "score": 1 },
    ] });
    let grades = format!("/api/courses/{}/grades", book.course);
    book.server
        .ask(Method::PUT, &grades, Some(&book.teacher), Some(cells))
        .await
        .expect(200);
    assert_eq!(book.server.get(&path, &book.admin).await.expect(200)["stale"], true);
    let tx = book.server.test.database().orm().begin().await.unwrap();
    recompute(&tx, &[UserId(ali)]).await.unwrap();
    tx.commit().await.unwrap();

    let found = book.server.get(&path, &book.sign_in_student(ali).await).await.expect(200);
    assert_eq!(found["stale"], false);
    assert!(found["computed_at"].is_string());
    let lo = &found["learning_outcomes"][0];
    let expected = json!({
        "learning_outcome_id": book.learning_outcome, "course_id": book.course, "course_code": "CENG101",
        "code": "LO1", "title": "Programs", "percentage": 51.67, "target_percentage": 51.66, "met": true,
        "graded_count": 2, "total_count": 2, "computed_at": lo["computed_at"],
    });
    assert_eq!(*lo, expected, "70/100 and 1/3 weigh the same: 51.666…");
    let po = &found["program_outcomes"][0];
    let expected = json!({
        "program_outcome_id": po["program_outcome_id"], "code": "PO1", "title": "Engineering",
        "percentage": 51.67, "target_percentage": 51.67, "met": false,
        "graded_count": 1, "total_count": 1, "computed_at": lo["computed_at"],
    });
    assert_eq!(*po, expected);

    let neighbour = book.sign_in_student(veli).await;
    assert_eq!(book.server.get(&path, &neighbour).await.problem(), (403, "not_yours".to_owned()));
    book.server.get(&path, &book.teacher).await.expect(200);
    assert_eq!(
        book.server.get("/api/students/0/achievements", &book.teacher).await.problem(),
        (404, "not_found".to_owned())
    );
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    assert_eq!(book.server.get(&path, &rival).await.problem(), (404, "not_found".to_owned()));
}
