//! `/api/queues` and `/api/workers`.

use crate::server::Server;
use poem::http::Method;
use serde_json::{Value, json};

fn queue<'a>(queues: &'a Value, name: &str) -> &'a Value {
    let items = queues["items"].as_array().unwrap();
    items.iter().find(|queue| queue["name"] == name).unwrap()
}

#[tokio::test]
async fn every_queue_is_listed_with_what_waits_and_who_consumes_it() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let worker = "INSERT INTO workers (name, version, queues) VALUES ('w', '1', '{\"email\": 8, \"import\": 1, \"achievement\": 2}')";
    server.execute(worker, []).await;
    let jobs = "
        INSERT INTO jobs (kind, queue, payload, max_attempts, run_at)
        VALUES ('welcome_email', 'email', '{}', 4, now() - interval '1 minute'), ('welcome_email', 'email', '{}', 4, now() + interval '1 minute')";
    server.execute(jobs, []).await;
    let queues = server.get("/api/queues", &owner).await.expect(200);
    assert_eq!(queues["items"].as_array().unwrap().len(), 5);
    let email = queue(&queues, "email");
    assert_eq!(
        (&email["due"], &email["delayed"], &email["messages"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(
        (&email["workers"], &email["slots"], &email["unattended"]),
        (&json!(1), &json!(8), &json!(false))
    );
    assert!(email["oldest_due_seconds"].as_f64().unwrap() >= 60.0);
    assert_eq!(email["last_hour"], json!({ "succeeded": 0, "failed": 0, "failure_rate": null }));
    assert_eq!(
        queue(&queues, "recalculation")["unattended"],
        true,
        "the worker was told the old queues only"
    );
    let workers = server.get("/api/workers", &owner).await.expect(200);
    assert_eq!(workers["items"][0]["name"], "w");
    assert_eq!(workers["items"][0]["queues"][0], json!({ "queue": "achievement", "slots": 2 }));
    assert_eq!(
        (&workers["items"][0]["alive"], &workers["items"][0]["running"]),
        (&json!(true), &json!(0))
    );
}

#[tokio::test]
async fn a_queue_is_paused_with_a_reason_and_resumed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let reason = json!({ "reason": "The mail server is being moved." });
    let paused = server.post("/api/queues/email/pause", &owner, reason).await.expect(200);
    assert_eq!(
        (&paused["paused"], &paused["pause_reason"]),
        (&json!(true), &json!("The mail server is being moved."))
    );
    let queues = server.get("/api/queues", &owner).await.expect(200);
    assert_eq!(
        (&queue(&queues, "email")["paused"], &queue(&queues, "import")["paused"]),
        (&json!(true), &json!(false))
    );
    let resumed = server
        .ask(Method::POST, "/api/queues/email/resume", Some(&owner), None)
        .await
        .expect(200);
    assert_eq!((&resumed["paused"], &resumed["paused_at"]), (&json!(false), &json!(null)));
    let log = server.get("/api/activity?object_type=queue", &owner).await.expect(200);
    assert_eq!(
        (&log["items"][0]["action"], &log["items"][1]["detail"]["reason"]),
        (&json!("queue.resumed"), &json!("The mail server is being moved."))
    );
}

#[tokio::test]
async fn a_pause_without_a_reason_or_of_no_queue_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let refused = server.post("/api/queues/email/pause", &owner, json!({ "reason": "  " })).await;
    assert_eq!(refused.problem().0, 422);
    let refused = server.post("/api/queues/fax/pause", &owner, json!({ "reason": "x" })).await;
    assert_eq!(refused.problem().0, 400);
    let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
    let refused = server.post("/api/queues/email/pause", &admin, json!({ "reason": "x" })).await;
    assert_eq!(refused.problem().0, 403);
}

#[tokio::test]
async fn a_probe_is_a_job_of_the_queue_that_is_asked_for_and_logged() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let probe = server
        .ask(Method::POST, "/api/queues/maintenance/probe", Some(&owner), None)
        .await
        .expect(202);
    assert_eq!((&probe["kind"], &probe["queue"]), (&json!("probe"), &json!("maintenance")));
    let job = server.get(&format!("/api/jobs/{}", probe["id"]), &owner).await.expect(200);
    assert_eq!(job["state"], "queued");
    let log = server.get("/api/activity?object_type=job", &owner).await.expect(200);
    assert_eq!(log["items"][0]["action"], "queue.probed");
    let refused = server.ask(Method::POST, "/api/queues/fax/probe", Some(&owner), None).await;
    assert_eq!(refused.problem().0, 400);
}
