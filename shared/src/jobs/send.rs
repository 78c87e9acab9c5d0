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

impl Unsent {
    fn none() -> Self {
        Self {
            jobs: Vec::new(),
            reason: String::new(),
        }
    }

    fn add(&mut self, jobs: impl IntoIterator<Item = Dispatched>, reason: impl Into<String>) {
        self.jobs.extend(jobs);
        self.reason = reason.into();
    }

    fn or_ok(self) -> Result<(), Self> {
        if self.jobs.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// Sends messages, queue by queue.
///
/// # Errors
/// With the messages that may not have gone out; a message sent twice does no harm.
pub async fn send(transport: &Transport, jobs: &[Dispatched]) -> Result<(), Unsent> {
    let (queues, mut unsent) = sort(jobs);
    for (queue, part) in queues {
        let messages: Vec<Message> = part.iter().map(message).collect();
        if let Err(error) = transport.push(queue, &messages).await {
            unsent.add(part, error.to_string());
        }
    }
    unsent.or_ok()
}

/// Sends messages of queues that have room; a queue whose backlog reaches `window` is left to the dispatcher.
///
/// # Errors
/// With the messages that did not go out.
pub async fn send_within(transport: &Transport, jobs: &[Dispatched], window: u64) -> Result<(), Unsent> {
    let (queues, mut unsent) = sort(jobs);
    let mut ready = Vec::new();
    for (queue, part) in queues {
        match transport.depth(queue).await {
            Ok(depth) if depth < window => ready.extend(part),
            Ok(depth) => unsent.add(part, format!("{depth} messages wait in {queue}")),
            Err(error) => unsent.add(part, error.to_string()),
        }
    }
    if let Err(more) = send(transport, &ready).await {
        unsent.add(more.jobs, more.reason);
    }
    unsent.or_ok()
}

/// Messages by queue, in their order; those of a queue that this release does not know cannot be sent.
fn sort(jobs: &[Dispatched]) -> (Vec<(Queue, Vec<Dispatched>)>, Unsent) {
    let mut queues: Vec<(Queue, Vec<Dispatched>)> = Vec::new();
    let mut unsent = Unsent::none();
    for job in jobs {
        match job.queue.parse::<Queue>() {
            Ok(queue) => match queues.iter_mut().find(|(known, _)| *known == queue) {
                Some((_, part)) => part.push(job.clone()),
                None => queues.push((queue, vec![job.clone()])),
            },
            Err(error) => unsent.add([job.clone()], error.to_string()),
        }
    }
    (queues, unsent)
}

fn message(job: &Dispatched) -> Message {
    Message {
        job_id: job.job_id,
        dispatch: job.dispatch,
        trace: None,
    }
}
