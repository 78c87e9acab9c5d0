//! Messages and rows that are none of the product's, and messages that come more than once.

use super::{admit, all_succeed, campus, ended, plant};
use crate::product::Product;
use acurate_shared::ids::JobId;
use acurate_shared::testing::{redis_url, until};
use acurate_shared::transport::{Message, Queue, Transport, TransportSettings};
use serde_json::json;

async fn transport(product: &Product) -> Transport {
    let settings = TransportSettings::new(redis_url().into(), product.setting("ACURATE_REDIS_PREFIX"));
    Transport::connect(&settings).await.unwrap()
}

/// Waits until no message is left in a queue.
async fn drained(transport: &Transport, queue: Queue) {
    until("the queue to be empty", || async {
        (transport.depth(queue).await.unwrap() == 0).then_some(())
    })
    .await;
}

/// Runs of the job that welcomes somebody, and its id.
async fn welcome(product: &Product) -> (i64, i32) {
    let select = "SELECT id, attempt FROM jobs WHERE kind = 'welcome_email' ORDER BY id DESC LIMIT 1";
    sqlx::query_as(select).fetch_one(product.database.database().pool()).await.unwrap()
}

#[tokio::test]
async fn a_message_that_comes_twice_or_late_runs_nothing_again() {
    let (mut product, campus) = campus().await;
    let transport = transport(&product).await;
    let email = admit(&campus, "001").await;
    let (id, _) = welcome(&product).await;
    // Under ids that Redis does not know, all before the first run.
    for dispatch in [7, 8, 9] {
        let message = Message {
            job_id: JobId(id),
            dispatch,
            trace: None,
        };
        transport.push(Queue::Email, &[message.clone(), message]).await.unwrap();
    }
    product.start_worker();
    all_succeed(&product).await;
    let old = Message {
        job_id: JobId(id),
        dispatch: 1,
        trace: None,
    };
    transport.push(Queue::Email, &[old]).await.unwrap();
    drained(&transport, Queue::Email).await;
    // Behind the old message, so that it was handled before.
    let other = admit(&campus, "002").await;
    product.mailbox.first_to(&other).await;

    let select = "SELECT state, attempt FROM jobs WHERE id = $1";
    let query = sqlx::query_as(select).bind(id);
    let (state, attempt): (String, i32) = query.fetch_one(product.database.database().pool()).await.unwrap();
    assert_eq!((state.as_str(), attempt), ("succeeded", 1));
    assert_eq!(product.mailbox.all_to(&email).len(), 1);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_holds_up_nobody_and_its_job_is_done_all_the_same() {
    let (mut product, campus) = campus().await;
    let email = admit(&campus, "001").await;
    let (id, _) = welcome(&product).await;
    let prefix = product.setting("ACURATE_REDIS_PREFIX");
    let (data, ready) = (format!("{prefix}:email:data"), format!("{prefix}:email:active"));
    let mut connection = redis::Client::open(redis_url())
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let mut pipeline = redis::pipe();
    // One under an id that no job has, and one in the place of the message about the mail.
    for task in ["j-999999999-1".to_owned(), format!("j-{id}-1")] {
        pipeline
            .hset(&data, &task, b"\x01nonsense".as_slice())
            .ignore()
            .rpush(&ready, task)
            .ignore();
    }
    let () = pipeline.query_async(&mut connection).await.unwrap();

    product.start_worker();
    all_succeed(&product).await;

    assert_eq!(product.mailbox.all_to(&email).len(), 1);
    drained(&transport(&product).await, Queue::Email).await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_dies_with_a_reason_and_an_older_one_is_done() {
    let (mut product, campus) = campus().await;
    let unknown = plant(&product, "sweep_floor", json!({})).await;
    let incomplete = plant(&product, "welcome_email", json!({ "user": 1 })).await;
    let older = plant(
        &product,
        "achievement",
        json!({ "student_ids": [1], "reason": "an older release said why" }),
    )
    .await;
    let email = admit(&campus, "001").await;

    product.start_worker();

    let (state, error) = ended(&product, unknown).await;
    assert!(
        state == "dead" && error.contains("sweep_floor") && error.contains("unknown"),
        "{state}: {error}"
    );
    let (state, error) = ended(&product, incomplete).await;
    assert!(state == "dead" && error.contains("it has no user_id"), "{state}: {error}");
    assert_eq!(ended(&product, older).await.0, "succeeded");
    product.mailbox.first_to(&email).await;
}
