//! `/api/jobs`: what operators see of jobs and do with them.

use crate::server::Server;
use serde_json::{Value, json};

/// A job of the institution that has so many failed runs behind it, in the given state.
async fn job(server: &Server, institution: i64, state: &str, failed_runs: i32) -> i64 {
    let insert = "
        INSERT INTO jobs (kind, queue, payload, state, attempt, failures, max_attempts, error, worker, lease_until, finished_at, institution_id)
        VALUES ('welcome_email', 'email', '{\"user_id\": 1}', $1, $2, $2, 4, CASE WHEN $2 > 0 THEN 'no route to mail.example' END, 'w',
            CASE WHEN $1 = 'running' THEN now() + interval '1 hour' END, CASE WHEN $1 NOT IN ('queued', 'running') THEN now() END, $3)
        RETURNING id";
    let id = server.number(insert, [state.into(), failed_runs.into(), institution.into()]).await;
    let attempts = "
        INSERT INTO job_attempts (job_id, attempt, worker, started_at, outcome, error)
        SELECT $1, n, 'w', now(), 'failed', 'no route to mail.example' FROM generate_series(1, $2) AS n";
    server.execute(attempts, [id.into(), failed_runs.into()]).await;
    id
}

struct World {
    server: Server,
    owner: String,
    admin: String,
    rival: String,
    home: i64,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let admin = server.admin("Atatürk", "admin@ata.edu.tr").await;
        let rival = server.admin("Boğaziçi", "admin@bogazici.edu.tr").await;
        server.execute("DELETE FROM jobs", []).await;
        Self {
            owner: server.owner().await,
            admin,
            rival,
            home: server.number("SELECT id FROM institutions WHERE name = 'Atatürk'", []).await,
            server,
        }
    }

    async fn steer(&self, id: i64, deed: &str, token: &str) -> crate::server::Answer {
        self.server.post_nothing(&format!("/api/jobs/{id}"), deed, token).await
    }
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|job| job["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn operators_find_a_dead_job_read_what_happened_and_run_it_again() {
    let world = World::start().await;
    let (server, owner) = (&world.server, world.owner.as_str());
    job(server, world.home, "succeeded", 0).await;
    let dead = job(server, world.home, "dead", 4).await;
    let page = server
        .get("/api/jobs?state=dead&queue=email&kind=welcome_email&sort=-failures", owner)
        .await
        .expect(200);
    assert_eq!((ids(&page), &page["total"]), (vec![dead], &json!(1)));
    assert_eq!(page["items"][0]["error"], "no route to mail.example");
    assert_eq!(page["items"][0]["institution_id"], world.home);

    let attempts = server
        .get(&format!("/api/jobs/{dead}/attempts?page_size=3"), owner)
        .await
        .expect(200);
    let runs: Vec<&Value> = attempts["items"].as_array().unwrap().iter().map(|run| &run["attempt"]).collect();
    assert_eq!((runs, &attempts["total"]), (vec![&json!(4), &json!(3), &json!(2)], &json!(4)));
    assert_eq!(attempts["items"][0]["outcome"], "failed");
    assert_eq!(attempts["items"][0]["error"], "no route to mail.example");

    let retried = world.steer(dead, "retry", owner).await.expect(200);
    assert_eq!(
        (&retried["state"], &retried["failures"], &retried["attempt"]),
        (&json!("queued"), &json!(0), &json!(4))
    );
    let refused = world.steer(dead, "retry", owner).await.problem();
    assert_eq!(refused, (409, "job_not_retriable".to_owned()));
    let log = server.get("/api/activity?action=job.retried", &world.admin).await.expect(200);
    assert_eq!(
        (&log["items"][0]["object_id"], &log["items"][0]["detail"]["state"]),
        (&json!(dead), &json!("dead"))
    );
}

