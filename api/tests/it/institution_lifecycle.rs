//! An institution from its first administrator to its end.

use crate::server::{PASSWORD, Server, token};
use poem::http::Method;
use serde_json::{Value, json};

struct Ata {
    server: Server,
    owner: String,
    admin: String,
    path: String,
    admin_path: String,
}

impl Ata {
    async fn found() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let order = json!({ "name": "Atatürk", "admin": { "email": "admin@ata.edu.tr", "first_name": "Ada", "last_name": "Ak" } });
        let created = server.post("/api/institutions", &owner, order).await.expect(201);
        let path = format!("/api/institutions/{}", created["institution"]["id"]);
        Self {
            admin: server.settle(&created["admin"]).await,
            admin_path: format!("{path}/admins/{}", created["admin"]["id"]),
            path,
            server,
            owner,
        }
    }

    async fn act(&self, what: &str, status: u16) -> Value {
        let path = format!("{}/{what}", self.path);
        self.server.ask(Method::POST, &path, Some(&self.owner), None).await.expect(status)
    }
}

#[tokio::test]
async fn the_owner_changes_it_and_its_administrator_a_part_of_it() {
    let ata = Ata::found().await;
    let server = &ata.server;
    let read = server.get(&ata.path, &ata.owner).await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let headers = [("if-match", tag.as_str())];
    let change = json!({ "name": "Atatürk Üniversitesi", "institution_type": "faculty", "city": "Erzurum", "country": "TR" });
    let changed = server
        .ask_with(Method::PATCH, &ata.path, Some(&ata.owner), &headers, Some(change))
        .await;
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["name"], &changed["city"]),
        (&json!("Atatürk Üniversitesi"), &json!("Erzurum"))
    );
    let late = server
        .ask_with(Method::PATCH, &ata.path, Some(&ata.owner), &headers, Some(json!({ "city": null })))
        .await;
    assert_eq!(late.problem(), (412, "outdated".to_owned()));

    let own = server.get("/api/institution", &ata.admin).await.expect(200);
    assert_eq!(own, changed);
    let change = json!({ "time_zone": "Europe/Berlin", "website": "https://ata.edu.tr" });
    let changed = server.patch("/api/institution/", &ata.admin, change).await.expect(200);
    assert_eq!(
        (&changed["time_zone"], &changed["website"]),
        (&json!("Europe/Berlin"), &json!("https://ata.edu.tr"))
    );
    let renamed = server.patch("/api/institution", &ata.admin, json!({ "name": "Mine" })).await;
    assert_eq!(renamed.problem().0, 400, "its name is the owner's affair");
    let refused = server
        .patch("/api/institution", &ata.admin, json!({ "time_zone": "x", "contact_email": "y" }))
        .await;
    assert_eq!(
        refused.problem(),
        (422, "invalid time_zone=unknown_time_zone contact_email=invalid_email".to_owned())
    );
    assert_eq!(
        server.patch(&ata.path, &ata.admin, json!({ "name": "Mine" })).await.problem(),
        (403, "role_required".to_owned())
    );
    assert_eq!(
        server.get("/api/institution", &ata.owner).await.problem(),
        (403, "no_institution".to_owned())
    );
}

#[tokio::test]
async fn it_gets_more_administrators_and_one_that_is_locked_out_gets_in_again() {
    let ata = Ata::found().await;
    let server = &ata.server;
    let admins = format!("{}/admins", ata.path);
    let order = json!({ "email": "second@ata.edu.tr", "first_name": "Su", "last_name": "Er" });
    let answer = server.post(&admins, &ata.owner, order).await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let second = answer.expect(201);
    assert_eq!(server.get(&location, &ata.owner).await.expect(200), second);
    assert_eq!(server.get(&admins, &ata.owner).await.expect(200)["total"], 2);
    server.settle(&second).await;

    let reset = server
        .ask(Method::POST, &format!("{}/reset-access", ata.admin_path), Some(&ata.owner), None)
        .await
        .expect(200);
    assert_eq!(
        server.sign_in("admin@ata.edu.tr", PASSWORD).await.problem(),
        (401, "invalid_credentials".to_owned())
    );
    let mailed = server.mailed(reset["id"].as_i64().unwrap()).await;
    let first = server.sign_in("admin@ata.edu.tr", &mailed).await.expect(200);
    assert_eq!(first["must_change_password"], true);
    let change = json!({ "new_password": "another horse battery" });
    let changed = server.post("/api/auth/change-password", &token(&first), change).await.expect(200);
    let admin = token(&changed);

    let off = json!({ "is_active": false });
    server.patch(&location, &ata.owner, off.clone()).await.expect(200);
    assert_eq!(
        server.patch(&ata.admin_path, &ata.owner, off.clone()).await.problem(),
        (409, "last_administrator".to_owned())
    );
    let refused = server.patch(&location, &admin, off).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
    let order = json!({ "email": "x", "first_name": "x", "last_name": "y" });
    let refused = server.post(&admins, &admin, order).await;
    assert_eq!(refused.problem(), (403, "role_required".to_owned()));
}

