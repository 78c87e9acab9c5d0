//! `/api/departments` and `/api/programs`.

use super::{Faculty, id, problem};
use serde_json::json;

#[tokio::test]
async fn a_department_is_made_read_changed_and_emptied() {
    let faculty = Faculty::open().await;
    let order = json!({
        "code": "MATH", "name": "Matematik", "description": "Numbers", "contact_email": "MATH@ata.edu.tr", "contact_phone": "555",
    });
    let made = faculty
        .made_at("/api/departments/", &faculty.admin, order.clone(), "departments")
        .await;
    assert_eq!(made["contact_email"], "math@ata.edu.tr");
    let path = format!("/api/departments/{}", made["id"]);
    let change = json!({ "name": "Mathematics", "description": null });
    let changed = faculty.server.patch(&path, &faculty.admin, change).await.expect(200);
    assert_eq!((&changed["name"], &changed["code"]), (&json!("Mathematics"), &json!("MATH")));
    assert!(changed["description"].is_null() && changed["contact_phone"] == "555");
    let again = faculty.server.post("/api/departments", &faculty.admin, order).await;
    assert_eq!(again.problem(), problem(409, "code_in_use"));
}

#[tokio::test]
async fn departments_and_programs_are_listed_page_by_page() {
    let faculty = Faculty::open().await;
    let order = json!({ "code": "MATH", "name": "Matematik" });
    let math = id(&faculty.server.post("/api/departments", &faculty.admin, order).await.expect(201));
    let list = faculty
        .server
        .get("/api/departments?page=2&page_size=1", &faculty.teacher)
        .await
        .expect(200);
    assert_eq!(
        (&list["total"], &list["page"], &list["page_size"]),
        (&json!(2), &json!(2), &json!(1))
    );
    assert_eq!(list["items"][0]["code"], "MATH");
    for (query, total) in [
        (String::new(), 1),
        (format!("?department_id={math}"), 0),
        (format!("?department_id={}&is_active=true", faculty.department), 1),
        ("?is_active=false".to_owned(), 0),
    ] {
        let list = faculty
            .server
            .get(&format!("/api/programs{query}"), &faculty.teacher)
            .await
            .expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
}

#[tokio::test]
async fn a_program_is_made_and_its_name_and_state_change() {
    let faculty = Faculty::open().await;
    let order = json!({ "department_id": faculty.department, "code": "MSC", "name": "MSc" });
    let made = faculty.made_at("/api/programs", &faculty.admin, order.clone(), "programs").await;
    assert_eq!(made["is_active"], true);
    let path = format!("/api/programs/{}", made["id"]);
    let change = json!({ "name": "Master", "is_active": false });
    let changed = faculty.server.patch(&path, &faculty.admin, change).await.expect(200);
    assert_eq!((&changed["name"], &changed["is_active"]), (&json!("Master"), &json!(false)));
    let again = faculty.server.post("/api/programs", &faculty.admin, order).await;
    assert_eq!(again.problem(), problem(409, "code_in_use"));
    let wrong = json!({ "department_id": 0, "code": "", "name": "X" });
    let refused = faculty.server.post("/api/programs", &faculty.admin, wrong).await;
    assert_eq!(
        refused.problem(),
        problem(422, "invalid department_id=unknown_department code=required")
    );
}

#[tokio::test]
async fn they_are_written_by_administrators_and_hidden_from_other_institutions() {
    let faculty = Faculty::open().await;
    for path in [
        format!("/api/departments/{}", faculty.department),
        format!("/api/programs/{}", faculty.program),
    ] {
        assert_eq!(faculty.server.get(&path, &faculty.rival).await.problem(), problem(404, "not_found"));
        let change = json!({ "name": "Mine" });
        let refused = faculty.server.patch(&path, &faculty.rival, change.clone()).await;
        assert_eq!(refused.problem(), problem(404, "not_found"));
        let refused = faculty.server.patch(&path, &faculty.teacher, change).await;
        assert_eq!(refused.problem(), problem(403, "role_required"));
        let owner = faculty.server.owner().await;
        assert_eq!(faculty.server.get(&path, &owner).await.problem(), problem(403, "no_institution"));
    }
    let order = json!({ "code": "X", "name": "X" });
    let refused = faculty.server.post("/api/departments", &faculty.teacher, order).await;
    assert_eq!(refused.problem(), problem(403, "role_required"));
}
