//! The weights of a course as tables.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn what_assessments_measure_is_read_and_replaced_as_a_table() {
    let faculty = Faculty::open().await;
    let exam = id(&faculty
        .make("assessments", json!({ "title": "Final", "assessment_type": "final", "weight": 60 }))
        .await);
    let quiz = id(&faculty
        .make("assessments", json!({ "title": "Quiz", "assessment_type": "quiz", "weight": 15.5 }))
        .await);
    let one = id(&faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await);
    let path = format!("/api/courses/{}/assessment-outcome-matrix", faculty.course);
    let cell = |assessment: i64, outcome: i64, weight: f64| json!({ "assessment_id": assessment, "learning_outcome_id": outcome, "weight": weight });
    let table = faculty
        .put(&path, &faculty.teacher, json!({ "cells": [cell(exam, one, 0.0)] }))
        .await
        .expect(200);
    let expected = json!({
        "course_id": faculty.course,
        "assessments": [
            { "id": exam, "title": "Final", "assessment_type": "final", "weight": 60.0, "is_active": true },
            { "id": quiz, "title": "Quiz", "assessment_type": "quiz", "weight": 15.5, "is_active": true },
        ],
        "learning_outcomes": [{ "id": one, "code": "LO1", "title": "One", "is_active": true }],
        "cells": [cell(exam, one, 0.0)],
        "checks": {
            "unmapped_assessments": [quiz],
            "unmapped_learning_outcomes": [],
            "zero_weight": [{ "assessment_id": exam, "learning_outcome_id": one }],
            "weight_total": 75.5,
        },
    });
    assert_eq!(table, expected);
    let wrong = json!({ "cells": [cell(quiz, one, 1.0), cell(quiz, one, 100.5), cell(0, 0, 1.0)] });
    let refused = faculty.put(&path, &faculty.teacher, wrong).await;
    let faults = "invalid cells[1].learning_outcome_id=duplicate cells[1].weight=out_of_range \
                  cells[2].assessment_id=unknown_assessment cells[2].learning_outcome_id=unknown_learning_outcome";
    assert_eq!(refused.problem(), problem(422, faults));
    assert_eq!(faculty.server.get(&path, &faculty.admin).await.expect(200), expected);
    let refused = faculty.put(&path, &faculty.rival, json!({ "cells": [] })).await;
    assert_eq!(refused.problem(), problem(404, "not_found"));
}

#[tokio::test]
async fn what_outcomes_serve_in_a_program_is_read_and_replaced_as_a_table() {
    let faculty = Faculty::open().await;
    let one = id(&faculty.make("learning-outcomes", json!({ "code": "LO1", "title": "One" })).await);
    let outcomes = format!("/api/programs/{}/outcomes", faculty.program);
    let po = faculty
        .server
        .post(&outcomes, &faculty.admin, json!({ "code": "PO1", "title": "Engineers" }))
        .await;
    let po = id(&po.expect(201));
    let bare = format!("/api/courses/{}/outcome-program-matrix", faculty.course);
    let path = format!("{bare}?program_id={}", faculty.program);
    let body = |weight: f64| json!({ "cells": [{ "learning_outcome_id": one, "program_outcome_id": po, "weight": weight }] });
    let table = faculty.put(&path, &faculty.teacher, body(2.5)).await.expect(200);
    assert_eq!(table["cells"], body(2.5)["cells"]);
    assert_eq!(table["program_outcomes"][0]["code"], "PO1");
    assert_eq!(
        table["checks"],
        json!({ "unmapped_learning_outcomes": [], "unmapped_program_outcomes": [] })
    );
    let refused = faculty.put(&path, &faculty.teacher, body(0.0)).await;
    assert_eq!(refused.problem(), problem(422, "invalid cells[0].weight=out_of_range"));
    assert_eq!(faculty.server.get(&path, &faculty.admin).await.expect(200), table);
    let unnamed = faculty.server.get(&bare, &faculty.admin).await;
    assert_eq!(unnamed.problem(), problem(400, "unreadable_request program_id=unreadable"));
    let foreign = faculty.server.get(&format!("{bare}?program_id=0"), &faculty.admin).await;
    assert_eq!(foreign.problem(), problem(404, "not_found"));
}
