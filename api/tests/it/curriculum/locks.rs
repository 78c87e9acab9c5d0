//! `ETag` and `If-Match` on everything of the curriculum that can be changed.

use super::{Faculty, id, problem};
use poem::http::Method;
use serde_json::{Value, json};

impl Faculty {
    /// Reads the tag of a thing, changes it for that tag, and is refused when it tries the same again.
    async fn changes_once(&self, method: Method, path: &str, change: Value) {
        let tag = self.server.get(path, &self.admin).await.headers["etag"]
            .to_str()
            .unwrap()
            .to_owned();
        let send = async |tag: &str| {
            let headers = [("if-match", tag)];
            self.server
                .ask_with(method.clone(), path, Some(&self.admin), &headers, Some(change.clone()))
                .await
        };
        let changed = send(&tag).await;
        let new = changed.headers.get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let body = changed.expect(200);
        assert_ne!(new.as_ref(), Some(&tag), "{path}");
        let read = self.server.get(path, &self.admin).await;
        assert_eq!(read.headers["etag"].to_str().unwrap(), new.unwrap());
        assert_eq!(read.expect(200), body);
        assert_eq!(send(&tag).await.problem(), problem(412, "outdated"), "{path}");
        assert_eq!(send("3").await.problem(), problem(400, "unreadable_if_match"), "{path}");
    }
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_overwritten() {
    let faculty = Faculty::open().await;
    let lo = id(&faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await);
    let exam = json!({ "title": "Final", "assessment_type": "final", "weight": 60 });
    let exam = id(&faculty.make("assessments", exam).await);
    let promise = format!("/api/programs/{}/outcomes", faculty.program);
    let promise = faculty
        .server
        .post(&promise, &faculty.admin, json!({ "code": "PO1", "title": "Engineers" }))
        .await;
    let po = id(&promise.expect(201));
    let student = faculty.student("0001").await;
    let enrollment = id(&faculty.make("enrollments", json!({ "student_id": id(&student) })).await);
    for (path, change) in [
        (format!("departments/{}", faculty.department), json!({ "name": "Computers" })),
        (format!("programs/{}", faculty.program), json!({ "name": "Computers" })),
        (format!("program-outcomes/{po}"), json!({ "title": "Two" })),
        (format!("learning-outcomes/{lo}"), json!({ "title": "Two" })),
        (format!("assessments/{exam}"), json!({ "weight": 50 })),
        (format!("enrollments/{enrollment}"), json!({ "is_active": false })),
    ] {
        faculty.changes_once(Method::PATCH, &format!("/api/{path}"), change).await;
    }
    let item = |key: &str, id: i64, weight: f64| json!({ "items": [{ key: id, "weight": weight }] });
    let measured = json!({ "cells": [{ "assessment_id": exam, "learning_outcome_id": lo, "weight": 5 }] });
    let served = json!({ "cells": [{ "learning_outcome_id": lo, "program_outcome_id": po, "weight": 5 }] });
    for (path, change) in [
        (
            format!("assessments/{exam}/learning-outcomes"),
            item("learning_outcome_id", lo, 3.0),
        ),
        (
            format!("learning-outcomes/{lo}/program-outcomes"),
            item("program_outcome_id", po, 3.0),
        ),
        (format!("courses/{}/assessment-outcome-matrix", faculty.course), measured),
        (
            format!("courses/{}/outcome-program-matrix?program_id={}", faculty.course, faculty.program),
            served,
        ),
    ] {
        faculty.changes_once(Method::PUT, &format!("/api/{path}"), change).await;
    }
}
