//! Asking whether a queue lives, by a job that does nothing on the whole way of every other one. What a queue holds is
//! [`super::queues`]'.

use super::definitions::Job;
use super::enqueue::{Order, enqueue};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::Work;
use crate::error::Result;
use crate::ids::JobId;
use crate::kinds::Role;
use crate::transport::Queue;
use serde_json::json;

/// Sends a probe through a queue; super admins only. The job it returns succeeds once a worker has taken it, and its result
/// names the worker. In a paused queue, and in one that nobody consumes, it waits like any other job.
///
/// # Errors
/// `Forbidden`.
pub async fn send(work: &mut Work, actor: &Actor, queue: Queue) -> Result<JobId> {
    actor.require(&[Role::SuperAdmin])?;
    let order = Order {
        institution_id: None,
        created_by: Some(actor.user_id),
    };
    let id = enqueue(work, &Job::Probe { queue }, order).await?;
    let deed = Deed::new("queue.probed", "job", id.0).with(json!({ "queue": queue.as_str() }));
    activity::record_for(work, Some(actor.user_id), None, deed).await?;
    Ok(id)
}
