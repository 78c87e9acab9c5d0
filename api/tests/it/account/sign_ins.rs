//! `/api/auth/sessions` and `/api/auth/sign-out-everywhere`.

use crate::server::{PASSWORD, Server, token};
use poem::http::Method;
use serde_json::{Value, json};

const ADMIN: &str = "admin@ata.edu.tr";
const PATH: &str = "/api/auth/sessions";

/// Signs in with a program of this name.
async fn sign_in(server: &Server, program: &str) -> Value {
    let body = json!({ "email": ADMIN, "password": PASSWORD });
    let headers = [("user-agent", program)];
    server
        .ask_with(Method::POST, "/api/auth/sign-in", None, &headers, Some(body))
        .await
        .expect(200)
}

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_which_one_this_is() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    sign_in(&server, "Telephone").await;
    let here = token(&sign_in(&server, "Laptop").await);

    let list = server.get(PATH, &here).await.expect(200);

    assert_eq!(list["total"], 3);
    let items = list["items"].as_array().unwrap();
    assert_eq!((&items[0]["user_agent"], &items[0]["current"]), (&"Laptop".into(), &true.into()));
    assert_eq!(
        (&items[1]["user_agent"], &items[1]["current"]),
        (&"Telephone".into(), &false.into())
    );
    assert!(
        items
            .iter()
            .all(|item| item["started_at"].is_string() && item["expires_at"].is_string())
    );
    let second = server.get(&format!("{PATH}?page=2&page_size=2"), &here).await.expect(200);
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_lost_telephone_is_signed_out_from_the_laptop() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    let telephone = sign_in(&server, "Telephone").await;
    let lost = token(&telephone);
    let here = token(&sign_in(&server, "Laptop").await);
    server.get("/api/auth/me", &lost).await.expect(200);
    let list = server.get(PATH, &here).await.expect(200);
    let entry = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["user_agent"] == "Telephone")
        .unwrap();
    let path = format!("{PATH}/{}", entry["id"].as_str().unwrap());

    server.ask(Method::DELETE, &path, Some(&here), None).await.expect(204);

    assert_eq!(server.get("/api/auth/me", &lost).await.problem(), (401, "session_ended".into()));
    let refresh = json!({ "refresh_token": telephone["refresh_token"] });
    let refresh = server.ask(Method::POST, "/api/auth/refresh", None, Some(refresh)).await;
    assert_eq!(refresh.problem(), (401, "session_ended".into()));
    server.get("/api/auth/me", &here).await.expect(200);
    let again = server.ask(Method::DELETE, &path, Some(&here), None).await;
    assert_eq!(again.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn nobody_ends_a_sign_in_of_somebody_else() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", ADMIN).await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let list = server.get(PATH, &admin).await.expect(200);
    let path = format!("{PATH}/{}", list["items"][0]["id"].as_str().unwrap());
    let refused = server.ask(Method::DELETE, &path, Some(&rival), None).await;
    assert_eq!(refused.problem(), (404, "not_found".into()));
    let unreadable = server.ask(Method::DELETE, &format!("{PATH}/7"), Some(&rival), None).await;
    assert_eq!(unreadable.problem().0, 400);
    server.get("/api/auth/me", &admin).await.expect(200);
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_at_once() {
    let server = Server::start().await;
    let first = server.admin("Atatürk", ADMIN).await;
    let second = token(&sign_in(&server, "Laptop").await);
    for token in [&first, &second] {
        server.get("/api/auth/me", token).await.expect(200);
    }
    server
        .ask(Method::POST, "/api/auth/sign-out-everywhere", Some(&second), None)
        .await
        .expect(204);
    for token in [&first, &second] {
        let refused = server.get("/api/auth/me", token).await;
        assert_eq!(refused.problem(), (401, "session_ended".into()));
    }
    sign_in(&server, "Laptop").await;
}
