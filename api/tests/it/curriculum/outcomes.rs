//! Program outcomes and learning outcomes.

use super::{Faculty, problem};
use serde_json::json;

#[tokio::test]
async fn outcomes_of_programs_and_courses_are_made_read_and_changed_alike() {
    let faculty = Faculty::open().await;
    for (parent, resource) in [
        (format!("/api/programs/{}/outcomes", faculty.program), "program-outcomes"),
        (format!("/api/courses/{}/learning-outcomes", faculty.course), "learning-outcomes"),
    ] {
        let order = json!({ "code": "O1", "title": "Designs systems", "target_percentage": 66.67, "description": "Well" });
        let made = faculty.made_at(&parent, &faculty.admin, order.clone(), resource).await;
        assert_eq!((&made["target_percentage"], &made["is_active"]), (&json!(66.67), &json!(true)));
        let plain = json!({ "code": "O0", "title": "Builds systems" });
        let plain = faculty.server.post(&parent, &faculty.admin, plain).await.expect(201);
        assert_eq!(plain["target_percentage"], 70.0);
        let list = faculty.server.get(&parent, &faculty.teacher).await.expect(200);
        assert_eq!(list["items"], json!([plain, made]));

        let path = format!("/api/{resource}/{}", made["id"]);
        let change = json!({ "description": null, "target_percentage": 50, "is_active": false });
        let changed = faculty.server.patch(&path, &faculty.admin, change).await.expect(200);
        assert!(changed["description"].is_null() && changed["title"] == "Designs systems");
        assert_eq!(
            (&changed["target_percentage"], &changed["is_active"]),
            (&json!(50.0), &json!(false))
        );

        let again = faculty.server.post(&parent, &faculty.admin, order).await;
        assert_eq!(again.problem(), problem(409, "code_in_use"));
        let refused = faculty
            .server
            .patch(&path, &faculty.admin, json!({ "target_percentage": 33.333 }))
            .await;
        assert_eq!(refused.problem(), problem(422, "invalid target_percentage=too_precise"));
        for hidden in [&path, &parent] {
            assert_eq!(
                faculty.server.get(hidden, &faculty.rival).await.problem(),
                problem(404, "not_found")
            );
        }
        let refused = faculty.server.patch(&path, &faculty.rival, json!({ "code": "X" })).await;
        assert_eq!(refused.problem(), problem(404, "not_found"));
    }
}

#[tokio::test]
async fn a_teacher_writes_the_outcomes_of_its_course_but_not_those_of_a_program() {
    let faculty = Faculty::open().await;
    let order = json!({ "code": "O1", "title": "Designs systems" });
    faculty.make("learning-outcomes", order.clone()).await;
    let path = format!("/api/programs/{}/outcomes", faculty.program);
    let refused = faculty.server.post(&path, &faculty.teacher, order.clone()).await;
    assert_eq!(refused.problem(), problem(403, "role_required"));
    let other = faculty
        .server
        .post("/api/courses", &faculty.admin, faculty.new_course("CENG102"))
        .await
        .expect(201);
    let path = format!("/api/courses/{}/learning-outcomes", other["id"]);
    let refused = faculty.server.post(&path, &faculty.teacher, order).await;
    assert_eq!(refused.problem(), problem(403, "not_your_course"));
}
