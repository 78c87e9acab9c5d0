//! `/api/mail`, and what accounts tell of their mail.

use crate::server::Server;
use poem::http::Method;
use serde_json::{Value, json};

/// A student whose address was refused, and its welcome mail that was not delivered.
async fn refused(server: &Server, admin: &str) -> i64 {
    let order = json!({ "student_number": "1", "email": "s1@ata.edu.tr", "first_name": "Ada", "last_name": "Ak" });
    let student = server.post("/api/students", admin, order).await.expect(201)["id"].as_i64().unwrap();
    let suppress = "INSERT INTO email_suppressions (user_id, address, reason) SELECT id, email, '550 5.1.1' FROM users WHERE id = $1";
    server.execute(suppress, [student.into()]).await;
    let deliver = "
        INSERT INTO email_deliveries (institution_id, user_id, kind, message_id, state, last_error)
        SELECT institution_id, id, 'welcome', 'm', 'failed', '550 5.1.1' FROM users WHERE id = $1";
    server.execute(deliver, [student.into()]).await;
    student
}

#[tokio::test]
async fn an_administrator_sees_what_became_of_a_welcome_mail_and_lets_mails_go_again() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let student = refused(&server, &admin).await;

    let path = format!("/api/mail/deliveries?user_id={student}&state=failed&kind=welcome");
    let found = server.get(&path, &admin).await.expect(200);
    assert_eq!(
        (&found["total"], &found["items"][0]["last_error"]),
        (&json!(1), &json!("550 5.1.1"))
    );
    let none = server.get("/api/mail/deliveries?state=suppressed", &admin).await.expect(200);
    assert_eq!(none["items"], json!([]));
    let listed = server.get("/api/mail/suppressions", &admin).await.expect(200);
    let expected = json!({ "user_id": student, "role": "student", "address": "s1@ata.edu.tr", "reason": "550 5.1.1" });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&listed["items"][0][field], value, "{listed}");
    }
    let path = format!("/api/students/{student}");
    let shown = server.get(&path, &admin).await.expect(200);
    assert_eq!(
        (&shown["mail_state"], &shown["mail_failure"]),
        (&json!("suppressed"), &json!("550 5.1.1"))
    );
    assert!(shown["mail_suppressed_at"].is_string(), "{shown}");
    let resend = format!("/api/students/{student}/resend-welcome");
    let refused = server.ask(Method::POST, &resend, Some(&admin), None).await.expect(409);
    assert_eq!(refused["code"], "address_suppressed");

    let clear = format!("/api/mail/suppressions/{student}");
    assert_eq!(server.ask(Method::DELETE, &clear, Some(&admin), None).await.status, 204);
    assert_eq!(server.ask(Method::DELETE, &clear, Some(&admin), None).await.status, 404);
    let shown = server.get(&path, &admin).await.expect(200);
    assert_eq!((&shown["mail_state"], &shown["mail_failure"]), (&json!("ok"), &Value::Null));
    assert_eq!(server.ask(Method::POST, &resend, Some(&admin), None).await.status, 202);
}

#[tokio::test]
async fn a_student_asks_for_mails_about_grades_and_nobody_else_does() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let order = json!({ "student_number": "1", "email": "s1@ata.edu.tr", "first_name": "Ada", "last_name": "Ak" });
    let student = server.post("/api/students", &admin, order).await.expect(201);
    let student = server.settle(&student).await;
    let patch = |token: String| {
        let server = &server;
        async move {
            server
                .ask(Method::PATCH, "/api/users/me", Some(&token), Some(json!({ "mail_grades": true })))
                .await
        }
    };
    assert_eq!(server.get("/api/users/me", &student).await.expect(200)["mail_grades"], false);
    let changed = patch(student.clone()).await.expect(200);
    assert_eq!((&changed["mail_grades"], &changed["mail_state"]), (&json!(true), &json!("ok")));
    assert_eq!(server.get("/api/auth/me", &student).await.expect(200)["mail_grades"], true);
    let refused = patch(admin.clone()).await.expect(422);
    assert!(refused.to_string().contains("students_only"), "{refused}");
}

#[tokio::test]
async fn a_reset_password_asks_for_the_mail_that_tells_of_it() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let count = "SELECT count(*) AS id FROM jobs WHERE kind = 'password_changed_email'";
    assert_eq!(server.number(count, []).await, 0, "the first password is no news");
    let body = json!({ "current_password": crate::server::PASSWORD, "new_password": "another horse battery" });
    server.post("/api/auth/change-password", &admin, body).await.expect(200);
    assert_eq!(server.number(count, []).await, 1);
}
