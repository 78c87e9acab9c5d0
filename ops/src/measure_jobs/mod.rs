//! Measures jobs: how many a second through the whole path, beside Celery and beside PostgreSQL alone; how long one waits; what
//! more workers bring; and whether one institution's import holds up another's single marks.
//!
//! It needs a database and a Redis that nobody else uses, and empties the database as it likes. `ops/measure-jobs` makes both.

mod backlog;
mod bound;
mod campus;
mod celery;
mod cpu;
mod fairness;
mod latency;
mod program;
mod report;
mod site;

use crate::failure::Result;
use acurate_shared::jobs::{Job, Order};
use acurate_shared::transport::Queue;
use backlog::{Crew, work_off};
use celery::Celery;
use latency::Sender;
use site::Site;
use std::path::PathBuf;
use std::sync::Arc;

/// Jobs of one worker at once that do nothing.
const PROBE_SLOTS: usize = 32;

/// Computations of one worker at once.
const ACHIEVEMENT_SLOTS: usize = 4;

/// What is measured, and how much of it.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Rounds of throughput; the medians count.
    pub(crate) rounds: usize,
    /// Jobs of one round.
    pub(crate) jobs: usize,
    /// Celery's tasks of one round.
    pub(crate) tasks: usize,
    /// Jobs a second while waits are measured.
    pub(crate) rate: u32,
    /// For so many seconds.
    pub(crate) seconds: u32,
    /// Students whose outcomes are computed, one job each.
    pub(crate) students: usize,
    /// Numbers of workers that compute them.
    pub(crate) workers: Vec<usize>,
    /// Records of the import.
    pub(crate) records: usize,
    /// Single marks a second beside it.
    pub(crate) marks: u32,
}

impl Plan {
    /// What is quoted.
    pub(crate) fn full() -> Self {
        Self {
            rounds: 3,
            jobs: 20_000,
            tasks: 5_000,
            rate: 200,
            seconds: 30,
            students: 5_000,
            workers: vec![1, 2, 4],
            records: 500_000,
            marks: 10,
        }
    }

    /// About a minute of the same.
    pub(crate) fn quick() -> Self {
        Self {
            rounds: 1,
            jobs: 5_000,
            tasks: 1_000,
            seconds: 5,
            students: 1_000,
            records: 50_000,
            ..Self::full()
        }
    }
}

/// Throughput of one round, in jobs a second.
#[derive(Debug, Clone, Copy)]
struct Round {
    celery: Option<celery::Worked>,
    one: backlog::Worked,
    two: backlog::Worked,
    bound: f64,
}

/// Measures and prints, each part as soon as it is known. `python` has Celery; without one nothing is compared.
///
/// # Errors
/// When a server or program is away or refuses, or a job is not done exactly once.
pub(crate) async fn run(plan: &Plan, folder: PathBuf, python: Option<PathBuf>) -> Result<()> {
    let site = Arc::new(Site::open(folder).await?);
    let celery = python.map(|python| Celery::new(&site, &python)).transpose()?;
    println!("{}", throughput(&site, plan, celery.as_ref()).await?);
    println!("{}", waits(&site, plan).await?);
    println!("{}", scaling(&site, plan).await?);
    eprintln!("fairness");
    let outcome = fairness::measure(&site, plan.marks, plan.seconds, plan.records).await?;
    print!("{}", report::fairness(plan, &outcome));
    Ok(())
}

async fn throughput(site: &Site, plan: &Plan, celery: Option<&Celery>) -> Result<String> {
    let jobs = vec![Job::Probe { queue: Queue::Email }; plan.jobs];
    let mut rounds = Vec::with_capacity(plan.rounds);
    for number in 1..=plan.rounds {
        eprintln!("throughput, round {number} of {}", plan.rounds);
        let crew = |workers| Crew {
            workers,
            slots: PROBE_SLOTS,
        };
        rounds.push(Round {
            celery: match celery {
                Some(celery) => Some(celery.work_off(plan.tasks).await?),
                None => None,
            },
            one: work_off(site, &jobs, Order::default(), crew(1)).await?,
            two: work_off(site, &jobs, Order::default(), crew(2)).await?,
            bound: bound::lives(site, plan.jobs / 4).await?,
        });
    }
    let version = match celery {
        Some(celery) => Some(celery.version().await?),
        None => None,
    };
    Ok(report::throughput(plan, &rounds, version.as_deref()))
}

async fn waits(site: &Arc<Site>, plan: &Plan) -> Result<String> {
    eprintln!("waits, sent by whoever asks");
    let asker = latency::waits(site, plan.rate, plan.seconds, Sender::Asker).await?;
    eprintln!("waits, sent by a dispatcher");
    let dispatcher = latency::waits(site, plan.rate, plan.seconds, Sender::Dispatcher).await?;
    Ok(report::waits(plan, &asker, &dispatcher))
}

async fn scaling(site: &Site, plan: &Plan) -> Result<String> {
    let institution = campus::institution(site).await?;
    let campus = campus::found(site, institution, plan.students).await?;
    let jobs: Vec<Job> = campus
        .students
        .iter()
        .map(|id| Job::Achievement { student_ids: vec![*id] })
        .collect();
    let order = Order {
        institution_id: Some(campus.institution_id),
        created_by: None,
    };
    let mut steps = Vec::with_capacity(plan.workers.len());
    for workers in plan.workers.iter().copied() {
        eprintln!("scaling, {workers} worker(s)");
        let crew = Crew {
            workers,
            slots: ACHIEVEMENT_SLOTS,
        };
        steps.push((workers, work_off(site, &jobs, order, crew).await?));
    }
    Ok(report::scaling(plan, &steps))
}
