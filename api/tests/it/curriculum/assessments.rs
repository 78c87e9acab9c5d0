//! Assessments.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn an_assessment_is_made_read_and_changed() {
    let faculty = Faculty::open().await;
    let ranges = json!([
        { "min_percentage": 0.0, "max_percentage": 49.99, "feedback": "Again" },
        { "min_percentage": 50.0, "max_percentage": 100.0, "feedback": "Good" },
    ]);
    let order = json!({
        "title": "Vize", "assessment_type": "midterm", "weight": 12.5, "max_score": 60.25, "due_date": "2025-01-10T12:00:00+03:00",
        "feedback_ranges": ranges,
    });
    let path = format!("/api/courses/{}/assessments", faculty.course);
    let made = faculty.made_at(&path, &faculty.teacher, order.clone(), "assessments").await;
    assert_eq!((&made["weight"], &made["max_score"]), (&json!(12.5), &json!(60.25)));
    assert_eq!((&made["feedback_ranges"], &made["course_id"]), (&ranges, &json!(faculty.course)));
    assert_eq!(made["due_date"].as_str().unwrap().get(..19), Some("2025-01-10T09:00:00"));
    let again = faculty.server.post(&path, &faculty.teacher, order).await;
    assert_eq!(again.problem(), problem(409, "title_in_use"));

    let one = format!("/api/assessments/{}", made["id"]);
    let change = json!({ "due_date": null, "weight": 100, "feedback_ranges": [], "is_active": false });
    let changed = faculty.server.patch(&one, &faculty.teacher, change).await.expect(200);
    assert!(changed["due_date"].is_null() && changed["title"] == "Vize");
    assert_eq!((&changed["weight"], &changed["is_active"]), (&json!(100.0), &json!(false)));
    assert_eq!(
        faculty.server.get(&path, &faculty.admin).await.expect(200)["items"],
        json!([changed])
    );
    assert_eq!(faculty.server.get(&one, &faculty.rival).await.problem(), problem(404, "not_found"));
}

#[tokio::test]
async fn every_fault_is_named_by_its_place() {
    let faculty = Faculty::open().await;
    let order = json!({
        "title": "", "assessment_type": "quiz", "weight": -1, "max_score": 0,
        "feedback_ranges": [
            { "min_percentage": 0, "max_percentage": 60, "feedback": "Again" },
            { "min_percentage": 50, "max_percentage": 100, "feedback": "" },
            { "min_percentage": 59, "max_percentage": 70, "feedback": "Hm" },
        ],
    });
    let path = format!("/api/courses/{}/assessments", faculty.course);
    let refused = faculty.server.post(&path, &faculty.teacher, order).await;
    let expected = "invalid title=required weight=out_of_range max_score=out_of_range \
                    feedback_ranges[1].feedback=required feedback_ranges[2]=overlapping_range";
    assert_eq!(refused.problem(), problem(422, expected));
}

#[tokio::test]
async fn a_maximum_stays_above_the_scores_that_were_given() {
    let faculty = Faculty::open().await;
    let student = id(&faculty.student("0001").await);
    faculty.make("enrollments", json!({ "student_id": student })).await;
    let exam = faculty
        .make("assessments", json!({ "title": "Final", "assessment_type": "final", "weight": 60 }))
        .await;
    let grade = format!("/api/assessments/{}/grades/{student}", exam["id"]);
    faculty.put(&grade, &faculty.teacher, json!({ "score": 80.5 })).await.expect(200);
    let path = format!("/api/assessments/{}", exam["id"]);
    let refused = faculty.server.patch(&path, &faculty.teacher, json!({ "max_score": 80 })).await;
    assert_eq!(refused.problem(), problem(409, "max_score_below_grades"));
    let changed = faculty.server.patch(&path, &faculty.teacher, json!({ "max_score": 80.5 })).await;
    assert_eq!(changed.expect(200)["max_score"], 80.5);
}

#[tokio::test]
async fn a_grade_shows_whose_words_it_holds() {
    let faculty = Faculty::open().await;
    let range = |min: f64, max: f64, feedback: &str| json!({ "min_percentage": min, "max_percentage": max, "feedback": feedback });
    let mut order = json!({ "title": "Final", "assessment_type": "final", "weight": 60, "feedback_complete": true });
    order["feedback_ranges"] = json!([range(0.0, 49.0, "Try again"), range(50.0, 100.0, "Well done")]);
    let path = format!("/api/courses/{}/assessments", faculty.course);
    let refused = faculty.server.post(&path, &faculty.teacher, order.clone()).await;
    assert_eq!(refused.problem(), problem(422, "invalid feedback_ranges=incomplete"));
    order["feedback_ranges"][0]["max_percentage"] = json!(50.0);
    let made = faculty.make("assessments", order).await;
    assert_eq!(made["feedback_complete"], true);
    let student = faculty.student("0001").await;
    faculty.make("enrollments", json!({ "student_id": id(&student) })).await;
    let cell = format!("/api/assessments/{}/grades/{}", made["id"], student["id"]);
    let put = async |body| {
        let grade = faculty.put(&cell, &faculty.teacher, body).await.expect(200);
        (grade["feedback"].clone(), grade["feedback_by_range"].clone())
    };
    assert_eq!(put(json!({ "score": 49.5 })).await, (json!("Try again"), json!(true)));
    assert_eq!(put(json!({ "score": 50 })).await, (json!("Well done"), json!(true)));
    assert_eq!(
        put(json!({ "score": 50, "feedback": "Bravo" })).await,
        (json!("Bravo"), json!(false))
    );
    let book = format!("/api/courses/{}/grades", faculty.course);
    let line = faculty.server.get(&book, &faculty.teacher).await.expect(200)["items"][0]["grades"][0].clone();
    assert_eq!((&line["feedback"], &line["feedback_by_range"]), (&json!("Bravo"), &json!(false)));
}
