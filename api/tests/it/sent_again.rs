//! `Idempotency-Key`: a creating request that is sent again.

use crate::server::{Answer, Server};
use futures::future::join_all;
use poem::http::Method;
use serde_json::{Value, json};

fn department(code: &str) -> Value {
    json!({ "code": code, "name": code })
}

async fn post(server: &Server, token: &str, key: &str, body: Value) -> Answer {
    let headers = [("idempotency-key", key)];
    server
        .ask_with(Method::POST, "/api/departments", Some(token), &headers, Some(body))
        .await
}

async fn departments(server: &Server, token: &str) -> Value {
    server.get("/api/departments", token).await.expect(200)["total"].clone()
}

#[tokio::test]
async fn it_does_nothing_and_gets_the_first_answer_again() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let first = post(&server, &admin, "one", department("CENG")).await;
    assert!(first.headers.get("idempotency-replayed").is_none());

    let again = post(&server, &admin, "one", department("CENG")).await;

    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.headers["location"], first.headers["location"]);
    assert_eq!(again.expect(201), first.expect(201));
    assert_eq!(departments(&server, &admin).await, 1);
    post(&server, &admin, "two", department("MATH")).await.expect(201);
    assert_eq!(departments(&server, &admin).await, 2);
}

#[tokio::test]
async fn ten_at_once_make_one_thing_and_all_get_its_answer() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let answers = join_all((0..10).map(|_| post(&server, &admin, "one", department("CENG")))).await;
    let bodies: Vec<Value> = answers.into_iter().map(|answer| answer.expect(201)).collect();
    assert!(bodies.iter().all(|body| body == &bodies[0]));
    assert_eq!(departments(&server, &admin).await, 1);
}

#[tokio::test]
async fn a_key_that_is_used_for_something_else_is_refused() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    post(&server, &admin, "one", department("CENG")).await.expect(201);
    let other = post(&server, &admin, "one", department("MATH")).await;
    assert_eq!(other.problem(), (422, "invalid Idempotency-Key=idempotency_key_reused".into()));
    let endless = post(&server, &admin, &"x".repeat(256), department("MATH")).await;
    assert_eq!(endless.problem(), (400, "unreadable_idempotency_key".into()));
    assert_eq!(departments(&server, &admin).await, 1);
}

#[tokio::test]
async fn keys_of_two_users_have_nothing_to_do_with_each_other() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let mine = post(&server, &admin, "one", department("CENG")).await.expect(201);
    let theirs = post(&server, &rival, "one", department("CENG")).await.expect(201);
    assert_ne!(mine["id"], theirs["id"]);
}

#[tokio::test]
async fn a_request_that_failed_may_be_sent_again_and_succeed() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    post(&server, &admin, "one", department("")).await.expect(422);
    post(&server, &admin, "one", department("CENG")).await.expect(201);
}

#[tokio::test]
async fn who_is_not_signed_in_any_more_gets_no_answer_of_before() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    post(&server, &admin, "one", department("CENG")).await.expect(201);
    let forged = post(&server, "forged", "one", department("CENG")).await;
    assert_eq!(forged.problem(), (401, "invalid_token".into()));
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let first = post(&server, &admin, "one", department("CENG")).await.expect(201);
    server
        .execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'", [])
        .await;
    let later = post(&server, &admin, "one", department("MATH")).await.expect(201);
    assert_ne!(later["id"], first["id"]);
}
