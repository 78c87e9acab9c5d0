//! A backlog of jobs, asked for as the product asks for them, and worked off by so many workers.
//!
//! The queue is paused until the workers live, so that neither their start nor the asking is part of the working off.

use super::cpu::Family;
use super::site::Site;
use crate::failure::{Failure, Result};
use acurate_shared::jobs::{Job, Order, enqueue_many};
use std::time::{Duration, Instant};

/// Jobs of one transaction.
const PORTION: usize = 1000;

/// A backlog without any progress for this long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is worked off, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crew {
    /// Worker processes.
    pub(crate) workers: usize,
    /// Jobs that each runs at once.
    pub(crate) slots: usize,
}

/// How it went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worked {
    /// Jobs a second that were asked for, without workers.
    pub(crate) asked: f64,
    /// Jobs a second from the first claim to the last end.
    pub(crate) done: f64,
    /// PostgreSQL's share of all processors meanwhile, 0 to 1.
    pub(crate) postgres: f64,
}

/// Asks for `jobs`, all of one queue, and has them worked off.
///
/// # Errors
/// When a job does not succeed, or there is no progress for a minute.
pub(crate) async fn work_off(site: &Site, jobs: &[Job], order: Order, crew: Crew) -> Result<Worked> {
    let Some(queue) = jobs.first().map(Job::queue) else {
        return Err(Failure::Stopped("there is nothing to work off".to_owned()));
    };
    site.clear().await?;
    let pause = "INSERT INTO queue_controls (queue, reason) VALUES ($1, 'a measurement is being prepared')";
    site.execute(pause, [queue.into()]).await?;
    let asked = ask(site, jobs, order).await?;
    site.execute("VACUUM (ANALYZE) jobs", []).await?;
    let prefix = format!("measure-{}", uuid::Uuid::new_v4().simple());
    let workers = site
        .workers(&prefix, crew.workers, Some(&format!("{queue}={}", crew.slots)))
        .await?;
    let backend: i32 = site.value("SELECT pg_backend_pid()", []).await?;
    let since = Family::of_child(u32::try_from(backend).unwrap_or_default())?.watch()?;
    let resume = "WITH lifted AS (DELETE FROM queue_controls RETURNING queue) SELECT pg_notify('acurate_jobs', '') FROM lifted";
    site.execute(resume, []).await?;
    until_done(site, queue).await?;
    let postgres = since.share()?;
    for worker in workers {
        worker.end().await;
    }
    Ok(Worked {
        asked,
        done: rate(site, queue, jobs.len()).await?,
        postgres,
    })
}

/// Jobs asked for a second.
async fn ask(site: &Site, jobs: &[Job], order: Order) -> Result<f64> {
    let began = Instant::now();
    for portion in jobs.chunks(PORTION) {
        let mut work = site.begin().await?;
        enqueue_many(&mut work, portion, order).await?;
        let _left_to_the_dispatcher = work.commit().await?;
    }
    Ok(jobs.len() as f64 / began.elapsed().as_secs_f64())
}

/// Looks seldom and cheaply: counting would take time from what is measured. What workers ask for by the clock waits for ever
/// in a queue of its own, which nobody consumes here.
async fn until_done(site: &Site, queue: &str) -> Result<()> {
    let some = "
        SELECT EXISTS (SELECT FROM jobs WHERE state = 'queued' AND queue = $1)
            OR EXISTS (SELECT FROM jobs WHERE state = 'running' AND queue = $1)";
    let last_end = "SELECT COALESCE(extract(epoch FROM now() - max(finished_at)), 0)::float8 FROM jobs WHERE finished_at IS NOT NULL";
    let began = Instant::now();
    while site.value::<bool>(some, [queue.into()]).await? {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let silent: f64 = site.value(last_end, []).await?;
        if silent.max(0.0) > PATIENCE.as_secs_f64() && began.elapsed() > PATIENCE {
            return Err(Failure::Stopped("the workers make no progress".to_owned()));
        }
    }
    Ok(())
}

async fn rate(site: &Site, queue: &str, jobs: usize) -> Result<f64> {
    let done = "SELECT count(*) FROM jobs WHERE state = 'succeeded' AND attempt = 1 AND queue = $1";
    let succeeded: i64 = site.value(done, [queue.into()]).await?;
    if usize::try_from(succeeded).ok() != Some(jobs) {
        return Err(Failure::Stopped(format!("of {jobs} jobs {succeeded} succeeded at the first try")));
    }
    let took = "SELECT extract(epoch FROM max(finished_at) - min(started_at))::float8 FROM jobs WHERE queue = $1";
    Ok(jobs as f64 / site.value::<f64>(took, [queue.into()]).await?)
}
