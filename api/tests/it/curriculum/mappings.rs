//! Weights between assessments, learning outcomes and program outcomes.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn what_an_assessment_measures_is_read_and_replaced() {
    let faculty = Faculty::open().await;
    let exam = id(&faculty
        .make("assessments", json!({ "title": "Final", "assessment_type": "final", "weight": 60 }))
        .await);
    let one = id(&faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await);
    let two = id(&faculty.make("learning-outcomes", json!({ "code": "LO2", "title": "Two" })).await);
    let path = format!("/api/assessments/{exam}/learning-outcomes");
    assert_eq!(faculty.server.get(&path, &faculty.admin).await.expect(200), json!({ "items": [] }));
    let weight = |outcome: i64, weight: f64| json!({ "learning_outcome_id": outcome, "weight": weight });
    let body = json!({ "items": [weight(two, 33.33), weight(one, 0.0)] });
    let answer = faculty.put(&path, &faculty.teacher, body).await.expect(200);
    let expected = json!({ "items": [
        { "learning_outcome_id": one, "code": "LO1", "title": "One", "weight": 0.0 },
        { "learning_outcome_id": two, "code": "LO2", "title": "Two", "weight": 33.33 },
    ]});
    assert_eq!(answer, expected);
    assert_eq!(faculty.server.get(&path, &faculty.admin).await.expect(200), expected);

    let body = json!({ "items": [weight(one, 1.0), weight(one, 2.0), weight(0, 100.5)] });
    let refused = faculty.put(&path, &faculty.teacher, body).await;
    let wrong = "invalid items[1].learning_outcome_id=duplicate items[2].learning_outcome_id=unknown_learning_outcome \
                 items[2].weight=out_of_range";
    assert_eq!(refused.problem(), problem(422, wrong));
    let refused = faculty.put(&path, &faculty.rival, json!({ "items": [] })).await;
    assert_eq!(refused.problem(), problem(404, "not_found"));
    assert_eq!(faculty.server.get(&path, &faculty.admin).await.expect(200), expected);
}

#[tokio::test]
async fn what_a_learning_outcome_serves_is_read_and_replaced() {
    let faculty = Faculty::open().await;
    let lo = id(&faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await);
    let promise = format!("/api/programs/{}/outcomes", faculty.program);
    let po = faculty
        .server
        .post(&promise, &faculty.admin, json!({ "code": "PO1", "title": "Engineers" }))
        .await
        .expect(201);
    let path = format!("/api/learning-outcomes/{lo}/program-outcomes");
    let body = |weight: f64| json!({ "items": [{ "program_outcome_id": po["id"], "weight": weight }] });
    let expected = json!({ "items": [
        { "program_outcome_id": po["id"], "program_id": faculty.program, "code": "PO1", "title": "Engineers", "weight": 2.5 },
    ]});
    assert_eq!(faculty.put(&path, &faculty.teacher, body(2.5)).await.expect(200), expected);
    let refused = faculty.put(&path, &faculty.teacher, body(0.0)).await;
    assert_eq!(refused.problem(), problem(422, "invalid items[0].weight=out_of_range"));
    assert_eq!(faculty.server.get(&path, &faculty.admin).await.expect(200), expected);
    assert_eq!(faculty.server.get(&path, &faculty.rival).await.problem(), problem(404, "not_found"));
}
