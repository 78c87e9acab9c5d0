//! Measures whether Redis's memory stays flat: many messages through the real transport, pushed, handled and acknowledged,
//! with a new worker for each portion, and what Redis holds after each.
//!
//! Only the transport is measured. The rows of the jobs are PostgreSQL's affair, where finished ones are removed by the clock.

mod redis_server;
mod report;

use crate::failure::{Failure, Result};
use acurate_shared::config::{Environment, RedisSettings};
use acurate_shared::ids::JobId;
use acurate_shared::transport::{BoxError, Envelope, Message, Queue, RunOptions, Transport, TransportSettings, run_queue};
use redis_server::RedisServer;
use report::Portion;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The queue that is measured; all are alike.
const QUEUE: Queue = Queue::Achievement;

/// Messages of one push.
const PUSH: u64 = 1000;

/// Messages that may wait, as the dispatcher's default is.
const WINDOW: u64 = 2000;

/// Messages handled at once.
const CONCURRENCY: usize = 100;

/// Silence after which something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Messages in all.
    pub(crate) jobs: u64,
    /// Messages between two lines of the table.
    pub(crate) portion: u64,
}

/// Measures and prints; whether the memory stayed flat.
///
/// # Errors
/// When Redis cannot be reached, or messages are lost or handled twice.
pub(crate) async fn run(plan: Plan) -> Result<bool> {
    let mut env = Environment::from_process();
    let settings = RedisSettings::read(&mut env);
    env.finish()?;
    let mut server = RedisServer::connect(&settings.url).await?;
    let mut settings = TransportSettings::new(settings.url, format!("measure-{}", std::process::id()));
    settings.push_timeout = PATIENCE;
    let transport = Transport::connect(&settings).await.map_err(stopped)?;
    let mut portions = Vec::new();
    let mut done = 0;
    while done < plan.jobs {
        let next = (done + plan.portion).min(plan.jobs);
        portions.push(portion(&transport, &mut server, done, next).await?);
        done = next;
        eprintln!("{done} of {} jobs", plan.jobs);
    }
    let (text, is_flat) = report::measured(&portions);
    print!("{text}");
    Ok(is_flat)
}

fn stopped(error: impl std::fmt::Display) -> Failure {
    Failure::Stopped(format!("the transport: {error}"))
}

/// One worker's life: it starts, handles the messages from `first` up to `end`, and stops.
async fn portion(transport: &Transport, server: &mut RedisServer, first: u64, end: u64) -> Result<Portion> {
    let handled = Arc::new(AtomicU64::new(0));
    let shutdown = CancellationToken::new();
    let worker = tokio::spawn(work(transport.clone(), Arc::clone(&handled), shutdown.clone()));
    let began = Instant::now();
    let under_load = push(transport, server, first, end).await?;
    until_handled(&handled, end - first).await?;
    let took = began.elapsed();
    shutdown.cancel();
    let ended = worker.await.map_err(stopped)?;
    if ended.abandoned > 0 || ended.restarts > 0 {
        return Err(Failure::Stopped(format!("the worker did not end well: {ended:?}")));
    }
    let count = handled.load(Ordering::Relaxed);
    if count != end - first {
        return Err(Failure::Stopped(format!("{} messages were handled {count} times", end - first)));
    }
    transport.trim(QUEUE).await.map_err(stopped)?;
    Ok(Portion {
        jobs: end,
        keys: server.keys().await?,
        at_rest: server.memory().await?,
        under_load,
        rate: (end - first) as f64 / took.as_secs_f64(),
    })
}

async fn work(transport: Transport, handled: Arc<AtomicU64>, shutdown: CancellationToken) -> acurate_shared::transport::Stopped {
    let options = RunOptions {
        worker: "measure".to_owned(),
        concurrency: CONCURRENCY,
        grace: PATIENCE,
    };
    let handler = move |envelope: Envelope, _: String| {
        let opened = envelope.open().map(|_| ()).map_err(BoxError::from);
        handled.fetch_add(1, Ordering::Relaxed);
        ready(opened)
    };
    run_queue(&transport, QUEUE, &options, handler, shutdown).await
}

/// Pushes as the dispatcher does, up to a window of waiting messages; returns the mean of the memory after each push.
async fn push(transport: &Transport, server: &mut RedisServer, first: u64, end: u64) -> Result<u64> {
    let (mut next, mut sum, mut looks) = (first, 0, 0);
    while next < end {
        let until = (next + PUSH).min(end);
        let messages: Vec<Message> = (next..until).map(message).collect::<Result<_>>()?;
        transport.push(QUEUE, &messages).await.map_err(stopped)?;
        sum += server.memory().await?;
        looks += 1;
        next = until;
        until_there_is_room(transport).await?;
    }
    Ok(sum / looks.max(1))
}

fn message(job: u64) -> Result<Message> {
    let job_id = JobId(i64::try_from(job).map_err(stopped)?);
    Ok(Message {
        job_id,
        dispatch: 1,
        trace: None,
    })
}

async fn until_there_is_room(transport: &Transport) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while transport.depth(QUEUE).await.map_err(stopped)? > WINDOW - PUSH {
        if Instant::now() > deadline {
            return Err(Failure::Stopped("the worker takes no messages".to_owned()));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

async fn until_handled(handled: &AtomicU64, all: u64) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while handled.load(Ordering::Relaxed) < all {
        if Instant::now() > deadline {
            let count = handled.load(Ordering::Relaxed);
            return Err(Failure::Stopped(format!("only {count} of {all} messages were handled")));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
