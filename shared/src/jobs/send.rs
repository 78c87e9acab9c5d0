//! Hands messages of enqueued jobs to the transport.

use super::outbox::Dispatched;
use crate::transport::{Message, Queue, Transport};

/// Messages that did not go out, for [`super::outbox::give_back`].
#[derive(Clone, Debug)]
pub struct Unsent {
    /// The jobs.
    pub jobs: Vec<Dispatched>,
    /// Why.
    pub reason: String,
}

/// Sends messages, queue by queue.
///
/// # Errors
/// With the messages that may not have gone out; a message sent twice does no harm.
pub async fn send(transport: &Transport, jobs: &[Dispatched]) -> Result<(), Unsent> {
    let mut unsent = Unsent {
        jobs: Vec::new(),
        reason: String::new(),
    };
    for queue in Queue::ALL {
        let part: Vec<&Dispatched> = jobs.iter().filter(|job| job.queue == queue.as_str()).collect();
        if part.is_empty() {
            continue;
        }
        let messages: Vec<Message> = part
            .iter()
            .map(|job| Message {
                job_id: job.job_id,
                dispatch: job.dispatch,
                trace: None,
            })
            .collect();
        if let Err(error) = transport.push(queue, &messages).await {
            unsent.reason = error.to_string();
            unsent.jobs.extend(part.into_iter().cloned());
        }
    }
    if unsent.jobs.is_empty() { Ok(()) } else { Err(unsent) }
}

/// Sends messages of queues that have room; a queue whose backlog reaches `window` is left to the dispatcher.
///
/// # Errors
/// With the messages that did not go out.
pub async fn send_within(transport: &Transport, jobs: &[Dispatched], window: u64) -> Result<(), Unsent> {
    let mut ready = Vec::new();
    let mut unsent = Unsent {
        jobs: Vec::new(),
        reason: String::new(),
    };
    for queue in Queue::ALL {
        let part = jobs.iter().filter(|job| job.queue == queue.as_str());
        if part.clone().next().is_none() {
            continue;
        }
        match transport.depth(queue).await {
            Ok(depth) if depth < window => ready.extend(part.cloned()),
            Ok(depth) => {
                unsent.reason = format!("{depth} messages wait in {queue}");
                unsent.jobs.extend(part.cloned());
            }
            Err(error) => {
                unsent.reason = error.to_string();
                unsent.jobs.extend(part.cloned());
            }
        }
    }
    if let Err(more) = send(transport, &ready).await {
        unsent.reason = more.reason;
        unsent.jobs.extend(more.jobs);
    }
    if unsent.jobs.is_empty() { Ok(()) } else { Err(unsent) }
}
