//! `/api/contact-requests`.

use crate::server::Server;
use poem::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_visitor_asks_and_the_owner_works_it_off() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let order = json!({
        "institution_name": "Ege", "institution_type": "university", "contact_name": "Conan O'Neil", "contact_email": "C@ege.edu.tr",
        "request_type": "demo", "message": "Bizim data: <b>\nevet",
    });
    let answer = server.ask(Method::POST, "/api/contact-requests", None, Some(order.clone())).await;
    let path = answer.headers["location"].to_str().unwrap().to_owned();
    let receipt = answer.expect(201);
    assert_eq!(
        receipt.as_object().unwrap().len(),
        2,
        "a visitor learns number and time only: {receipt}"
    );
    let again = server
        .ask(Method::POST, "/api/contact-requests/", None, Some(order))
        .await
        .expect(201);
    assert_eq!(again, receipt);

    let read = server.get(&path, &owner).await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let read = read.expect(200);
    assert_eq!(
        (&read["contact_name"], &read["message"]),
        (&json!("Conan O'Neil"), &json!("Bizim data: <b>\nevet"))
    );
    assert_eq!(read["status"], "pending");
    let headers = [("if-match", tag.as_str())];
    let change = json!({ "status": "demo_scheduled", "notes": "Salı" });
    let changed = server
        .ask_with(Method::PATCH, &path, Some(&owner), &headers, Some(change.clone()))
        .await
        .expect(200);
    assert_eq!((&changed["status"], &changed["notes"]), (&json!("demo_scheduled"), &json!("Salı")));
    let late = server.ask_with(Method::PATCH, &path, Some(&owner), &headers, Some(change)).await;
    assert_eq!(late.problem(), (412, "outdated".to_owned()));
    for (query, total) in [
        ("?search=EGE&status=demo_scheduled", 1),
        ("?status=pending", 0),
        ("?sort=-status&request_type=demo", 1),
    ] {
        let list = server.get(&format!("/api/contact-requests{query}"), &owner).await.expect(200);
        assert_eq!(list["total"], total, "{query}");
    }

    let refused = server.delete(&path, &owner).await;
    assert_eq!(refused.problem(), (409, "contact_request_not_archived".to_owned()));
    server.patch(&path, &owner, json!({ "status": "archived" })).await.expect(200);
    assert_eq!(server.delete(&path, &owner).await.status, 204);
    assert_eq!(server.get(&path, &owner).await.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_bad_request_says_what_is_wrong_with_each_field() {
    let server = Server::start().await;
    let order = json!({
        "institution_name": " ", "institution_type": "school", "contact_name": "x", "contact_email": "nobody", "request_type": "general",
    });
    let refused = server.ask(Method::POST, "/api/contact-requests", None, Some(order)).await;
    assert_eq!(
        refused.problem(),
        (422, "invalid institution_name=required contact_email=invalid_email".to_owned())
    );
    let unknown = json!({ "institution_name": "x", "institution_type": "moon base", "contact_name": "x", "contact_email": "a@b.edu", "request_type": "demo" });
    let refused = server.ask(Method::POST, "/api/contact-requests", None, Some(unknown)).await;
    assert_eq!(refused.problem().0, 400);
}

#[tokio::test]
async fn others_neither_read_nor_change_them() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let refused = server.get("/api/contact-requests", &admin).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    let refused = server
        .patch("/api/contact-requests/1", &admin, json!({ "status": "archived" }))
        .await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    let anonymous = server.ask(Method::GET, "/api/contact-requests", None, None).await;
    assert_eq!(anonymous.status.as_u16(), 401);
}
