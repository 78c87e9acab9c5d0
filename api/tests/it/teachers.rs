//! `/api/teachers`.

use crate::server::{PASSWORD, Server};
use poem::http::Method;
use serde_json::json;

#[tokio::test]
async fn an_administrator_makes_finds_and_lists_them() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let department = "INSERT INTO departments (institution_id, code, name) SELECT id, 'CENG', 'CENG' FROM institutions RETURNING id";
    let department = server.number(department, []).await;
    let order = json!({ "email": "T@ata.edu.tr", "first_name": "Ali", "last_name": "Çelik", "department_id": department });

    let answer = server.post("/api/teachers/", &admin, order.clone()).await;

    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let teacher = answer.expect(201);
    assert_eq!(location, format!("/api/teachers/{}", teacher["id"]));
    assert_eq!(teacher["email"], "t@ata.edu.tr");
    assert_eq!(teacher["department_id"], department);
    assert_eq!(server.get(&location, &admin).await.expect(200), teacher);
    for (query, total) in [
        ("", 1),
        ("?search=ali%20%C3%A7", 1),
        ("?is_active=false", 0),
        ("?department_id=0", 0),
    ] {
        let list = server.get(&format!("/api/teachers{query}"), &admin).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }
    let again = server.post("/api/teachers", &admin, order).await;
    assert_eq!(again.problem(), (409, "email_in_use".to_owned()));
}

#[tokio::test]
async fn they_are_hidden_from_other_institutions_and_from_teachers() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let order = json!({ "email": "t@ata.edu.tr", "first_name": "Ali", "last_name": "Çelik" });
    let teacher = server.post("/api/teachers", &admin, order).await.expect(201);
    let path = format!("/api/teachers/{}", teacher["id"]);

    assert_eq!(server.get(&path, &rival).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(server.get("/api/teachers", &rival).await.expect(200)["total"], 0);
    let own = server.settle(&teacher).await;
    assert_eq!(server.get(&path, &own).await.problem(), (403, "role_required".to_owned()));
    let refused = server.post(
        "/api/teachers",
        &admin,
        json!({ "email": "x", "first_name": "A", "last_name": "B", "department_id": 0 }),
    );
    assert_eq!(
        refused.await.problem(),
        (422, "invalid email=invalid_email department_id=unknown_department".to_owned())
    );
}

#[tokio::test]
async fn they_are_changed_deactivated_and_without_courses_deleted() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let order = json!({ "email": "t@ata.edu.tr", "first_name": "Ali", "last_name": "Çelik", "phone": "555" });
    let teacher = server.post("/api/teachers", &admin, order).await.expect(201);
    let path = format!("/api/teachers/{}", teacher["id"]);
    server.settle(&teacher).await;

    let read = server.get(&path, &admin).await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let change = json!({ "first_name": "Veli", "phone": null, "is_active": false });
    let headers = [("if-match", tag.as_str())];
    let changed = server
        .ask_with(Method::PATCH, &path, Some(&admin), &headers, Some(change.clone()))
        .await;
    assert_ne!(changed.headers["etag"].to_str().unwrap(), tag);
    let changed = changed.expect(200);
    assert_eq!((&changed["first_name"], &changed["last_name"]), (&json!("Veli"), &json!("Çelik")));
    assert_eq!((&changed["phone"], &changed["is_active"]), (&json!(null), &json!(false)));
    let late = server.ask_with(Method::PATCH, &path, Some(&admin), &headers, Some(change)).await;
    assert_eq!(late.problem(), (412, "outdated".to_owned()));
    let refused = server.sign_in("t@ata.edu.tr", PASSWORD).await;
    assert_eq!(refused.problem(), (401, "invalid_credentials".to_owned()));

    let department = json!({ "code": "CENG", "name": "CENG" });
    let department = server.post("/api/departments", &admin, department).await.expect(201);
    let course = "
        INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
        SELECT institution_id, $1, id, 'C1', 'Course', 5, 2024, 'fall' FROM users WHERE id = $2 RETURNING id";
    let values = [department["id"].as_i64().into(), teacher["id"].as_i64().into()];
    let course = server.number(course, values).await;
    let refused = server.delete(&path, &admin).await;
    assert!(refused.body["detail"].as_str().unwrap().contains("1 course;"), "{}", refused.body);
    assert_eq!(refused.problem(), (409, "teacher_has_courses".to_owned()));
    server.execute("DELETE FROM courses WHERE id = $1", [course.into()]).await;
    assert_eq!(server.delete(&path, &admin).await.status, 204);
    assert_eq!(server.get(&path, &admin).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn nobody_else_changes_or_deletes_them() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let order = json!({ "email": "t@ata.edu.tr", "first_name": "Ali", "last_name": "Çelik" });
    let teacher = server.post("/api/teachers", &admin, order).await.expect(201);
    let path = format!("/api/teachers/{}", teacher["id"]);
    let own = server.settle(&teacher).await;
    for (token, expected) in [
        (&rival, (404, "not_found".to_owned())),
        (&own, (403, "role_required".to_owned())),
        (&server.owner().await, (403, "role_required".to_owned())),
    ] {
        assert_eq!(server.patch(&path, token, json!({ "is_active": false })).await.problem(), expected);
        assert_eq!(server.delete(&path, token).await.problem(), expected);
    }
    assert_eq!(server.get(&path, &admin).await.expect(200)["is_active"], true);
}
