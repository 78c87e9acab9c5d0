//! `POST /api/courses/{id}/copy`, and the curriculum of a department that shows both.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn a_course_is_copied_to_another_year_and_shown_in_its_departments_curriculum() {
    let faculty = Faculty::open().await;
    faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await;
    let exam = json!({
        "title": "Final", "assessment_type": "final", "weight": 60, "due_date": "2025-01-10T09:00:00Z",
        "feedback_ranges": [{ "min_percentage": 0, "max_percentage": 100, "feedback": "Well done" }], "feedback_complete": true,
    });
    faculty.make("assessments", exam).await;
    let student = faculty.student("0001").await;
    faculty.make("enrollments", json!({ "student_id": id(&student) })).await;
    let path = format!("/api/courses/{}/copy", faculty.course);
    let order = json!({ "academic_year": "2031-2032", "semester": "fall", "section": "B", "due_dates": "shift" });
    let made = faculty.made_at(&path, &faculty.teacher, order.clone(), "courses").await;
    assert_eq!(
        (&made["code"], &made["academic_year"], &made["teacher_id"]),
        (&json!("CENG101"), &json!("2031-2032"), &json!(faculty.teacher_id))
    );
    let copied = format!("/api/courses/{}", made["id"]);
    let exams = faculty
        .server
        .get(&format!("{copied}/assessments"), &faculty.teacher)
        .await
        .expect(200);
    assert_eq!(exams["items"][0]["due_date"], "2032-01-10T09:00:00+00:00");
    assert_eq!(exams["items"][0]["feedback_complete"], true);
    for (below, total) in [("learning-outcomes", 1), ("enrollments", 0)] {
        let list = faculty.server.get(&format!("{copied}/{below}"), &faculty.teacher).await.expect(200);
        assert_eq!(list["total"], total, "{below}");
    }
    let again = faculty.server.post(&path, &faculty.teacher, order.clone()).await;
    assert_eq!(again.problem(), problem(409, "course_exists"));
    let rival = faculty.server.post(&path, &faculty.rival, order).await;
    assert_eq!(rival.problem(), problem(404, "not_found"));
    let undecided = json!({ "academic_year": "2032-2033", "semester": "fall" });
    let refused = faculty.server.post(&path, &faculty.teacher, undecided).await;
    assert_eq!(refused.problem(), problem(400, "unreadable_request"));

    let curriculum = format!("/api/departments/{}/curriculum", faculty.department);
    let years = faculty.server.get(&curriculum, &faculty.teacher).await.expect(200);
    assert_eq!(
        (&years["total"], &years["items"][0]["academic_year"]),
        (&json!(2), &json!("2031-2032"))
    );
    let first = &years["items"][1]["semesters"][0];
    assert_eq!((&first["semester"], &first["credits"]), (&json!("fall"), &json!(5)));
    let course = &first["courses"][0];
    assert_eq!(
        (&course["enrollment_count"], &course["teacher_name"], &course["section"]),
        (&json!(1), &json!("Tuna Er"), &json!("1"))
    );
    let unserved = format!("{curriculum}?program_id={}", faculty.program);
    assert_eq!(faculty.server.get(&unserved, &faculty.teacher).await.expect(200)["total"], 0);
    let refused = faculty.server.get(&curriculum, &faculty.rival).await;
    assert_eq!(refused.problem(), problem(404, "not_found"));
}
