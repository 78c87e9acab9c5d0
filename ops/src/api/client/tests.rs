//! The client against a small server that plays the API.

use super::*;
use crate::api::documents::Created;
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Json, Query};
use poem::{EndpointExt, IntoResponse, Request, Response, Route, handler};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the server was asked.
#[derive(Debug, Default)]
struct Seen {
    refreshes: AtomicUsize,
}

fn tokens(access: &str, expires_in: u64, must_change_password: bool) -> Json<Value> {
    let refresh_token = (!must_change_password).then_some("refresh");
    Json(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": expires_in,
        "refresh_token": refresh_token,
        "must_change_password": must_change_password,
    }))
}

#[handler]
fn sign_in(Json(body): Json<Value>) -> Json<Value> {
    match body["password"].as_str() {
        Some("temporary") => tokens("change-only", 900, true),
        Some("short") => tokens("ended", 0, false),
        _ => tokens("signed-in", 900, false),
    }
}

#[handler]
fn change_password(request: &Request, Json(body): Json<Value>) -> Response {
    let bearer = request.header("authorization");
    assert_eq!(
        (bearer, body["new_password"].as_str()),
        (Some("Bearer change-only"), Some("chosen"))
    );
    tokens("changed", 900, false).into_response()
}

#[handler]
fn refresh(Data(seen): Data<&Arc<Seen>>, Json(body): Json<Value>) -> Json<Value> {
    assert_eq!(body["refresh_token"], "refresh");
    seen.refreshes.fetch_add(1, Ordering::SeqCst);
    tokens("renewed", 900, false)
}

#[handler]
fn whoever(request: &Request) -> Json<Value> {
    Json(json!({"bearer": request.header("authorization")}))
}

#[handler]
fn refuse() -> Response {
    let problem = json!({"code": "conflict", "detail": "It exists.", "errors": [], "request_id": "r1"});
    Json(problem).with_status(StatusCode::CONFLICT).into_response()
}

/// 250 items; `short` says that there are more.
#[handler]
fn list(request: &Request, Query(query): Query<std::collections::HashMap<String, usize>>) -> Json<Value> {
    let (page, size) = (query["page"], query["page_size"]);
    let items: Vec<_> = (1..=250).skip((page - 1) * size).take(size).map(|id| json!({"id": id})).collect();
    let total = if request.uri().path().ends_with("/short") { 251 } else { 250 };
    Json(json!({"items": items, "page": page, "page_size": size, "total": total}))
}

/// Serves until the test ends; where, and what was seen.
async fn server() -> (String, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let routes = Route::new()
        .at("/api/auth/sign-in", poem::post(sign_in))
        .at("/api/auth/change-password", poem::post(change_password))
        .at("/api/auth/refresh", poem::post(refresh))
        .at("/api/whoever", poem::get(whoever))
        .at("/api/refused", poem::post(refuse).put(refuse))
        .at("/api/list", poem::get(list))
        .at("/api/short", poem::get(list))
        .data(seen.clone());
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = acceptor.local_addr().remove(0);
    let port = address.as_socket_addr().unwrap().port();
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(routes));
    (format!("http://127.0.0.1:{port}/"), seen)
}

async fn bearer(api: &Api) -> String {
    let answer: Value = api.get("/whoever").await.unwrap();
    answer["bearer"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_temporary_password_is_changed_at_the_first_sign_in() {
    let (base, _) = server().await;
    let api = Api::sign_in(&base, "a@b.example", "temporary", Some("chosen")).await.unwrap();
    assert_eq!(bearer(&api).await, "Bearer changed");
    let refused = Api::sign_in(&base, "a@b.example", "temporary", None).await.unwrap_err();
    assert!(refused.to_string().contains("must choose a password"), "{refused}");
}

#[tokio::test]
async fn an_ended_token_is_renewed_once_for_all_who_wait() {
    let (base, seen) = server().await;
    let api = Api::sign_in(&base, "a@b.example", "short", None).await.unwrap();
    let bearers = futures::future::join_all((0..8).map(|_| bearer(&api))).await;
    assert!(bearers.iter().all(|bearer| bearer == "Bearer renewed"), "{bearers:?}");
    assert_eq!(seen.refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refusal_tells_call_status_and_reason() {
    let (base, _) = server().await;
    let api = Api::sign_in(&base, "a@b.example", "chosen", None).await.unwrap();
    let refused = api.post::<Created>("/refused", &json!({})).await.unwrap_err();
    assert_eq!(refused.to_string(), "POST /refused answered 409: conflict: It exists. (request r1)");
    let refused = api.put("/refused", &json!({})).await.unwrap_err();
    assert!(refused.to_string().starts_with("PUT /refused answered 409"), "{refused}");
}

#[tokio::test]
async fn an_answer_of_another_shape_is_shown() {
    let (base, _) = server().await;
    let api = Api::sign_in(&base, "a@b.example", "chosen", None).await.unwrap();
    let error = api.get::<Created>("/whoever").await.unwrap_err();
    assert!(error.to_string().contains("it was: {\"bearer\""), "{error}");
}

#[tokio::test]
async fn a_list_is_read_to_its_last_page() {
    let (base, _) = server().await;
    let api = Api::sign_in(&base, "a@b.example", "chosen", None).await.unwrap();
    let items: Vec<Created> = api.all_pages("/list").await.unwrap();
    assert!(items.iter().map(|item| item.id).eq(1..=250));
}

#[tokio::test]
async fn a_list_that_ends_before_its_total_is_an_error() {
    let (base, _) = server().await;
    let api = Api::sign_in(&base, "a@b.example", "chosen", None).await.unwrap();
    let error = api.all_pages::<Created>("/short").await.unwrap_err();
    assert!(error.to_string().contains("250 items of 251"), "{error}");
}

#[tokio::test]
async fn an_api_that_is_away_is_named_with_the_cause() {
    let error = Api::sign_in("http://127.0.0.1:1", "a@b.example", "p", None).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("POST /auth/sign-in: ") && text.contains("refused"), "{text}");
}
