//! Puts rows and messages where the product does not expect them.

use super::plan::Fault;
use super::stack::{PREFIX, Stack};
use crate::failure::{Failure, Result};
use acurate_shared::db::sql;
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long to wait for PostgreSQL or Redis, which another fault may have taken away.
const PATIENCE: Duration = Duration::from_secs(90);

/// A job whose message there may be.
#[derive(FromQueryResult)]
struct Known {
    id: i64,
    queue: String,
    dispatches: i32,
}

impl Known {
    fn message(&self, dispatch: i32) -> (String, String) {
        let content = json!({ "v": 1, "job": self.id, "dispatch": dispatch });
        (format!("j-{}-{dispatch}", self.id), content.to_string())
    }
}

/// Deletes all that Redis knows.
pub(super) async fn flush(stack: &Stack) -> Result<()> {
    redis_until(stack, || redis::cmd("FLUSHALL")).await
}

/// Asks for a job that no request asked for; its id.
pub(super) async fn job(stack: &Stack, fault: Fault) -> Result<i64> {
    // One that takes its time to fail fails once.
    let tries = if matches!(fault, Fault::DrillPanic) { 3 } else { 1 };
    let (kind, queue, payload) = match fault {
        Fault::UnknownKind => ("sweep_floor", "email", json!({})),
        Fault::IncompletePayload => ("welcome_email", "email", json!({ "user": 1 })),
        // Of an institution that has no student of this id: it computes nothing.
        Fault::OlderPayload => (
            "achievement",
            "achievement",
            json!({ "student_ids": [1], "reason": "an older release said why" }),
        ),
        Fault::DrillHang => ("drill", "achievement", json!({ "drill": "hang" })),
        Fault::DrillIgnoresStop => ("drill", "achievement", json!({ "drill": "ignore_soft_limit" })),
        Fault::DrillMemory => ("drill", "achievement", json!({ "drill": "allocate", "mebibytes": 16_384 })),
        _ => ("drill", "achievement", json!({ "drill": "panic" })),
    };
    insert(stack, kind, queue, &payload, tries).await
}

async fn insert(stack: &Stack, kind: &str, queue: &str, payload: &Value, tries: i32) -> Result<i64> {
    let insert = "INSERT INTO jobs (kind, queue, payload, max_attempts) VALUES ($1, $2, $3, $4) RETURNING id";
    let deadline = Instant::now() + PATIENCE;
    loop {
        let query = sqlx::query_scalar(insert).bind(kind).bind(queue).bind(payload).bind(tries);
        match query.fetch_one(stack.database.pool()).await {
            Ok(id) => return Ok(id),
            Err(_) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(source) => return Err(Failure::database("planting a job")(source)),
        }
    }
}

/// Pushes the message of a job that waits or runs twice more, once under its own id and once under that of the next one.
pub(super) async fn message_twice(stack: &Stack) -> Result<()> {
    let select = "SELECT id, queue, dispatches FROM jobs WHERE dispatches > 0 ORDER BY finished_at DESC NULLS FIRST, id DESC LIMIT 1";
    let Some(job) = find(stack, select).await? else { return Ok(()) };
    for dispatch in [job.dispatches, job.dispatches, job.dispatches + 1] {
        push(stack, &job.queue, job.message(dispatch)).await?;
    }
    Ok(())
}

/// Pushes the first message of jobs that ended long ago.
pub(super) async fn old_message(stack: &Stack) -> Result<()> {
    let select = "SELECT id, queue, dispatches FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at, random() LIMIT 1 OFFSET 3";
    let Some(job) = find(stack, select).await? else { return Ok(()) };
    push(stack, &job.queue, job.message(1)).await
}

/// Puts something else in the place of a message's content, and more of the same under an id that no job has.
pub(super) async fn unreadable_message(stack: &Stack) -> Result<()> {
    let select = "SELECT id, queue, dispatches FROM jobs WHERE state = 'queued' AND dispatched_at IS NOT NULL ORDER BY id DESC LIMIT 1";
    if let Some(job) = find(stack, select).await? {
        let (id, _) = job.message(job.dispatches);
        push(stack, &job.queue, (id, "{\"v\":1,".to_owned())).await?;
    }
    push(stack, "email", ("j-999999999-1".to_owned(), "\u{1}nonsense".to_owned())).await
}

async fn find(stack: &Stack, select: &'static str) -> Result<Option<Known>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Known::find_by_statement(sql(select, [])).one(stack.database.orm()).await {
            Ok(found) => return Ok(found),
            Err(_) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => return Err(acurate_shared::error::Error::from(error).into()),
        }
    }
}

/// As no client of the product does it: without a look at what is there.
async fn push(stack: &Stack, queue: &str, (id, content): (String, String)) -> Result<()> {
    let (data, ready) = (format!("{PREFIX}:{queue}:data"), format!("{PREFIX}:{queue}:active"));
    redis_until(stack, || {
        let mut command = redis::cmd("HSET");
        command.arg(&data).arg(&id).arg(&content);
        command
    })
    .await?;
    redis_until(stack, || {
        let mut command = redis::cmd("RPUSH");
        command.arg(&ready).arg(&id);
        command
    })
    .await
}

async fn redis_until(stack: &Stack, command: impl Fn() -> redis::Cmd) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let done = async {
            let mut connection = stack.redis_client.get_multiplexed_async_connection().await?;
            command().query_async::<redis::Value>(&mut connection).await
        };
        match done.await {
            Ok(_) => return Ok(()),
            Err(_) if Instant::now() < deadline => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => return Err(Failure::Stopped(format!("Redis: {error}"))),
        }
    }
}
