//! `/api/institutions`.

use crate::server::Server;
use serde_json::json;

#[tokio::test]
async fn the_super_admin_makes_finds_and_lists_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let order = json!({
        "name": "Cambridge", "locale": "en", "time_zone": "Europe/London",
        "institution_type": "university", "city": "Cambridge", "country": "gb", "website": "https://www.cam.ac.uk",
        "address": "Trinity Lane\nCB2 1TN", "contact_email": "Info@cam.ac.uk", "contact_phone": "+44 1223 337733", "description": "Old.",
        "admin": { "email": "dean@cam.ac.uk", "first_name": "Dee", "last_name": "Dean", "phone": "+44 1223" },
    });

    let answer = server.post("/api/institutions", &owner, order.clone()).await;

    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let created = answer.expect(201);
    assert_eq!(location, format!("/api/institutions/{}", created["institution"]["id"]));
    assert_eq!(created["institution"]["locale"], "en");
    assert_eq!(created["institution"]["time_zone"], "Europe/London");
    assert_eq!(created["institution"]["is_active"], true);
    assert_eq!(created["admin"]["email"], "dean@cam.ac.uk");
    assert_eq!(created["admin"]["phone"], "+44 1223");
    assert_eq!(created["institution"]["country"], "GB");
    assert_eq!(created["institution"]["address"], "Trinity Lane\nCB2 1TN");
    assert_eq!(created["institution"]["contact_email"], "info@cam.ac.uk");
    let found = server.get(&location, &owner).await.expect(200);
    for (field, value) in created["institution"].as_object().unwrap() {
        assert_eq!(found[field], *value, "{field}");
    }
    let sizes = json!({ "administrators": 1, "teachers": 0, "students": 0, "courses": 0 });
    assert_eq!((&found["sizes"], &found["admins_last_sign_in_at"]), (&sizes, &json!(null)));
    let mails = "SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email'";
    assert_eq!(server.number(mails, []).await, 1);

    let list = server.get("/api/institutions/?search=camb&page_size=5", &owner).await.expect(200);
    assert_eq!(list, json!({ "items": [found], "page": 1, "page_size": 5, "total": 1 }));
    let again = server.post("/api/institutions", &owner, order).await;
    assert_eq!(again.problem(), (409, "name_in_use".to_owned()));
}

#[tokio::test]
async fn every_fault_is_named() {
    let server = Server::start().await;
    let order =
        json!({ "name": "", "time_zone": "Mars/Base", "country": "Mars", "admin": { "email": "x", "first_name": "", "last_name": "y" } });
    let refused = server.post("/api/institutions", &server.owner().await, order).await;
    assert_eq!(
        refused.problem(),
        (
            422,
            "invalid name=required time_zone=unknown_time_zone country=invalid_country admin.email=invalid_email admin.first_name=required"
                .to_owned()
        )
    );
}

#[tokio::test]
async fn an_administrator_sees_its_own_and_makes_none() {
    let server = Server::start().await;
    let ata = server.admin("Atatürk", "admin@ata.edu.tr").await;
    server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let id = |name: &'static str| server.number("SELECT id FROM institutions WHERE name = $1", [name.into()]);
    let (own, other) = (id("Atatürk").await, id("Boğaziçi").await);

    let found = server.get(&format!("/api/institutions/{own}"), &ata).await.expect(200);
    assert_eq!(found["name"], "Atatürk");
    let hidden = server.get(&format!("/api/institutions/{other}"), &ata).await;
    assert_eq!(hidden.problem(), (404, "not_found".to_owned()));
    let bad = server.get("/api/institutions/x", &ata).await.problem();
    assert_eq!(bad.0, 400);
    assert_eq!(
        server.get("/api/institutions", &ata).await.problem(),
        (403, "role_required".to_owned())
    );
    let order = json!({ "name": "Mine", "admin": { "email": "a@b.edu", "first_name": "A", "last_name": "B" } });
    let refused = server.post("/api/institutions", &ata, order).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
}
