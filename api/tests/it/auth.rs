//! `/api/auth`.

use crate::server::{PASSWORD, Server, token};
use acurate_shared::testing::until;
use poem::http::Method;
use serde_json::{Value, json};

const ADMIN: &str = "admin@ata.edu.tr";

async fn refresh(server: &Server, tokens: &Value) -> crate::server::Answer {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    server.ask(Method::POST, "/api/auth/refresh/", None, Some(body)).await
}

#[tokio::test]
async fn a_sign_in_answers_with_tokens_and_the_account() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;

    let answer = server.sign_in("Admin@ATA.edu.tr", PASSWORD).await;

    assert_eq!(answer.headers["cache-control"], "no-store");
    let tokens = answer.expect(200);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 900);
    assert_eq!(tokens["must_change_password"], false);
    assert_eq!(tokens["user"]["email"], ADMIN);
    assert_eq!(tokens["user"]["role"], "institution_admin");
    assert_eq!(tokens["user"]["institution_name"], "Atatürk");
    assert_eq!(tokens["user"]["locale"], "tr");
    let me = server.get("/api/auth/me", &token(&tokens)).await.expect(200);
    assert_eq!(me, tokens["user"]);
}

#[tokio::test]
async fn a_refused_sign_in_says_one_thing_only() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    let wrong = server.sign_in(ADMIN, "wrong").await;
    let unknown = server.sign_in("nobody@ata.edu.tr", "wrong").await;
    assert_eq!(wrong.body["detail"], unknown.body["detail"]);
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
    assert_eq!(wrong.problem(), (401, "invalid_credentials".to_owned()));
    assert_eq!(unknown.problem(), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn an_unreadable_sign_in_is_told_what_is_missing() {
    let server = Server::start().await;
    let answer = server
        .ask(Method::POST, "/api/auth/sign-in", None, Some(json!({ "email": ADMIN })))
        .await;
    let (status, problem) = answer.problem();
    assert_eq!(status, 400);
    assert!(problem.starts_with("unreadable_request"), "{problem}");
}

#[tokio::test]
async fn the_token_of_a_temporary_password_changes_it_and_does_nothing_else() {
    let server = Server::start().await;
    let order = json!({ "name": "Atatürk", "admin": { "email": ADMIN, "first_name": "Ada", "last_name": "Ak" } });
    let created = server.post("/api/institutions", &server.owner().await, order).await.expect(201);
    let mailed = server.mailed(created["admin"]["id"].as_i64().unwrap()).await;

    let tokens = server.sign_in(ADMIN, &mailed).await.expect(200);
    assert_eq!(tokens["must_change_password"], true);
    assert_eq!(tokens["refresh_token"], Value::Null);
    let first = token(&tokens);
    for path in ["/api/auth/me", "/api/teachers", "/api/students"] {
        let refused = server.get(path, &first).await;
        assert_eq!(refused.problem(), (403, "password_change_required".to_owned()), "{path}");
    }
    let weak = server
        .post("/api/auth/change-password", &first, json!({ "new_password": "admin" }))
        .await;
    assert_eq!(
        weak.problem(),
        (
            422,
            "invalid new_password=password_too_short new_password=password_equals_email".to_owned()
        )
    );

    let settled = server
        .post("/api/auth/change-password", &first, json!({ "new_password": PASSWORD }))
        .await
        .expect(200);
    assert_eq!(settled["must_change_password"], false);
    server.get("/api/auth/me", &token(&settled)).await.expect(200);
    let again = server
        .post("/api/auth/change-password", &first, json!({ "new_password": PASSWORD }))
        .await;
    assert_eq!(again.problem(), (401, "session_ended".to_owned()));
    assert_eq!(
        server.sign_in(ADMIN, &mailed).await.problem(),
        (401, "invalid_credentials".to_owned())
    );
}

#[tokio::test]
async fn signing_out_ends_the_token_of_a_temporary_password_too() {
    let server = Server::start().await;
    let order = json!({ "name": "Atatürk", "admin": { "email": ADMIN, "first_name": "Ada", "last_name": "Ak" } });
    let created = server.post("/api/institutions", &server.owner().await, order).await.expect(201);
    let mailed = server.mailed(created["admin"]["id"].as_i64().unwrap()).await;
    let first = token(&server.sign_in(ADMIN, &mailed).await.expect(200));

    server.ask(Method::POST, "/api/auth/sign-out", Some(&first), None).await.expect(204);

    let late = server
        .post("/api/auth/change-password", &first, json!({ "new_password": PASSWORD }))
        .await;
    assert_eq!(late.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    let first = server.sign_in(ADMIN, PASSWORD).await.expect(200);

    let second = refresh(&server, &first).await.expect(200);
    server.get("/api/auth/me", &token(&second)).await.expect(200);
    assert_eq!(refresh(&server, &first).await.problem(), (401, "refresh_token_reused".to_owned()));
    assert_eq!(refresh(&server, &second).await.problem(), (401, "session_ended".to_owned()));
    until("the access token to be refused", || async {
        (server.get("/api/auth/me", &token(&second)).await.status == 401).then_some(())
    })
    .await;

    let nonsense = refresh(&server, &json!({ "refresh_token": "nonsense" })).await;
    assert_eq!(nonsense.problem(), (401, "invalid_refresh_token".to_owned()));
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    let tokens = server.sign_in(ADMIN, PASSWORD).await.expect(200);
    server.get("/api/auth/me", &token(&tokens)).await.expect(200);

    server
        .ask(Method::POST, "/api/auth/sign-out", Some(&token(&tokens)), None)
        .await
        .expect(204);

    let refused = server.get("/api/auth/me", &token(&tokens)).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
    assert_eq!(refresh(&server, &tokens).await.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn a_change_of_password_needs_the_current_one() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", ADMIN).await;
    let path = "/api/auth/change-password";
    for (body, expected) in [
        (
            json!({ "new_password": "another horse battery" }),
            "invalid current_password=required",
        ),
        (
            json!({ "current_password": "wrong", "new_password": "another horse battery" }),
            "invalid current_password=wrong_password",
        ),
        (
            json!({ "current_password": PASSWORD, "new_password": PASSWORD }),
            "invalid new_password=password_reused",
        ),
    ] {
        assert_eq!(server.post(path, &admin, body).await.problem(), (422, expected.to_owned()));
    }
    let body = json!({ "current_password": PASSWORD, "new_password": "another horse battery" });
    let tokens = server.post(path, &admin, body).await.expect(200);
    server.get("/api/auth/me", &token(&tokens)).await.expect(200);
    let old = server.get("/api/auth/me", &admin).await;
    assert_eq!(old.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn without_a_good_token_nothing_is_shown() {
    let server = Server::start().await;
    let bare = server.ask(Method::GET, "/api/auth/me", None, None).await;
    assert_eq!(bare.problem(), (401, "not_signed_in".to_owned()));
    let forged = server.get("/api/auth/me", "a.b.c").await;
    assert_eq!(forged.problem(), (401, "invalid_token".to_owned()));
}