#[tokio::test]
async fn an_administrator_sees_and_steers_the_own_institutions_jobs_without_their_inside() {
    let world = World::start().await;
    let (server, admin) = (&world.server, world.admin.as_str());
    let dead = job(server, world.home, "dead", 1).await;
    let page = server.get("/api/jobs", admin).await.expect(200);
    assert_eq!(ids(&page), [dead]);
    assert_eq!(
        (&page["items"][0]["error"], &page["items"][0]["worker"]),
        (&json!("The last run failed."), &json!(null))
    );
    let attempts = server.get(&format!("/api/jobs/{dead}/attempts"), admin).await.expect(200);
    assert!(!attempts.to_string().contains("mail.example"), "{attempts}");
    assert_eq!(ids(&server.get("/api/jobs", &world.rival).await.expect(200)), [] as [i64; 0]);
    for deed in ["retry", "cancel", "discard"] {
        assert_eq!(world.steer(dead, deed, &world.rival).await.problem(), (404, "not_found".to_owned()));
    }
    let discarded = world.steer(dead, "discard", admin).await.expect(200);
    assert_eq!(
        (&discarded["state"], &discarded["result"]),
        (&json!("cancelled"), &json!({ "discarded": true }))
    );
    let refused = server.get(&format!("/api/jobs?institution_id={}", world.home), &world.rival).await;
    assert_eq!(refused.problem().0, 404);
}

#[tokio::test]
async fn a_waiting_job_ends_at_once_and_a_running_one_is_asked_to() {
    let world = World::start().await;
    let waiting = job(&world.server, world.home, "queued", 0).await;
    let running = job(&world.server, world.home, "running", 0).await;
    let done = job(&world.server, world.home, "succeeded", 0).await;
    let ended = world.steer(waiting, "cancel", &world.admin).await.expect(200);
    assert_eq!((&ended["state"], &ended["cancel_requested"]), (&json!("cancelled"), &json!(true)));
    let asked = world.steer(running, "cancel", &world.admin).await.expect(200);
    assert_eq!((&asked["state"], &asked["cancel_requested"]), (&json!("running"), &json!(true)));
    assert_eq!(
        world.steer(done, "cancel", &world.admin).await.problem(),
        (409, "job_ended".to_owned())
    );
    assert_eq!(
        world.steer(running, "discard", &world.admin).await.problem(),
        (409, "job_not_dead".to_owned())
    );
}

#[tokio::test]
async fn dead_jobs_are_run_again_by_filter_after_a_count() {
    let world = World::start().await;
    for _ in 0..3 {
        job(&world.server, world.home, "dead", 4).await;
    }
    let filter = json!({ "kind": "welcome_email", "queue": "email", "institution_id": world.home });
    let counted = world
        .server
        .post("/api/jobs/retry?dry_run=true", &world.owner, filter.clone())
        .await
        .expect(200);
    let expected = json!({ "dead": 3, "retried": 3, "equal_job_waits": 0, "import_ended": 0, "left": 0, "dry_run": true });
    assert_eq!(counted, expected);
    let dead = async || world.server.get("/api/jobs?state=dead", &world.owner).await.expect(200)["total"].clone();
    assert_eq!(dead().await, 3);
    let refused = world.server.post("/api/jobs/retry", &world.rival, filter.clone()).await;
    assert_eq!(refused.problem().0, 404);
    assert_eq!(
        world.server.post("/api/jobs/retry", &world.rival, json!({})).await.expect(200)["dead"],
        0
    );
    assert_eq!(
        world.server.post("/api/jobs/retry", &world.admin, filter).await.expect(200)["retried"],
        3
    );
    assert_eq!(dead().await, 0);
    let refused = world
        .server
        .post("/api/jobs/retry", &world.owner, json!({ "queues": ["email"] }))
        .await;
    assert_eq!(refused.problem().0, 400, "a misspelt filter retries nothing");
}

#[tokio::test]
async fn impossible_filters_are_refused_by_name() {
    let world = World::start().await;
    for (query, answer) in [
        ("search=welcome", (422, "invalid search=not_an_id")),
        ("sort=payload", (422, "invalid sort=unknown_sort")),
    ] {
        let refused = world.server.get(&format!("/api/jobs?{query}"), &world.owner).await.problem();
        assert_eq!(refused, (answer.0, answer.1.to_owned()));
    }
    for query in ["state=asleep", "queue=fax", "created_from=yesterday"] {
        assert_eq!(
            world.server.get(&format!("/api/jobs?{query}"), &world.owner).await.problem().0,
            400,
            "{query}"
        );
    }
}
