//! A process dies, stops or freezes at the worst moment.

use super::{SLOW, admit, all_succeed, campus, job};
use crate::journey::Campus;
use crate::product::Product;
use acurate_shared::testing::until;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

/// Students of a file that takes seconds to import.
const MANY: u32 = 300;

/// An import that a slow worker has begun.
async fn begun(product: &mut Product, campus: &Campus) -> Value {
    product.start_worker_with(&[SLOW]);
    let file = campus.student_file(0..MANY);
    let accepted = campus
        .admin
        .import_students(file, &[("mode", "apply"), ("send_welcome", "false")])
        .await;
    let path = format!("/api/imports/{}", accepted["import"]["id"]);
    until("the import to have begun", || async {
        (campus.admin.get(&path).await["counts"]["read"].as_i64() > Some(0)).then_some(())
    })
    .await;
    accepted
}

/// Follows an import to its end: every student was created once.
async fn is_whole(campus: &Campus, accepted: &Value) {
    let import = campus.admin.finished_import(accepted).await;
    let counts = json!({ "total": MANY, "read": MANY, "created": MANY, "updated": 0, "unchanged": 0, "rejected": 0 });
    assert_eq!((&import["state"], &import["counts"]), (&json!("completed"), &counts));
    assert_eq!(campus.admin.get("/api/students").await["total"], MANY);
}

async fn imports(product: &Product) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM imports");
    count.fetch_one(product.database.database().pool()).await.unwrap()
}

#[tokio::test]
async fn a_request_whose_server_dies_between_commit_and_push_is_done_once() {
    let (mut product, campus) = campus().await;
    product.kill_api();
    product.start_api(Some("api-committed:kill")).await;
    let file = campus.student_file(0..5);
    assert_eq!(campus.admin.try_to_import(file.clone(), "the same").await, None);
    product.api_ends().await;
    assert_eq!(imports(&product).await, 1, "it was committed");

    product.start_api(None).await;
    product.start_worker();
    let accepted = campus.admin.try_to_import(file, "the same").await.unwrap();
    let import = campus.admin.finished_import(&accepted).await;

    assert_eq!(import["counts"]["created"], 5, "{import}");
    assert_eq!(imports(&product).await, 1);
    all_succeed(&product).await;
    assert_eq!(product.mailbox.all_to(&format!("irem.0@{}", campus.domain)).len(), 1);
}

#[tokio::test]
async fn a_worker_that_dies_after_a_claim_leaves_the_job_to_the_next_one() {
    let (mut product, campus) = campus().await;
    product.start_worker_with(&[("ACURATE_FAULT", "job-claimed:kill")]);
    let email = admit(&campus, "001").await;
    product.worker_ends().await;
    assert!(product.mailbox.all_to(&email).is_empty());

    product.start_worker();
    all_succeed(&product).await;

    assert_eq!(product.mailbox.all_to(&email).len(), 1);
}

#[tokio::test]
async fn a_mail_that_nobody_could_record_goes_out_again_as_the_same_mail() {
    let (mut product, campus) = campus().await;
    product.start_worker_with(&[("ACURATE_FAULT", "mail-taken:kill")]);
    let email = admit(&campus, "001").await;
    product.worker_ends().await;
    assert_eq!(product.mailbox.all_to(&email).len(), 1);

    product.start_worker();
    all_succeed(&product).await;

    let mails = product.mailbox.all_to(&email);
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].message_id, mails[1].message_id);
    assert_eq!(mails[0].temporary_password(), mails[1].temporary_password());
}

#[tokio::test]
async fn a_worker_that_is_stopped_in_the_middle_of_a_mail_sends_it_once() {
    let (mut product, campus) = campus().await;
    product.start_worker_with(&[("ACURATE_FAULT", "mail-taken:pause=1500")]);
    let email = admit(&campus, "001").await;
    product.mailbox.first_to(&email).await;
    product.signal_worker(Signal::SIGTERM);
    assert!(product.worker_ends().await.success());
    all_succeed(&product).await;

    product.start_worker();
    all_succeed(&product).await;

    assert_eq!(product.mailbox.all_to(&email).len(), 1);
}

#[tokio::test]
async fn a_worker_that_is_stopped_in_the_middle_of_an_import_gives_the_rest_back_at_once() {
    let (mut product, campus) = campus().await;
    let accepted = begun(&mut product, &campus).await;
    product.signal_worker(Signal::SIGTERM);
    product.worker_ends().await;

    let id = accepted["job"]["id"].as_i64().unwrap();
    assert_eq!(job(&product, id).await.0, "queued");
    let read = campus.admin.get(&format!("/api/imports/{}", accepted["import"]["id"])).await["counts"]["read"].clone();
    assert!((1..i64::from(MANY)).contains(&read.as_i64().unwrap()), "{read}");

    product.start_worker();
    is_whole(&campus, &accepted).await;
}

#[tokio::test]
async fn a_worker_that_dies_between_two_batches_leaves_the_rest_to_the_next_one() {
    let (mut product, campus) = campus().await;
    product.start_worker_with(&[("ACURATE_FAULT", "import-batch:kill@3")]);
    let file = campus.student_file(0..MANY);
    let accepted = campus
        .admin
        .import_students(file, &[("mode", "apply"), ("send_welcome", "false")])
        .await;
    product.worker_ends().await;
    let import = campus.admin.get(&format!("/api/imports/{}", accepted["import"]["id"])).await;
    assert_eq!(import["counts"]["read"], 30, "three batches of ten are kept: {import}");

    product.start_worker();
    is_whole(&campus, &accepted).await;
}

#[tokio::test]
async fn a_worker_that_wakes_up_after_its_lease_changes_nothing() {
    let (mut product, campus) = campus().await;
    let accepted = begun(&mut product, &campus).await;
    product.signal_worker(Signal::SIGSTOP);
    product.start_worker();
    is_whole(&campus, &accepted).await;
    product.kill_worker();

    product.signal_worker(Signal::SIGCONT);
    let email = admit(&campus, "999").await;
    product.mailbox.first_to(&email).await;
    product.signal_worker(Signal::SIGTERM);
    assert!(product.worker_ends().await.success());

    let import = campus.admin.get(&format!("/api/imports/{}", accepted["import"]["id"])).await;
    assert_eq!(import["counts"]["created"], MANY, "{import}");
    let id = accepted["job"]["id"].as_i64().unwrap();
    assert_eq!(job(&product, id).await.0, "succeeded");
}
