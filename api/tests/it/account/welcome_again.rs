//! `/api/students/{id}/resend-welcome` and `/api/teachers/{id}/resend-welcome`.

use super::student;
use crate::server::{Answer, PASSWORD, Server};
use acurate_shared::testing::until;
use poem::http::Method;
use serde_json::{Value, json};

async fn resend(server: &Server, token: &str, path: &str) -> Answer {
    server.ask(Method::POST, path, Some(token), None).await
}

#[tokio::test]
async fn a_newcomer_gets_a_new_mail_and_the_administrator_follows_it() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let teacher = json!({ "email": "t@ata.edu.tr", "first_name": "Ece", "last_name": "Ak" });
    let teacher = server.post("/api/teachers", &admin, teacher).await.expect(201);
    let student = student(&server, &admin, "1").await;
    for (kind, person) in [("students", student), ("teachers", teacher)] {
        let id = person["id"].as_i64().unwrap();
        let old = server.mailed(id).await;

        let ordered = resend(&server, &admin, &format!("/api/{kind}/{id}/resend-welcome")).await;

        let location = ordered.header("location").to_owned();
        let job = ordered.expect(202);
        assert_eq!(
            (&job["kind"], location),
            (&"welcome_email".into(), format!("/api/jobs/{}", job["id"]))
        );
        server.get(&format!("/api/jobs/{}", job["id"]), &admin).await.expect(200);
        assert_ne!(server.mailed(id).await, old);
        let email = person["email"].as_str().unwrap();
        assert_eq!(server.sign_in(email, &old).await.problem(), (401, "invalid_credentials".into()));
        server.settle(&person).await;
    }
}

#[tokio::test]
async fn who_has_chosen_a_password_loses_it_only_by_request() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let made = student(&server, &admin, "1").await;
    let own = server.settle(&made).await;
    let path = format!("/api/students/{}/resend-welcome", made["id"]);
    assert_eq!(resend(&server, &admin, &path).await.problem(), (409, "password_chosen".into()));
    server.get("/api/auth/me", &own).await.expect(200);

    resend(&server, &admin, &format!("{path}?reset_access=true")).await.expect(202);

    until("the student to be signed out", || async {
        (server.get("/api/auth/me", &own).await.status == 401).then_some(())
    })
    .await;
    assert_eq!(
        server.sign_in("s1@ata.edu.tr", PASSWORD).await.problem(),
        (401, "invalid_credentials".into())
    );
    let mailed = server.mailed(made["id"].as_i64().unwrap()).await;
    let tokens = server.sign_in("s1@ata.edu.tr", &mailed).await.expect(200);
    assert_eq!(tokens["must_change_password"], true);
}

#[tokio::test]
async fn the_same_request_sent_twice_is_one_mail() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let made = student(&server, &admin, "1").await;
    let path = format!("/api/students/{}/resend-welcome", made["id"]);
    let again = async || -> Value {
        let headers = [("idempotency-key", "one")];
        server.ask_with(Method::POST, &path, Some(&admin), &headers, None).await.expect(202)
    };
    assert_eq!(again().await, again().await);
    let mails = "SELECT count(*) AS id FROM jobs WHERE kind = 'welcome_email' AND (payload ->> 'user_id')::bigint = $1";
    assert_eq!(
        server.number(mails, [made["id"].as_i64().into()]).await,
        2,
        "the first mail and one more"
    );
}

#[tokio::test]
async fn it_is_the_business_of_administrators_of_the_institution() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let made = student(&server, &admin, "1").await;
    let path = format!("/api/students/{}/resend-welcome", made["id"]);
    let own = server.settle(&made).await;
    assert_eq!(resend(&server, &rival, &path).await.problem(), (404, "not_found".into()));
    assert_eq!(resend(&server, &own, &path).await.problem(), (403, "role_required".into()));
    let as_teacher = format!("/api/teachers/{}/resend-welcome?reset_access=true", made["id"]);
    assert_eq!(resend(&server, &admin, &as_teacher).await.problem(), (404, "not_found".into()));
}
