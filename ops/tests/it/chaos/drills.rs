//! Jobs that misbehave end, and the jobs beside them do not notice.

use super::{SETTINGS, admit, ended, plant};
use crate::journey::Campus;
use crate::product::Product;
use acurate_shared::testing::until;
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};

/// Far above what a worker needs.
const ADDRESS_SPACE: u64 = 6 << 30;

/// Far above that.
const TOO_MUCH: u32 = 16_384;

#[tokio::test]
async fn a_job_that_panics_or_never_ends_dies_with_a_reason() {
    let product = Product::start_with(&SETTINGS).await;
    let campus = Campus::found(&product).await;
    for (drill, reason) in [
        ("panic", "panicked: a drill"),
        ("hang", "ended at the soft limit"),
        ("ignore_soft_limit", "ended at the hard limit of 4s"),
    ] {
        let id = plant(&product, "drill", json!({ "drill": drill })).await;
        let (state, error) = ended(&product, id).await;
        assert!(state == "dead" && error.contains(reason), "{drill}: {state}: {error}");
    }
    let email = admit(&campus, "001").await;
    product.mailbox.first_to(&email).await;
}

#[tokio::test]
async fn a_job_that_needs_more_memory_than_there_is_kills_its_worker_and_is_given_up() {
    let mut product = Product::start_with(&SETTINGS).await;
    let campus = Campus::found(&product).await;
    product.kill_worker();
    let id = plant(&product, "drill", json!({ "drill": "allocate", "mebibytes": TOO_MUCH })).await;
    let email = admit(&campus, "001").await;
    product.start_limited_worker(ADDRESS_SPACE);
    let product = tokio::sync::Mutex::new(product);
    let deaths = AtomicU32::new(0);
    let (state, error) = until("the job to be given up", || async {
        let mut product = product.lock().await;
        if product.worker_has_ended() {
            assert!(!product.worker_ends().await.success());
            deaths.fetch_add(1, Ordering::Relaxed);
            product.start_limited_worker(ADDRESS_SPACE);
        }
        let (state, error) = super::job(&product, id).await;
        (!matches!(state.as_str(), "queued" | "running")).then(|| (state, error.unwrap_or_default()))
    })
    .await;

    assert!(state == "dead" && error.contains("vanished"), "{state}: {error}");
    assert_eq!(deaths.into_inner(), 3, "as many workers as a job may lose");
    product.into_inner().mailbox.first_to(&email).await;
}
