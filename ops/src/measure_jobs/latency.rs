//! How long a job waits from being asked for until it starts, at a steady rate that the workers keep up with.
//!
//! Jobs are asked for at fixed times, whatever became of the earlier ones: a stall delays all that come in it, and each counts.

use super::site::Site;
use crate::failure::{Failure, Result};
use crate::statistics::percentile;
use acurate_shared::jobs::{Job, Order, enqueue, send_within};
use acurate_shared::transport::{Queue, Transport};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Who sends the message of a new job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Whoever asked for it, right after the commit, as the API does.
    Asker,
    /// A dispatcher, which hears of the commit, as for jobs of jobs.
    Dispatcher,
}

/// Waits in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Waits {
    /// From the beginning of the asking transaction to the claim, both by PostgreSQL's clock.
    pub(crate) since_begin: Vec<f64>,
    /// From the asker's return from its commit, by the asker's clock, to the claim, by PostgreSQL's.
    pub(crate) since_commit: Vec<f64>,
    /// By how much the two clocks can differ at most.
    pub(crate) clocks_within: f64,
}

impl Waits {
    /// p50 and p99 from the beginning.
    pub(crate) fn since_begin(&self) -> [f64; 2] {
        [50, 99].map(|percent| percentile(&self.since_begin, percent))
    }

    /// p50 and p99 from the commit.
    pub(crate) fn since_commit(&self) -> [f64; 2] {
        [50, 99].map(|percent| percentile(&self.since_commit, percent))
    }
}

#[derive(FromQueryResult)]
struct Started {
    id: i64,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
}

/// Asks for `rate` probes a second for so many seconds, of one worker with the default settings.
///
/// # Errors
/// When a job does not start within a minute after the last was asked for.
pub(crate) async fn waits(site: &Arc<Site>, rate: u32, seconds: u32, sender: Sender) -> Result<Waits> {
    site.clear().await?;
    let prefix = format!("measure-{}", uuid::Uuid::new_v4().simple());
    let workers = site.workers(&prefix, 1, None).await?;
    let transport = site.transport(&prefix).await?;
    // The first jobs open connections.
    for _ in 0..rate.min(50) {
        ask(site, &transport, sender).await?;
    }
    until_all_started(site).await?;
    site.clear().await?;
    let committed = steadily(site, &transport, rate, seconds, sender).await?;
    let started = until_all_started(site).await?;
    let clocks_within = compare_clocks(site).await?;
    for worker in workers {
        worker.end().await;
    }
    let mut waits = Waits {
        since_begin: Vec::with_capacity(started.len()),
        since_commit: Vec::with_capacity(started.len()),
        clocks_within,
    };
    for job in started {
        let (Some(started), Some(committed)) = (job.started_at, committed.get(&job.id)) else {
            continue;
        };
        waits.since_begin.push(milliseconds(job.created_at, started));
        waits.since_commit.push(milliseconds(*committed, started));
    }
    Ok(waits)
}

/// When each job's commit had returned.
async fn steadily(site: &Arc<Site>, transport: &Transport, rate: u32, seconds: u32, sender: Sender) -> Result<HashMap<i64, DateTime<Utc>>> {
    let mut asking = JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate.max(1));
    for _ in 0..rate * seconds {
        ticks.tick().await;
        let (site, transport) = (Arc::clone(site), transport.clone());
        asking.spawn(async move { ask(&site, &transport, sender).await });
    }
    let mut committed = HashMap::new();
    while let Some(asked) = asking.join_next().await {
        let (id, at) = asked.map_err(|error| Failure::Stopped(error.to_string()))??;
        committed.insert(id, at);
    }
    Ok(committed)
}

async fn ask(site: &Site, transport: &Transport, sender: Sender) -> Result<(i64, DateTime<Utc>)> {
    let mut work = site.begin().await?;
    if sender == Sender::Asker {
        work = work.with_fast_path();
    }
    let id = enqueue(&mut work, &Job::Probe { queue: Queue::Email }, Order::default()).await?;
    let committed = work.commit().await?;
    let at = Utc::now();
    // What is not sent counts as lost and comes later: it shows in the waits.
    let _ = send_within(transport, &committed.jobs, site.jobs.window).await;
    Ok((id.0, at))
}

async fn until_all_started(site: &Site) -> Result<Vec<Started>> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let select = acurate_shared::db::sql("SELECT id, created_at, started_at FROM jobs", []);
        let jobs = Started::find_by_statement(select).all(site.database.orm()).await;
        let jobs = jobs.map_err(acurate_shared::error::Error::from)?;
        let waiting = jobs.iter().filter(|job| job.started_at.is_none()).count();
        if waiting == 0 {
            return Ok(jobs);
        }
        if Instant::now() > deadline {
            return Err(Failure::Stopped(format!("{waiting} jobs did not start within a minute")));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// PostgreSQL's clock is read between two looks at ours: it differs by no more than lies between.
async fn compare_clocks(site: &Site) -> Result<f64> {
    let mut within = f64::INFINITY;
    for _ in 0..20 {
        let before = Utc::now();
        let theirs: DateTime<Utc> = site.value("SELECT clock_timestamp()", []).await?;
        let after = Utc::now();
        let apart = milliseconds(before, theirs).abs().max(milliseconds(theirs, after).abs());
        within = within.min(apart);
    }
    Ok(within)
}

fn milliseconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from)
        .num_microseconds()
        .map_or(f64::INFINITY, |micros| micros as f64 / 1000.0)
}
