//! Breaks the product on purpose, under load, and proves that nothing was lost and nothing done twice.
//!
//! A run starts servers and programs of its own ([`stack`]), puts institutions under a steady load ([`load`]), makes faults
//! at random moments ([`plan`], [`inject`]), lets everything come to rest, and compares what is there with what the API
//! promised ([`promise`], [`check`]). For drills, not for a product that anybody uses.

mod campus;
mod check;
mod client;
mod facts;
mod files;
mod inject;
mod load;
mod logs;
mod mail;
mod plan;
mod plant;
mod process;
mod promise;
mod proxy;
mod recovery;
mod report;
mod smtp;
mod stack;
mod truth;

use crate::api::Api;
use crate::failure::Result;
use campus::Campus;
use inject::{Harm, Injector};
pub(crate) use plan::Fault;
use plan::Plan;
use promise::Ledger;
use report::Report;
use stack::{OWNER, Place, Stack};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

/// Institutions under load.
const CAMPUSES: usize = 3;

/// How long the load may take to end after it was told to: its slowest request.
const LOAD_ENDS: Duration = Duration::from_secs(360);

/// How long the jobs may take to end after the load did.
const REST: Duration = Duration::from_secs(240);

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// How long faults are made.
    pub(crate) duration: Duration,
    /// The plan is drawn from it.
    pub(crate) seed: u64,
    /// Only these faults; all where it is empty.
    pub(crate) only: Vec<Fault>,
    /// Made by `ops/chaos`.
    pub(crate) folder: PathBuf,
    /// Holds the programs of the product, built for debugging.
    pub(crate) programs: PathBuf,
    /// The database, without faults in between.
    pub(crate) postgres: Url,
    /// Redis, without faults in between.
    pub(crate) redis: Url,
}

/// Makes a run and prints what came of it; whether every check passed.
///
/// # Errors
/// When the run itself could not be made.
pub(crate) async fn run(order: Order) -> Result<bool> {
    println!("seed {} for {} s", order.seed, order.duration.as_secs());
    let place = Place {
        folder: order.folder,
        programs: order.programs,
        postgres: order.postgres,
        redis: order.redis,
    };
    let stack = Arc::new(Stack::start(&place).await?);
    let ledger = Arc::new(Ledger::default());
    let campuses = found(&stack, &ledger).await?;
    let plan = Plan::draw(order.seed, order.duration, &order.only);
    eprintln!("{} faults under load", plan.faults.len());
    let keepers = [stack.keep(), stack.watch.keep()];
    let (mut harm, loaded) = storm(&stack, &ledger, campuses, plan, order.seed).await;
    eprintln!("the load has ended");
    let rested = rest(&stack).await;
    harm.deaths = stack.watch.deaths();
    let promises = ledger.lock().clone();
    let facts = facts::gather(&stack, &place.folder.join("logs")).await?;
    keepers.iter().for_each(tokio::task::JoinHandle::abort);
    let mut findings = check::all(&promises, &facts, &harm);
    findings.extend(check::run(&harm, loaded, rested));
    if !stack.stop().await {
        findings.push(check::Finding::wrong("a program did not end when it was told to"));
    }
    let report = Report {
        promises: &promises,
        facts: &facts,
        harm: &harm,
        findings: &findings,
    };
    println!("{report}");
    Ok(findings.is_empty())
}

async fn found(stack: &Stack, ledger: &Arc<Ledger>) -> Result<Vec<Campus>> {
    let base_url = stack.base_url();
    let owner = Api::sign_in(&base_url, OWNER.0, OWNER.1, None).await?;
    let mut campuses = Vec::new();
    for number in 0..CAMPUSES {
        campuses.push(Campus::found(&base_url, &owner, &stack.smtp, ledger, number).await?);
    }
    Ok(campuses)
}

/// Load and faults at the same time; whether the load ended when it was told to.
async fn storm(stack: &Arc<Stack>, ledger: &Arc<Ledger>, campuses: Vec<Campus>, plan: Plan, seed: u64) -> (Harm, bool) {
    let (stop, stopped) = watch::channel(false);
    let mut load = JoinSet::new();
    for campus in campuses {
        load::start(campus, ledger, seed, stopped.clone(), &mut load);
    }
    let began = Instant::now();
    let harm = Injector::run(stack, plan).await;
    eprintln!("the last fault is over after {:.1} s", began.elapsed().as_secs_f64());
    stop.send_replace(true);
    let ended = tokio::time::timeout(LOAD_ENDS, async { while load.join_next().await.is_some() {} }).await;
    (harm, ended.is_ok())
}

/// Waits until no job is left to do; whether that was so in time.
async fn rest(stack: &Stack) -> bool {
    let deadline = Instant::now() + REST;
    let select = "
        SELECT NOT EXISTS (SELECT FROM jobs WHERE state IN ('queued', 'running')) AND NOT EXISTS (SELECT FROM achievement_marks)";
    let began = Instant::now();
    while Instant::now() < deadline {
        if sqlx::query_scalar(select).fetch_one(stack.database.pool()).await.unwrap_or(false) && stack.watch.waiting() == 0 {
            eprintln!("no job is left after {:.1} s", began.elapsed().as_secs_f64());
            return true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    false
}

/// A seed for those who give none.
pub(crate) fn any_seed() -> u64 {
    u64::from(rand::random::<u32>())
}
