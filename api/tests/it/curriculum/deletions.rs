//! `DELETE` of what is in the curriculum.

use super::{Faculty, id, problem};
use crate::server::Answer;
use poem::http::Method;
use serde_json::{Value, json};

impl Faculty {
    async fn delete(&self, path: &str, token: &str) -> Answer {
        self.server.ask(Method::DELETE, &format!("/api/{path}"), Some(token), None).await
    }

    /// Deletes a thing that a rival cannot see, and finds it gone.
    async fn deletes(&self, path: &str) {
        assert_eq!(self.delete(path, &self.rival).await.problem(), problem(404, "not_found"), "{path}");
        assert_eq!(self.delete(path, &self.admin).await.expect(204), Value::Null);
        let gone = self.server.get(&format!("/api/{path}"), &self.admin).await;
        assert_eq!(gone.problem(), problem(404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn what_is_used_stays_and_what_is_not_goes() {
    let faculty = Faculty::open().await;
    let exam = json!({ "title": "Final", "assessment_type": "final", "weight": 60 });
    let exam = id(&faculty.make("assessments", exam).await);
    let lo = id(&faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await);
    let outcomes = format!("/api/programs/{}/outcomes", faculty.program);
    let po = faculty
        .server
        .post(&outcomes, &faculty.admin, json!({ "code": "PO1", "title": "Engineers" }))
        .await;
    let po = id(&po.expect(201));
    let student = faculty.student("0001").await;
    let enrollment = id(&faculty.make("enrollments", json!({ "student_id": id(&student) })).await);
    let measures = json!({ "items": [{ "learning_outcome_id": lo, "weight": 1 }] });
    faculty
        .put(&format!("/api/assessments/{exam}/learning-outcomes"), &faculty.admin, measures)
        .await
        .expect(200);
    let serves = json!({ "items": [{ "program_outcome_id": po, "weight": 1 }] });
    faculty
        .put(&format!("/api/learning-outcomes/{lo}/program-outcomes"), &faculty.admin, serves)
        .await
        .expect(200);
    let grade = format!("/api/assessments/{exam}/grades/{}", id(&student));
    faculty.put(&grade, &faculty.admin, json!({ "score": 50 })).await.expect(200);

    let paths = [
        format!("assessments/{exam}"),
        format!("enrollments/{enrollment}"),
        format!("learning-outcomes/{lo}"),
        format!("program-outcomes/{po}"),
        format!("programs/{}", faculty.program),
        format!("departments/{}", faculty.department),
    ];
    let codes = [
        "has_grades",
        "has_grades",
        "has_achievements",
        "has_mappings",
        "program_in_use",
        "department_in_use",
    ];
    for (path, code) in paths.iter().zip(codes) {
        assert_eq!(faculty.delete(path, &faculty.admin).await.problem(), problem(409, code), "{path}");
    }
    let course = format!("courses/{}", faculty.course);
    assert_eq!(faculty.delete(&course, &faculty.admin).await.problem(), problem(409, "has_grades"));
    faculty
        .server
        .ask(Method::DELETE, &grade, Some(&faculty.admin), None)
        .await
        .expect(204);
    for path in &paths[..4] {
        faculty.deletes(path).await;
    }
    let used = faculty.delete(&paths[4], &faculty.admin).await;
    assert!(
        used.body["detail"].as_str().unwrap().starts_with("The program has students (1);"),
        "{}",
        used.body
    );
}

#[tokio::test]
async fn a_course_tells_what_would_go_before_it_goes() {
    let faculty = Faculty::open().await;
    faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await;
    let student = faculty.student("0001").await;
    faculty.make("enrollments", json!({ "student_id": id(&student) })).await;
    let course = format!("courses/{}", faculty.course);
    let found = |is_deleted: bool| {
        json!({
            "is_deleted": is_deleted, "learning_outcomes": 1, "assessments": 0, "assessment_weights": 0, "program_weights": 0,
            "enrollments": 1, "grades": 0,
        })
    };
    let rehearsed = faculty.delete(&format!("{course}?dry_run=true"), &faculty.teacher).await;
    assert_eq!(rehearsed.expect(200), found(false));
    faculty.server.get(&format!("/api/{course}"), &faculty.admin).await.expect(200);
    assert_eq!(faculty.delete(&course, &faculty.rival).await.problem(), problem(404, "not_found"));
    assert_eq!(faculty.delete(&course, &faculty.teacher).await.expect(200), found(true));
    let gone = faculty.server.get(&format!("/api/{course}"), &faculty.admin).await;
    assert_eq!(gone.problem(), problem(404, "not_found"));
}
