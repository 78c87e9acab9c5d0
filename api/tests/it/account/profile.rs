//! `/api/users/me`.

use super::student;
use crate::server::Server;
use poem::http::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/users/me";

#[tokio::test]
async fn a_user_changes_names_and_telephone_and_sees_the_change() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let made = student(&server, &admin, "1").await;
    let own = server.settle(&made).await;
    let read = server.get(PATH, &own).await;
    assert_eq!(read.header("etag"), format!("\"{}\"", read.body["version"]));
    assert_eq!(read.body["picture_url"], Value::Null);
    assert_eq!(read.body, server.get("/api/auth/me", &own).await.expect(200));

    let change = json!({ "first_name": " Ayşe ", "phone": "+90 312 555 0101" });
    let changed = server.patch(PATH, &own, change).await;

    assert_ne!(changed.header("etag"), read.header("etag"));
    let mut expected = read.body;
    expected["first_name"] = "Ayşe".into();
    expected["phone"] = "+90 312 555 0101".into();
    expected["version"] = changed.body["version"].clone();
    assert_eq!(changed.expect(200), expected);
    let seen = server.get(&format!("/api/students/{}", made["id"]), &admin).await.expect(200);
    assert_eq!((&seen["first_name"], &seen["year_of_study"]), (&"Ayşe".into(), &2.into()));
    let emptied = server.patch(PATH, &own, json!({ "phone": null })).await.expect(200);
    assert_eq!(emptied["phone"], Value::Null);
}

#[tokio::test]
async fn nobody_gives_itself_a_role_an_address_or_anything_else() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let made = student(&server, &admin, "1").await;
    let own = server.settle(&made).await;
    let row = "SELECT to_jsonb(u)::text AS id FROM users u WHERE id = $1";
    let before = server.text(row, [made["id"].as_i64().into()]).await;
    for greedy in [
        json!({ "role": "super_admin", "is_superuser": true, "is_staff": true }),
        json!({ "email": "rector@ata.edu.tr", "institution_id": null }),
        json!({ "is_active": true, "is_temporary_password": false, "must_change_password": false }),
        json!({ "student_number": "2", "program_id": 1, "department_id": 1, "year_of_study": 6, "entry_year": 1999 }),
        json!({ "id": 1, "version": 99, "password_hash": "x", "picture_url": "https://evil.example/x.png" }),
    ] {
        let answer = server.patch(PATH, &own, greedy.clone()).await;
        assert!([200, 400].contains(&answer.status.as_u16()), "{greedy}: {}", answer.body);
        assert_eq!(server.text(row, [made["id"].as_i64().into()]).await, before, "{greedy}");
    }
    let refused = server.get("/api/teachers", &own).await;
    assert_eq!(refused.problem(), (403, "role_required".into()));
}

#[tokio::test]
async fn of_two_who_change_what_both_have_read_the_second_is_told() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let tag = server.get(PATH, &admin).await.header("etag").to_owned();
    let change = async |name: &str| {
        let headers = [("if-match", tag.as_str())];
        let body = Some(json!({ "first_name": name }));
        server.ask_with(Method::PATCH, PATH, Some(&admin), &headers, body).await
    };
    change("Ayda").await.expect(200);
    assert_eq!(change("Ida").await.problem(), (412, "outdated".into()));
}

#[tokio::test]
async fn what_is_wrong_with_a_change_is_told_field_by_field() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let body = json!({ "first_name": "", "last_name": "x".repeat(151), "phone": "call me" });
    assert_eq!(
        server.patch(PATH, &admin, body).await.problem(),
        (422, "invalid first_name=required last_name=too_long phone=invalid_phone".into())
    );
    let bare = server.ask(Method::PATCH, PATH, None, Some(json!({ "first_name": "X" }))).await;
    assert_eq!(bare.problem(), (401, "not_signed_in".into()));
}
