//! `search`, filters and `sort` of the lists of the curriculum.

use super::{Faculty, problem};
use serde_json::{Value, json};

impl Faculty {
    async fn listed(&self, path: &str, key: &str) -> Vec<String> {
        let list = self.server.get(&format!("/api/{path}"), &self.teacher).await.expect(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(list["total"], items.len());
        items.iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
    }

    async fn post_all(&self, path: &str, orders: impl IntoIterator<Item = Value>) {
        for order in orders {
            self.server.post(&format!("/api/{path}"), &self.admin, order).await.expect(201);
        }
    }
}

#[tokio::test]
async fn each_list_is_searched_filtered_and_sorted() {
    let faculty = Faculty::open().await;
    let course = format!("courses/{}", faculty.course);
    let outcomes = format!("programs/{}/outcomes", faculty.program);
    faculty
        .post_all("departments", [json!({ "code": "MATH", "name": "Mathematics" })])
        .await;
    let program = json!({ "department_id": faculty.department, "code": "MSC", "name": "Master" });
    faculty.post_all("programs", [program]).await;
    let pair = || [("A1", "Teams", true), ("A2", "Ethics", false)];
    let outcome = |(code, title, is_active)| json!({ "code": code, "title": title, "is_active": is_active });
    faculty.post_all(&outcomes, pair().map(outcome)).await;
    faculty.post_all(&format!("{course}/learning-outcomes"), pair().map(outcome)).await;
    let exam = |(title, kind, weight)| json!({ "title": title, "assessment_type": kind, "weight": weight });
    let exams = [("Final", "final", 60), ("Quiz", "quiz", 40)].map(exam);
    faculty.post_all(&format!("{course}/assessments"), exams).await;
    for number in ["0001", "0002"] {
        let student = faculty.student(number).await;
        faculty.make("enrollments", json!({ "student_id": student["id"] })).await;
    }
    let (los, exams, enrollments) = (
        format!("{course}/learning-outcomes"),
        format!("{course}/assessments"),
        format!("{course}/enrollments"),
    );
    for (path, key, query, expected) in [
        ("departments", "code", "search=mathem", vec!["MATH"]),
        ("departments", "code", "sort=-code", vec!["MATH", "CENG"]),
        ("programs", "code", "search=ms&is_active=true", vec!["MSC"]),
        ("programs", "code", "sort=-name", vec!["MSC", "BSC"]),
        ("courses", "code", "is_active=false", vec![]),
        ("courses", "code", "is_active=true&sort=-credits,title", vec!["CENG101"]),
        (&outcomes, "code", "search=ethics", vec!["A2"]),
        (&outcomes, "code", "is_active=true", vec!["A1"]),
        (&outcomes, "code", "sort=title", vec!["A2", "A1"]),
        (&los, "code", "search=a1", vec!["A1"]),
        (&los, "code", "is_active=false", vec!["A2"]),
        (&los, "code", "sort=-code", vec!["A2", "A1"]),
        (&exams, "title", "search=UI", vec!["Quiz"]),
        (&exams, "title", "assessment_type=final&is_active=true", vec!["Final"]),
        (&exams, "title", "sort=weight", vec!["Quiz", "Final"]),
        (&enrollments, "student_number", "search=0002", vec!["0002"]),
        (
            &enrollments,
            "student_number",
            "search=IREM&sort=-student_number",
            vec!["0002", "0001"],
        ),
        (&enrollments, "student_number", "is_active=false", vec![]),
    ] {
        assert_eq!(faculty.listed(&format!("{path}?{query}"), key).await, expected, "{path}?{query}");
    }
    for path in ["departments", "programs", "courses", &outcomes, &los, &exams, &enrollments] {
        let refused = faculty.server.get(&format!("/api/{path}?sort=secret"), &faculty.teacher).await;
        let message = refused.body["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("sorts by ") && message.contains(", "), "{message}");
        assert_eq!(refused.problem(), problem(422, "invalid sort=unknown_sort"), "{path}");
    }
}
