//! `/api/analytics/…`.

use super::fields;
use crate::gradebook::Gradebook;
use serde_json::{Value, json};

impl Gradebook {
    async fn analytics(&self, view: &str) -> Value {
        self.server.get(&format!("/api/analytics/{view}"), &self.admin).await.expect(200)
    }
}

#[tokio::test]
async fn departments_have_people_grades_and_outcomes() {
    let book = Gradebook::class_of_five().await;
    let found = book.analytics(&format!("departments?academic_year={}", book.year().await)).await;
    let paths = [
        "/code",
        "/courses",
        "/graded",
        "/average",
        "/pass_rate",
        "/outcome_mean",
        "/standing",
    ];
    let expected = json!(["CENG", 1, 5, 68.0, 80.0, 68.0, "excellent"]);
    assert_eq!((&found["total"], fields(&found["items"][0], &paths)), (&json!(1), expected));
    let summer = book.analytics("departments?semester=summer").await;
    assert_eq!(fields(&summer["items"][0], &["/courses", "/average"]), json!([0, null]));
}

#[tokio::test]
async fn a_program_outcome_has_a_point_for_each_year() {
    let book = Gradebook::class_of_five().await;
    let program = book.server.number("SELECT id FROM programs", []).await;
    let found = book.analytics(&format!("program-outcome-trend?program_id={program}")).await;
    let point = json!({
        "academic_year": book.year().await, "students": 5, "mean": 68.0, "met": 4, "met_share": 80.0, "standing": "excellent",
    });
    assert_eq!(fields(&found["program_outcomes"][0], &["/code", "/years"]), json!(["PO1", [point]]));
    let missing = book
        .server
        .get("/api/analytics/program-outcome-trend?program_id=0", &book.admin)
        .await;
    assert_eq!(missing.problem(), (404, "not_found".to_owned()));
    let unnamed = book.server.get("/api/analytics/program-outcome-trend", &book.admin).await;
    assert_eq!(unnamed.problem().0, 400);
}

#[tokio::test]
async fn grades_are_counted_by_tenths_and_by_letter() {
    let book = Gradebook::class_of_five().await;
    let found = book.analytics("grade-distribution").await;
    assert_eq!(
        fields(&found, &["/results", "/pass_rate", "/grades/histogram", "/without_letter"]),
        json!([5, 80.0, [0, 0, 0, 0, 1, 0, 1, 1, 1, 1], 0])
    );
    let letters = ["AA", "BB", "CC", "DD", "FF"].map(|letter| json!({ "letter": letter, "count": 1 }));
    assert_eq!(found["letters"], json!(letters));
    assert_eq!(book.analytics("grade-distribution?department_id=0").await["results"], 0);
}

#[tokio::test]
async fn courses_are_listed_by_success() {
    let book = Gradebook::class_of_five().await;
    let another = "INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
        SELECT institution_id, department_id, 'A', 'Ungraded', credits, academic_year, semester FROM courses";
    book.server.execute(another, []).await;
    let codes = |page: &Value| -> Vec<Value> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["course"]["code"].clone())
            .collect()
    };
    assert_eq!(
        codes(&book.analytics("course-success").await),
        ["CENG101", "A"],
        "without a pass rate: last"
    );
    assert_eq!(codes(&book.analytics("course-success?sort=code").await), ["A", "CENG101"]);
    let second = book.analytics("course-success?page=2&page_size=1").await;
    assert_eq!((codes(&second), &second["total"]), (vec![json!("A")], &json!(2)));
    let own = book.server.get("/api/analytics/course-success", &book.teacher).await.expect(200);
    assert_eq!(fields(&own, &["/total", "/items/0/pass_rate"]), json!([1, 80.0]));
    let wrong = book
        .server
        .get("/api/analytics/course-success?sort=secret&academic_year=x", &book.admin)
        .await;
    let named = "invalid sort=unknown_sort academic_year=invalid_academic_year";
    assert_eq!(wrong.problem(), (422, named.to_owned()));
}

#[tokio::test]
async fn alerts_name_students_at_risk_and_follow_the_policy() {
    let book = Gradebook::class_of_five().await;
    let veli = json!([
        book.students[1],
        "student_at_risk",
        "critical",
        40.0,
        ["low_grade", "unmet_outcomes"]
    ]);
    let paths = ["/student_id", "/kind", "/severity", "/value", "/reasons"];
    let alerts = book.analytics("alerts").await;
    assert_eq!((&alerts["total"], fields(&alerts["items"][0], &paths)), (&json!(1), veli));
    book.server.execute("UPDATE academic_policies SET course_pass_rate = 85", []).await;
    let course = book.analytics("alerts?kind=course_below_pass_rate").await;
    let paths = ["/course_id", "/severity", "/value", "/threshold", "/students", "/reasons"];
    assert_eq!(
        fields(&course["items"][0], &paths),
        json!([book.course, "warning", 80.0, 85.0, 5, []])
    );
    assert_eq!(book.analytics("alerts?severity=warning").await["total"], 1);
    let refused = book.server.get("/api/analytics/alerts", &book.teacher).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    let wrong = book.server.get("/api/analytics/alerts?severity=grave", &book.admin).await;
    assert_eq!(wrong.problem().0, 400);
}

#[tokio::test]
async fn students_at_risk_are_listed_for_those_who_teach_them() {
    let book = Gradebook::class_of_five().await;
    for (token, total) in [(&book.admin, 1), (&book.teacher, 1), (&book.colleague().await, 0)] {
        let found = book.server.get("/api/analytics/students-at-risk", token).await.expect(200);
        assert_eq!(found["total"], total);
    }
    let student = book.sign_in_student(book.students[1]).await;
    let refused = book.server.get("/api/analytics/students-at-risk", &student).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
}
