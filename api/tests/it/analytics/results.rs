//! `/api/courses/{id}/analytics` and the outcome graph.

use super::fields;
use crate::gradebook::Gradebook;
use serde_json::json;

#[tokio::test]
async fn a_course_has_the_distribution_of_its_grades() {
    let book = Gradebook::class_of_five().await;
    let path = format!("/api/courses/{}/analytics", book.course);
    let found = book.server.get(&path, &book.teacher).await.expect(200);
    let grades = json!({
        "n": 5, "mean": 68.0, "median": 70.0, "standard_deviation": 17.2, "minimum": 40.0, "maximum": 90.0,
        "lower_quartile": 60.0, "upper_quartile": 80.0, "histogram": [0, 0, 0, 0, 1, 0, 1, 1, 1, 1],
    });
    assert_eq!(found["figures"]["grades"], grades);
    let paths = ["/complete", "/passed", "/pass_rate", "/outcome_mean", "/outcome_met_share"];
    assert_eq!(fields(&found["figures"], &paths), json!([1, 4, 80.0, 68.0, 80.0]));
    let paths = ["/title", "/excused", "/missing", "/scores/n"];
    let quiz = found["assessments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["assessment_id"] == book.quiz);
    assert_eq!(fields(quiz.unwrap(), &paths), json!(["quiz", 1, 4, 0]));
    let paths = ["/reached/mean", "/met", "/met_share", "/standing"];
    assert_eq!(
        fields(&found["learning_outcomes"][0]["outcome"], &paths),
        json!([68.0, 4, 80.0, "excellent"])
    );
    assert_eq!(fields(&found, &["/previous", "/own_grade"]), json!([null, null]));
}

#[tokio::test]
async fn a_course_is_compared_with_its_previous_offering() {
    let book = Gradebook::class_of_five().await;
    let earlier = "INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
        SELECT institution_id, department_id, code, title, credits, academic_year - 1, semester FROM courses RETURNING id";
    let earlier = book.server.number(earlier, []).await;
    let path = format!("/api/courses/{}/analytics", book.course);
    let found = book.server.get(&path, &book.admin).await.expect(200);
    let paths = ["/previous/figures/course/id", "/previous/figures/students", "/previous/mean_change"];
    assert_eq!(fields(&found, &paths), json!([earlier, 0, null]));
}

#[tokio::test]
async fn students_see_a_class_of_five_and_of_four_only_its_size() {
    let book = Gradebook::class_of_five().await;
    let ali = book.sign_in_student(book.students[0]).await;
    let path = format!("/api/courses/{}/analytics", book.course);
    let paths = ["/own_grade", "/figures/students", "/figures/pass_rate", "/figures/grades/mean"];
    let found = book.server.get(&path, &ali).await.expect(200);
    assert_eq!(fields(&found, &paths), json!([90.0, 5, 80.0, 68.0]));
    book.one_leaves().await;
    let found = book.server.get(&path, &ali).await.expect(200);
    assert_eq!(fields(&found, &paths), json!([90.0, 4, null, null]));
    assert_eq!(found["figures"]["grades"]["histogram"], json!([]));
    let found = book.server.get(&path, &book.teacher).await.expect(200);
    assert_eq!(fields(&found, &paths), json!([null, 4, 75.0, 70.0]), "staff sees it always");
}

#[tokio::test]
async fn a_course_is_its_teachers_and_no_colleagues() {
    let book = Gradebook::class_of_five().await;
    let colleague = book.colleague().await;
    let path = format!("/api/courses/{}/analytics", book.course);
    let refused = (403, "not_your_course".to_owned());
    assert_eq!(book.server.get(&path, &colleague).await.problem(), refused);
    let graph = format!("/api/students/{}/courses/{}/outcome-graph", book.students[0], book.course);
    assert_eq!(book.server.get(&graph, &colleague).await.problem(), refused);
    let rival = book.server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    for path in [&path, &graph] {
        assert_eq!(book.server.get(path, &rival).await.problem(), (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn the_graph_leads_from_the_exam_to_the_program_outcome() {
    let book = Gradebook::class_of_five().await;
    let [ali, veli] = book.students;
    let path = format!("/api/students/{ali}/courses/{}/outcome-graph", book.course);
    let graph = book.server.get(&path, &book.sign_in_student(ali).await).await.expect(200);
    assert_eq!(book.server.get(&path, &book.teacher).await.expect(200), graph);
    let exam = graph["assessments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["assessment_id"] == book.exam);
    assert_eq!(
        fields(exam.unwrap(), &["/status", "/score", "/percentage"]),
        json!(["scored", 90.0, 90.0])
    );
    let paths = ["/percentage", "/met", "/standing"];
    assert_eq!(
        fields(&graph["learning_outcomes"][0]["value"], &paths),
        json!([90.0, true, "excellent"])
    );
    assert_eq!(
        fields(&graph["program_outcomes"][0]["value"], &paths),
        json!([90.0, true, "excellent"])
    );
    let edge = |assessment: i64, share: Option<f64>| json!({ "assessment_id": assessment, "learning_outcome_id": book.learning_outcome, "weight": 50.0, "share": share });
    assert_eq!(graph["measures"], json!([edge(book.exam, Some(100.0)), edge(book.quiz, None)]));
    assert_eq!(graph["serves"][0]["share"], 100.0);
    let neighbour = book.server.get(&path, &book.sign_in_student(veli).await).await;
    assert_eq!(neighbour.problem(), (403, "not_yours".to_owned()));
    let nowhere = book
        .server
        .get(&format!("/api/students/{ali}/courses/0/outcome-graph"), &book.admin)
        .await;
    assert_eq!(nowhere.problem(), (404, "not_found".to_owned()));
}
