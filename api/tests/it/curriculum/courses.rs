//! `/api/courses`.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn a_course_is_made_in_any_year_and_read_back() {
    let faculty = Faculty::open().await;
    let mut order = faculty.new_course("HIST1");
    order["academic_year"] = json!("1987-1988");
    order["teacher_id"] = json!(faculty.teacher_id);
    order["section"] = json!("B");
    let made = faculty.made_at("/api/courses", &faculty.admin, order.clone(), "courses").await;
    assert_eq!(made["academic_year"], "1987-1988");
    assert_eq!(
        (&made["semester"], &made["section"], &made["credits"]),
        (&json!("fall"), &json!("B"), &json!(5))
    );
    assert_eq!(
        (&made["teacher_id"], &made["is_active"]),
        (&json!(faculty.teacher_id), &json!(true))
    );
    let again = faculty.server.post("/api/courses", &faculty.admin, order).await;
    assert_eq!(again.problem(), problem(409, "course_exists"));
}

#[tokio::test]
async fn a_course_that_cannot_be_made_is_refused_with_every_fault() {
    let faculty = Faculty::open().await;
    let mut order = faculty.new_course("");
    order["academic_year"] = json!("2024-2026");
    order["credits"] = json!(0);
    let refused = faculty.server.post("/api/courses", &faculty.admin, order.clone()).await;
    let expected = "invalid academic_year=invalid_academic_year code=required credits=out_of_range";
    assert_eq!(refused.problem(), problem(422, expected));
    order["semester"] = json!("autumn");
    let refused = faculty.server.post("/api/courses", &faculty.admin, order).await;
    assert!(refused.body["detail"].as_str().unwrap().contains("autumn"), "{}", refused.body);
    assert_eq!(refused.problem(), problem(400, "unreadable_request"));
}

#[tokio::test]
async fn courses_are_found_by_their_filters() {
    let faculty = Faculty::open().await;
    let mut order = faculty.new_course("MATH1");
    order["title"] = json!("Analysis");
    order["academic_year"] = json!("2025-2026");
    order["semester"] = json!("spring");
    faculty.server.post("/api/courses", &faculty.admin, order).await.expect(201);
    for (query, codes) in [
        ("", vec!["MATH1", "CENG101"]),
        ("?search=ceng", vec!["CENG101"]),
        ("?search=alys", vec!["MATH1"]),
        ("?academic_year=2024-2025", vec!["CENG101"]),
        ("?semester=spring", vec!["MATH1"]),
        ("?department_id=0", vec![]),
        (&format!("?teacher_id={}", faculty.teacher_id), vec!["CENG101"]),
    ] {
        let list = faculty
            .server
            .get(&format!("/api/courses{query}"), &faculty.teacher)
            .await
            .expect(200);
        let found: Vec<_> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["code"].as_str().unwrap())
            .collect();
        assert_eq!(found, codes, "{query}");
        assert_eq!(list["total"], codes.len());
    }
    let refused = faculty.server.get("/api/courses?academic_year=2024", &faculty.teacher).await;
    assert_eq!(refused.problem(), problem(422, "invalid academic_year=invalid_academic_year"));
}

#[tokio::test]
async fn a_teacher_changes_its_own_course_and_an_administrator_every_one() {
    let faculty = Faculty::open().await;
    let path = format!("/api/courses/{}", faculty.course);
    let change = json!({ "title": "Programming II", "description": "Rust", "academic_year": "1986-1987" });
    let changed = faculty.server.patch(&path, &faculty.teacher, change).await.expect(200);
    assert_eq!(
        (&changed["description"], &changed["academic_year"]),
        (&json!("Rust"), &json!("1986-1987"))
    );
    let emptied = json!({ "description": null, "teacher_id": null });
    let refused = faculty.server.patch(&path, &faculty.teacher, emptied.clone()).await;
    assert_eq!(refused.problem(), problem(403, "not_your_course"));
    let changed = faculty.server.patch(&path, &faculty.admin, emptied).await.expect(200);
    assert!(changed["description"].is_null() && changed["teacher_id"].is_null());
    let refused = faculty.server.patch(&path, &faculty.teacher, json!({ "title": "Mine" })).await;
    assert_eq!(refused.problem(), problem(403, "not_your_course"));
    let refused = faculty.server.patch(&path, &faculty.rival, json!({ "title": "Mine" })).await;
    assert_eq!(refused.problem(), problem(404, "not_found"));
}

#[tokio::test]
async fn the_year_stays_once_there_are_assessments() {
    let faculty = Faculty::open().await;
    faculty
        .make("assessments", json!({ "title": "Final", "assessment_type": "final", "weight": 60 }))
        .await;
    let path = format!("/api/courses/{}", faculty.course);
    let refused = faculty
        .server
        .patch(&path, &faculty.admin, json!({ "academic_year": "2025-2026" }))
        .await;
    assert_eq!(refused.problem(), problem(409, "course_has_assessments"));
}

#[tokio::test]
async fn a_student_sees_the_courses_that_it_takes() {
    let faculty = Faculty::open().await;
    let student = faculty.student("0001").await;
    let token = faculty.server.settle(&student).await;
    let path = format!("/api/courses/{}", faculty.course);
    assert_eq!(faculty.server.get(&path, &token).await.problem(), problem(404, "not_found"));
    faculty.make("enrollments", json!({ "student_id": id(&student) })).await;
    assert_eq!(faculty.server.get(&path, &token).await.expect(200)["code"], "CENG101");
    assert_eq!(faculty.server.get("/api/courses", &token).await.expect(200)["total"], 1);
    let refused = faculty.server.post("/api/courses", &token, faculty.new_course("X")).await;
    assert_eq!(refused.problem(), problem(403, "role_required"));
}