#[tokio::test]
async fn while_it_is_suspended_nobody_of_it_gets_in() {
    let ata = Ata::found().await;
    let server = &ata.server;
    let tokens = server.sign_in("admin@ata.edu.tr", PASSWORD).await.expect(200);
    let suspended = ata.act("suspend", 200).await;
    assert_eq!(suspended["is_active"], false);
    assert!(suspended["suspended_at"].is_string());
    assert_eq!(
        server.sign_in("admin@ata.edu.tr", PASSWORD).await.problem(),
        (401, "invalid_credentials".to_owned())
    );
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let refused = server.ask(Method::POST, "/api/auth/refresh", None, Some(refresh.clone())).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    // An access token ends when the server looks at it again.
    let access = token(&tokens);
    acurate_shared::testing::until("the end of an access token", || async {
        let answer = server.get("/api/auth/me", &access).await;
        (answer.status.as_u16() == 401).then_some(())
    })
    .await;

    assert_eq!(ata.act("resume", 200).await["is_active"], true);
    server.ask(Method::POST, "/api/auth/refresh", None, Some(refresh)).await.expect(200);
    server.sign_in("admin@ata.edu.tr", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn its_end_is_counted_confirmed_accepted_and_cannot_be_taken_back() {
    let ata = Ata::found().await;
    let server = &ata.server;
    let dry = format!("{}?dry_run=true", ata.path);
    let counts = server.delete(&dry, &ata.owner).await.expect(200);
    assert_eq!((&counts["administrators"], &counts["students"]), (&json!(1), &json!(0)));
    assert!(counts["total"].as_i64().unwrap() >= 2, "an administrator and its mail: {counts}");
    let confirmed = format!("{}?confirm=Atat%C3%BCrk", ata.path);
    assert_eq!(
        server.delete(&confirmed, &ata.owner).await.problem(),
        (409, "institution_not_suspended".to_owned())
    );
    ata.act("suspend", 200).await;
    for query in ["", "?confirm=atat%C3%BCrk", "?confirm="] {
        let refused = server.delete(&format!("{}{query}", ata.path), &ata.owner).await;
        assert_eq!(refused.problem(), (422, "invalid confirm=does_not_match".to_owned()));
    }

    let accepted = server.delete(&confirmed, &ata.owner).await;
    let location = accepted.headers["location"].to_str().unwrap().to_owned();
    let job = accepted.expect(202);
    assert_eq!((&job["kind"], &job["state"]), (&json!("institution_deletion"), &json!("queued")));
    assert_eq!(server.get(&location, &ata.owner).await.expect(200)["id"], job["id"]);
    assert_eq!(server.delete(&confirmed, &ata.owner).await.expect(202)["id"], job["id"]);
    let resume = server
        .ask(Method::POST, &format!("{}/resume", ata.path), Some(&ata.owner), None)
        .await;
    assert_eq!(resume.problem(), (409, "institution_being_deleted".to_owned()));
    let listed = server.get("/api/institutions?is_active=false", &ata.owner).await.expect(200);
    assert!(listed["items"][0]["deletion_requested_at"].is_string());
}

#[tokio::test]
async fn its_life_is_nobody_elses_affair() {
    let ata = Ata::found().await;
    let server = &ata.server;
    for (method, path) in [
        (Method::POST, format!("{}/suspend", ata.path)),
        (Method::POST, format!("{}/resume", ata.path)),
        (Method::DELETE, format!("{}?dry_run=true", ata.path)),
        (Method::DELETE, format!("{}?confirm=Atat%C3%BCrk", ata.path)),
        (Method::GET, format!("{}/admins", ata.path)),
        (Method::POST, format!("{}/reset-access", ata.admin_path)),
    ] {
        let refused = server.ask(method, &path, Some(&ata.admin), None).await;
        assert_eq!(refused.problem(), (403, "role_required".to_owned()), "{path}");
        let anonymous = server.ask(Method::GET, &ata.path, None, None).await;
        assert_eq!(anonymous.status.as_u16(), 401);
    }
    let nowhere = server
        .ask(Method::POST, "/api/institutions/999999/suspend", Some(&ata.owner), None)
        .await;
    assert_eq!(nowhere.problem(), (404, "not_found".to_owned()));
}
