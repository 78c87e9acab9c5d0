//! `/api/activity`.

use crate::server::{PASSWORD, Server};
use poem::http::Method;
use serde_json::{Value, json};

fn actions(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|deed| deed["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn it_tells_who_signed_in_who_failed_and_who_left() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    server.sign_in("admin@ata.edu.tr", "wrong horse battery").await.problem();
    server.sign_in("nobody@ata.edu.tr", PASSWORD).await.problem();
    let out = server.sign_in("admin@ata.edu.tr", PASSWORD).await.expect(200);
    let out = out["access_token"].as_str().unwrap();
    assert_eq!(server.ask(Method::POST, "/api/auth/sign-out", Some(out), None).await.status, 204);

    let page = server.get("/api/activity?object_type=user", &admin).await.expect(200);
    let expected = [
        "user.signed_out",
        "user.signed_in",
        "user.sign_in_failed",
        "user.password_changed",
        "user.signed_in",
    ];
    assert_eq!(actions(&page), expected);
    let (signed_in, failed) = (&page["items"][1], &page["items"][2]);
    assert_eq!(signed_in["actor_email"], "admin@ata.edu.tr");
    assert_eq!(signed_in["actor_name"], "Ada Ak");
    assert_eq!(
        (&failed["actor_id"], &failed["detail"]),
        (&json!(null), &json!({ "reason": "wrong_password" }))
    );
    assert_eq!(failed["object_id"], signed_in["actor_id"]);
    let all = server
        .get("/api/activity?action=user.sign_in_failed", &server.owner().await)
        .await
        .expect(200);
    assert_eq!(all["items"][0]["detail"], json!({ "reason": "unknown_account" }));
    assert!(!all.to_string().contains("nobody"));
}

#[tokio::test]
async fn it_comes_in_pages_behind_a_cursor() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    for code in ["A", "B", "C"] {
        let order = json!({ "code": code, "name": code });
        server.post("/api/departments", &admin, order).await.expect(201);
    }
    let path = "/api/activity?action=department.created&page_size=2";
    let first = server.get(path, &admin).await.expect(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let next = first["next"].as_str().unwrap();
    let second = server.get(&format!("{path}&before={next}"), &admin).await.expect(200);
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["next"], json!(null));
    assert!(second["items"][0]["id"].as_i64() < first["items"][1]["id"].as_i64());
    let refused = server.get("/api/activity?before=2", &admin).await;
    assert_eq!(refused.problem(), (422, "invalid before=invalid_cursor".to_owned()));
    let refused = server.get("/api/activity?from=yesterday", &admin).await;
    assert_eq!(refused.problem().0, 400);
}

#[tokio::test]
async fn an_administrator_reads_its_own_and_a_teacher_none() {
    let server = Server::start().await;
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
    let order = json!({ "email": "t@ata.edu.tr", "first_name": "Ali", "last_name": "Çelik" });
    let teacher = server.post("/api/teachers", &admin, order).await.expect(201);
    let count = async |token: &str| {
        let page = server.get("/api/activity?action=teacher.created", token).await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&admin).await, count(&rival).await), (1, 0));
    assert_eq!(count(&server.owner().await).await, 1);
    let ata = server
        .number("SELECT id FROM institutions WHERE name = $1", ["Atatürk".into()])
        .await;
    let foreign = server.get(&format!("/api/activity?institution_id={ata}"), &rival).await;
    assert_eq!(foreign.problem(), (404, "not_found".to_owned()));
    let teacher = server.settle(&teacher).await;
    assert_eq!(
        server.get("/api/activity", &teacher).await.problem(),
        (403, "role_required".to_owned())
    );
}
