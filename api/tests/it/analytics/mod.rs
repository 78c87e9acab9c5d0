//! Dashboards and analytics over HTTP, on one class whose figures are known. What the figures mean is tested in the shared crate.

mod dashboards;
mod institution;
mod results;
mod rules;

use crate::gradebook::Gradebook;
use acurate_shared::achievement::compute::recompute;
use acurate_shared::ids::UserId;
use poem::http::Method;
use sea_orm::TransactionTrait;
use serde_json::{Value, json};

/// Three who sit beside the two of the grade book.
const CLASSMATES: [&str; 2] = [
    "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id)
     SELECT p.institution_id, 'student', 'c' || n || '@ata.edu.tr', 'Can', 'Su', '-', 'c' || n, p.department_id, p.id
     FROM programs p, generate_series(1, 3) AS n",
    "INSERT INTO enrollments (institution_id, student_id, course_id)
     SELECT u.institution_id, u.id, c.id FROM users u, courses c WHERE u.student_number LIKE 'c%'",
];

impl Gradebook {
    /// Exam scores of 90, 40, 80, 70 and 60; the first one is excused from the quiz, nobody else has a mark in it although it was
    /// due. Outcomes are computed.
    async fn class_of_five() -> Self {
        let book = Self::open().await;
        for statement in CLASSMATES {
            book.server.execute(statement, []).await;
        }
        book.server
            .execute("UPDATE assessments SET due_date = '2000-01-01' WHERE title = 'quiz'", [])
            .await;
        let mut students = book.students.to_vec();
        for number in ["c1", "c2", "c3"] {
            let select = "SELECT id FROM users WHERE student_number = $1";
            students.push(book.server.number(select, [number.into()]).await);
        }
        let scored = students.iter().zip([90, 40, 80, 70, 60]);
        let mut cells: Vec<Value> = scored
            .map(|(student, score)| json!({ "assessment_id": book.exam, "student_id": student, "score": score }))
            .collect();
        cells.push(json!({ "assessment_id": book.quiz, "student_id": book.students[0], "status": "excused" }));
        let path = format!("/api/courses/{}/grades", book.course);
        let body = json!({ "cells": cells });
        book.server
            .ask(Method::PUT, &path, Some(&book.teacher), Some(body))
            .await
            .expect(200);
        let students: Vec<UserId> = students.into_iter().map(UserId).collect();
        let tx = book.server.test.database().orm().begin().await.unwrap();
        recompute(&tx, &students).await.unwrap();
        tx.commit().await.unwrap();
        book
    }

    /// One student less in the class.
    async fn one_leaves(&self) {
        let update = "UPDATE enrollments SET is_active = false FROM users u WHERE u.id = student_id AND u.student_number = 'c3'";
        self.server.execute(update, []).await;
    }

    /// A colleague who teaches nothing.
    async fn colleague(&self) -> String {
        let order = json!({ "email": "c@ata.edu.tr", "first_name": "Cem", "last_name": "Ay" });
        let colleague = self.server.post("/api/teachers", &self.admin, order).await.expect(201);
        self.server.settle(&colleague).await
    }

    /// The academic year of the course, as it is written.
    async fn year(&self) -> String {
        let first = self.server.number("SELECT academic_year::bigint AS id FROM courses", []).await;
        format!("{first}-{}", first + 1)
    }
}

/// Some fields of an answer, by their paths.
fn fields(answer: &Value, paths: &[&str]) -> Value {
    paths
        .iter()
        .map(|path| answer.pointer(path).unwrap_or_else(|| panic!("{path} is not in {answer}")).clone())
        .collect()
}
