//! `/api/teachers`.

use crate::server::Server;
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
