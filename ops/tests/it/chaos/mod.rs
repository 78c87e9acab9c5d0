//! The product with its processes killed, stopped, frozen and misled: nothing is lost, and nothing is done twice.
//!
//! [`runs`] does it at random under load; the others hit what random times would not surely hit.

mod crashes;
mod drills;
mod messages;
mod runs;

use crate::journey::Campus;
use crate::product::Product;
use acurate_shared::testing::until;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Short leases, so that what died is missed soon.
const SETTINGS: [(&str, &str); 7] = [
    ("ACURATE_JOB_LEASE_SECONDS", "2"),
    ("ACURATE_JOB_HEARTBEAT_SECONDS", "1"),
    ("ACURATE_JOB_REDISPATCH_SECONDS", "1"),
    ("ACURATE_JOB_SOFT_LIMIT_SECONDS", "2"),
    ("ACURATE_JOB_HARD_LIMIT_SECONDS", "4"),
    ("ACURATE_JOB_MAX_LOST_LEASES", "3"),
    ("ACURATE_IMPORT_BATCH", "10"),
];

/// Makes the import of a file of a few hundred students last for seconds.
const SLOW: (&str, &str) = ("ACURATE_FAULT", "import-batch:pause=100");

/// A product with an institution and no worker.
async fn campus() -> (Product, Campus) {
    // A job that is asked to stop because of its time would not be what these tests are about, except for drills.
    let patient = [("ACURATE_JOB_SOFT_LIMIT_SECONDS", "500"), ("ACURATE_JOB_HARD_LIMIT_SECONDS", "600")];
    let settings: Vec<_> = SETTINGS.into_iter().chain(patient).collect();
    let mut product = Product::start_with(&settings).await;
    let campus = Campus::found(&product).await;
    product.kill_worker();
    (product, campus)
}

/// Makes a student; returns the address, to which a welcome mail goes.
async fn admit(campus: &Campus, number: &str) -> String {
    let email = format!("{number}@{}", campus.domain);
    let order = json!({ "student_number": number, "email": email, "first_name": "Ece", "last_name": "Kaya" });
    campus.admin.post("/api/students", order, StatusCode::CREATED).await;
    email
}

/// Plants a job that no request asks for; its id.
async fn plant(product: &Product, kind: &str, payload: Value) -> i64 {
    let insert = "INSERT INTO jobs (kind, queue, payload, max_attempts) VALUES ($1, 'achievement', $2, 1) RETURNING id";
    let query = sqlx::query_scalar(insert).bind(kind).bind(payload);
    query.fetch_one(product.database.database().pool()).await.unwrap()
}

/// State and error of a job.
async fn job(product: &Product, id: i64) -> (String, Option<String>) {
    let query = sqlx::query_as("SELECT state, error FROM jobs WHERE id = $1").bind(id);
    query.fetch_one(product.database.database().pool()).await.unwrap()
}

/// Waits for the end of a job; its state and its error.
async fn ended(product: &Product, id: i64) -> (String, String) {
    until("the job to end", || async {
        let (state, error) = job(product, id).await;
        (!matches!(state.as_str(), "queued" | "running")).then(|| (state, error.unwrap_or_default()))
    })
    .await
}

/// Waits until no job is left, and asserts that none died.
async fn all_succeed(product: &Product) {
    let select = "SELECT count(*) FILTER (WHERE state IN ('queued', 'running')), count(*) FILTER (WHERE state = 'dead') FROM jobs";
    let dead: i64 = until("all jobs to end", || async {
        let (left, dead): (i64, i64) = sqlx::query_as(select).fetch_one(product.database.database().pool()).await.unwrap();
        (left == 0).then_some(dead)
    })
    .await;
    assert_eq!(dead, 0);
}
