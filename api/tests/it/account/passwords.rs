//! `/api/auth/forgot-password` and `/api/auth/reset-password`.

use super::student;
use crate::server::{Answer, PASSWORD, Server, token};
use poem::http::Method;
use serde_json::json;

const ADMIN: &str = "admin@ata.edu.tr";
const NEW: &str = "another horse battery";

async fn forget(server: &Server, email: &str) -> Answer {
    let body = json!({ "email": email });
    server.ask(Method::POST, "/api/auth/forgot-password", None, Some(body)).await
}

async fn reset(server: &Server, token: &str, new: &str) -> Answer {
    let body = json!({ "token": token, "new_password": new });
    server.ask(Method::POST, "/api/auth/reset-password", None, Some(body)).await
}

async fn mails(server: &Server) -> i64 {
    server
        .number("SELECT count(*) AS id FROM jobs WHERE kind = 'password_reset_email'", [])
        .await
}

#[tokio::test]
async fn a_mailed_link_chooses_a_password_once_and_signs_out_everywhere() {
    let server = Server::start().await;
    let old = server.admin("Atatürk", ADMIN).await;
    forget(&server, "Admin@ATA.edu.tr").await.expect(202);
    let link = server.reset_token(ADMIN).await.unwrap();

    reset(&server, &link, NEW).await.expect(204);

    let refused = server.get("/api/auth/me", &old).await;
    assert_eq!(refused.problem(), (401, "session_ended".into()));
    assert_eq!(server.sign_in(ADMIN, PASSWORD).await.problem(), (401, "invalid_credentials".into()));
    let tokens = server.sign_in(ADMIN, NEW).await.expect(200);
    server.get("/api/auth/me", &token(&tokens)).await.expect(200);
    let again = reset(&server, &link, "a third horse battery").await;
    assert_eq!(again.problem(), (422, "invalid token=unusable_token".into()));
}

#[tokio::test]
async fn of_two_uses_of_a_link_at_once_exactly_one_wins() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    forget(&server, ADMIN).await.expect(202);
    let link = server.reset_token(ADMIN).await.unwrap();
    let (first, second) = ("horse battery number 1", "horse battery number 2");

    let (one, two) = tokio::join!(reset(&server, &link, first), reset(&server, &link, second));

    let (won, refused) = if one.status == 204 { (first, two) } else { (second, one) };
    assert_eq!(refused.problem(), (422, "invalid token=unusable_token".into()));
    server.sign_in(ADMIN, won).await.expect(200);
}

#[tokio::test]
async fn the_answer_is_the_same_whatever_accounts_there_are() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", ADMIN).await;
    let inactive = student(&server, &admin, "1").await;
    let path = format!("/api/students/{}", inactive["id"]);
    server.patch(&path, &admin, json!({ "is_active": false })).await.expect(200);
    let waiting = student(&server, &admin, "2").await;

    let known = forget(&server, ADMIN).await;
    for email in [ADMIN, "nobody@ata.edu.tr", "s1@ata.edu.tr", waiting["email"].as_str().unwrap()] {
        let answer = forget(&server, email).await;
        assert_eq!((answer.status, &answer.bytes), (known.status, &known.bytes), "{email}");
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&answer), names(&known), "{email}");
    }
    known.expect(202);

    assert_eq!(
        mails(&server).await,
        2,
        "one to the administrator, one to who has a temporary password"
    );
    assert_eq!(server.reset_token("s1@ata.edu.tr").await, None);
    let no_address = forget(&server, "no address").await;
    assert_eq!(no_address.problem(), (422, "invalid email=invalid_email".into()));
}

#[tokio::test]
async fn a_link_replaces_a_temporary_password_that_nobody_has() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", ADMIN).await;
    let made = student(&server, &admin, "1").await;
    let mailed = server.mailed(made["id"].as_i64().unwrap()).await;
    forget(&server, "s1@ata.edu.tr").await.expect(202);
    let link = server.reset_token("s1@ata.edu.tr").await.unwrap();
    reset(&server, &link, NEW).await.expect(204);
    let tokens = server.sign_in("s1@ata.edu.tr", NEW).await.expect(200);
    assert_eq!(tokens["must_change_password"], false);
    assert_eq!(
        server.sign_in("s1@ata.edu.tr", &mailed).await.problem(),
        (401, "invalid_credentials".into())
    );
}

#[tokio::test]
async fn a_refused_password_leaves_the_link_as_it_is() {
    let server = Server::start().await;
    server.admin("Atatürk", ADMIN).await;
    forget(&server, ADMIN).await.expect(202);
    let link = server.reset_token(ADMIN).await.unwrap();
    for (new, expected) in [
        (
            "admin",
            "invalid new_password=password_too_short new_password=password_equals_email",
        ),
        (PASSWORD, "invalid new_password=password_reused"),
    ] {
        assert_eq!(reset(&server, &link, new).await.problem(), (422, expected.into()));
    }
    let nonsense = reset(&server, "nonsense", NEW).await;
    assert_eq!(nonsense.problem(), (422, "invalid token=unusable_token".into()));
    reset(&server, &link, NEW).await.expect(204);
}
