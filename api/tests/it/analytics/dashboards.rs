//! `/api/dashboards/…` and `/api/students/{id}/dashboard`.

use super::fields;
use crate::gradebook::Gradebook;
use serde_json::{Value, json};

#[tokio::test]
async fn a_student_sees_the_average_the_grade_and_the_class() {
    let book = Gradebook::class_of_five().await;
    let ali = book.sign_in_student(book.students[0]).await;
    let own = book.server.get("/api/dashboards/student", &ali).await.expect(200);
    let points = ["average", "counted_courses", "counted_credits", "average_to_date", "earned_credits"];
    let points = points.map(|name| own["points"][name].clone());
    assert_eq!(json!(points), json!([4.0, 1, 5, 4.0, 5]));
    let paths = [
        "/grade",
        "/letter",
        "/points",
        "/passed",
        "/is_complete",
        "/excused",
        "/class_graded",
        "/class_average",
    ];
    assert_eq!(fields(&own["courses"][0], &paths), json!([90.0, "AA", 4.0, true, true, 1, 5, 68.0]));
    let paths = ["/percentage", "/met", "/standing", "/class_average"];
    assert_eq!(fields(&own["learning_outcomes"][0], &paths), json!([90.0, true, "excellent", 68.0]));
    assert_eq!(fields(&own["program_outcomes"][0], &paths), json!([90.0, true, "excellent", 68.0]));
    assert_eq!(
        fields(&own, &["/strengths/0/margin", "/weaknesses", "/freshness/stale"]),
        json!([38.34, [], false])
    );

    book.one_leaves().await;
    let own = book.server.get("/api/dashboards/student", &ali).await.expect(200);
    let small = fields(&own["courses"][0], &["/grade", "/class_graded", "/class_average"]);
    assert_eq!(small, json!([90.0, 4, null]), "of four only how many they are");
}

#[tokio::test]
async fn who_has_to_do_with_a_student_sees_its_dashboard_and_nobody_else() {
    let book = Gradebook::class_of_five().await;
    let [ali, veli] = book.students;
    let path = format!("/api/students/{ali}/dashboard");
    let own = book.server.get(&path, &book.sign_in_student(ali).await).await.expect(200);
    assert_eq!(own["student"]["id"], ali);
    for token in [&book.teacher, &book.admin] {
        assert_eq!(book.server.get(&path, token).await.expect(200), own);
    }
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let refusals = [
        (book.sign_in_student(veli).await, 403, "not_yours"),
        (book.colleague().await, 403, "not_your_student"),
        (book.server.owner().await, 403, "no_institution"),
        (rival, 404, "not_found"),
    ];
    for (token, status, code) in refusals {
        assert_eq!(book.server.get(&path, &token).await.problem(), (status, code.to_owned()));
    }
}

#[tokio::test]
async fn a_teacher_sees_what_waits_and_who_is_at_risk() {
    let book = Gradebook::class_of_five().await;
    let found = book.server.get("/api/dashboards/teacher", &book.teacher).await.expect(200);
    let year = book.year().await;
    let paths = ["/academic_year", "/students", "/waiting", "/at_risk_total", "/courses/0/waiting"];
    assert_eq!(fields(&found, &paths), json!([year, 5, 4, 1, 4]));
    let paths = ["/student_id", "/grade", "/reasons", "/outcomes_unmet"];
    let expected = json!([book.students[1], 40.0, ["low_grade", "unmet_outcomes"], 1]);
    assert_eq!(fields(&found["at_risk"][0], &paths), expected);
    let earlier = book
        .server
        .get("/api/dashboards/teacher?academic_year=1999-2000", &book.teacher)
        .await
        .expect(200);
    assert_eq!(fields(&earlier, &["/students", "/waiting", "/courses"]), json!([0, 0, []]));
    let wrong = book.server.get("/api/dashboards/teacher?academic_year=1999", &book.teacher).await;
    assert_eq!(wrong.problem(), (422, "invalid academic_year=invalid_academic_year".to_owned()));
}

#[tokio::test]
async fn an_administrator_sees_the_size_of_the_institution_and_its_year() {
    let book = Gradebook::class_of_five().await;
    let found = book.server.get("/api/dashboards/institution", &book.admin).await.expect(200);
    let totals = json!({
        "students": 5, "inactive_students": 0, "teachers": 1, "departments": 1, "programs": 1, "courses": 1, "enrollments": 5,
    });
    assert_eq!(found["totals"], totals);
    let year = json!({ "courses": 1, "students": 5, "enrollments": 5, "graded": 5, "average": 68.0, "pass_rate": 80.0 });
    assert_eq!((&found["year"], &found["academic_year"]), (&year, &json!(book.year().await)));
    let outcomes = json!({ "total": 5, "assessed": 5, "mean": 68.0, "met": 4, "met_share": 80.0 });
    assert_eq!(found["program_outcomes"], outcomes);
}

#[tokio::test]
async fn the_owner_of_the_platform_sees_sizes_and_no_grade() {
    let book = Gradebook::class_of_five().await;
    let owner = book.server.owner().await;
    let found = book.server.get("/api/dashboards/platform?page_size=1", &owner).await.expect(200);
    let paths = ["/totals/institutions", "/totals/students", "/institutions/total"];
    assert_eq!(fields(&found, &paths), json!([1, 5, 1]));
    let paths = ["/name", "/students", "/teachers", "/courses"];
    assert_eq!(fields(&found["institutions"]["items"][0], &paths), json!(["Atatürk", 5, 1, 1]));
    assert!(found["jobs"].as_array().unwrap().iter().any(|job| job["kind"] == "welcome_email"));
    let text = found.to_string();
    for secret in ["Veli", "ata.edu.tr", "\"average\"", "\"grade\"", "percentage"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let (course, ali) = (book.course, book.students[0]);
    for path in [
        "dashboards/institution".to_owned(),
        "analytics/grade-distribution".to_owned(),
        "analytics/course-success".to_owned(),
        format!("courses/{course}/analytics"),
        format!("students/{ali}/courses/{course}/outcome-graph"),
    ] {
        assert_eq!(book.server.get(&format!("/api/{path}"), &owner).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn each_dashboard_is_for_one_role() {
    let book = Gradebook::open().await;
    let student = book.sign_in_student(book.students[0]).await;
    let owner = book.server.owner().await;
    let people = [
        ("platform", &owner),
        ("institution", &book.admin),
        ("teacher", &book.teacher),
        ("student", &student),
    ];
    for (dashboard, _) in people {
        for (role, token) in people {
            let status = book.server.get(&format!("/api/dashboards/{dashboard}"), token).await.status;
            assert_eq!(status, if role == dashboard { 200 } else { 403 }, "{dashboard} as {role}");
        }
    }
    let nothing = book.server.get("/api/dashboards/student", &student).await.expect(200);
    assert_eq!(
        fields(&nothing, &["/points/average", "/courses/0/grade"]),
        json!([Value::Null, Value::Null])
    );
}
