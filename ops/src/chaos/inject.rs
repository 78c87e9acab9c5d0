//! Makes the planned faults, each in a task of its own, and writes down from when to when each one lasted.

use super::plan::{Fault, Plan, Planned};
use super::plant;
use super::process::Process;
use super::smtp::Manner;
use super::stack::{LEASE, Stack, Target, WORKER_PACE};
use crate::failure::{Failure, Result};
use chrono::{DateTime, Utc};
use nix::sys::signal::Signal;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a program that was told to end may take.
const END: Duration = Duration::from_secs(30);

/// How long a process that was armed to die may take to get there.
const DEATH: Duration = Duration::from_secs(15);

/// A fault that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Injected {
    /// What.
    pub(crate) fault: Fault,
    /// From when.
    pub(crate) began: DateTime<Utc>,
    /// To when.
    pub(crate) ended: DateTime<Utc>,
}

/// All that was done to the product.
#[derive(Clone, Debug, Default)]
pub(crate) struct Harm {
    /// In the order of their ends.
    pub(crate) faults: Vec<Injected>,
    /// Jobs that no request asked for, by id.
    pub(crate) planted: BTreeMap<i64, Fault>,
    /// When workers died, also of a job that kills its worker again and again.
    pub(crate) deaths: Vec<DateTime<Utc>>,
    /// Faults that could not be made, and programs that did not end when told to.
    pub(crate) failures: Vec<String>,
}

/// Makes faults.
#[derive(Debug)]
pub(crate) struct Injector {
    stack: Arc<Stack>,
    is_long: bool,
    harm: Mutex<Harm>,
    /// One fault of the mail server at a time.
    mail: tokio::sync::Mutex<()>,
}

impl Injector {
    /// Makes all faults of a plan, each at its time, and returns when the last one is over.
    pub(crate) async fn run(stack: &Arc<Stack>, plan: Plan) -> Harm {
        let injector = Arc::new(Self {
            stack: Arc::clone(stack),
            is_long: plan.is_long,
            harm: Mutex::default(),
            mail: tokio::sync::Mutex::default(),
        });
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for planned in plan.faults {
            tokio::time::sleep_until((start + planned.at).into()).await;
            let injector = Arc::clone(&injector);
            tasks.spawn(async move { injector.one(planned).await });
        }
        while tasks.join_next().await.is_some() {}
        std::mem::take(&mut *injector.harm())
    }

    fn harm(&self) -> MutexGuard<'_, Harm> {
        self.harm.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn one(&self, Planned { fault, dice, .. }: Planned) {
        let began = Utc::now();
        let made = self.make(fault, dice).await;
        let ended = Utc::now();
        let mut harm = self.harm();
        harm.faults.push(Injected { fault, began, ended });
        if let Err(failure) = made {
            harm.failures.push(format!("{}: {failure}", fault.text()));
        }
    }

    async fn make(&self, fault: Fault, dice: u64) -> Result<()> {
        let stack = &*self.stack;
        match fault {
            Fault::WorkerKilled | Fault::WorkerStopped | Fault::WorkerFrozen => self.harm_worker(fault, dice).await?,
            Fault::WorkerDiesAtClaim => self.arm_worker("job-claimed:kill", dice).await?,
            Fault::WorkerDiesAfterMail => self.arm_worker("mail-taken:kill", dice).await?,
            Fault::WorkerDiesInImport => self.arm_worker("import-batch:kill", dice).await?,
            Fault::ApiKilled => {
                let mut api = stack.api.lock().await;
                api.end(Signal::SIGKILL, END).await;
                pause(dice, 1500).await;
                api.start(&[])?;
            }
            Fault::ApiDiesBeforePush => self.arm_api(dice).await?,
            Fault::ApiCut => stack.to_api.cut_half_way(nth(dice, 6)),
            Fault::RedisKilled | Fault::RedisRestarted => {
                let mut redis = stack.redis.lock().await;
                self.end(&mut redis, fault, dice).await;
                stack.start_redis(&mut redis).await?;
            }
            Fault::RedisFlushed => plant::flush(stack).await?,
            Fault::RedisUnreachable => {
                stack.to_redis.hold();
                tokio::time::sleep(self.long_or_short(60, 6)).await;
                stack.to_redis.pass();
            }
            Fault::RedisCut if dice.is_multiple_of(2) => stack.to_redis.cut(),
            Fault::RedisCut => stack.to_redis.cut_half_way(nth(dice, 20)),
            Fault::RedisLost => stack.to_redis.lose(),
            Fault::PostgresCut if dice.is_multiple_of(2) => stack.to_postgres.cut(),
            Fault::PostgresCut => stack.to_postgres.cut_half_way(nth(dice, 40)),
            Fault::PostgresLost => stack.to_postgres.lose(),
            Fault::PostgresRestarted | Fault::PostgresCrashed => {
                let mut postgres = stack.postgres.lock().await;
                self.end(&mut postgres, fault, dice).await;
                stack.start_postgres(&mut postgres).await?;
            }
            Fault::BothRestarted => {
                let (mut postgres, mut redis) = (stack.postgres.lock().await, stack.redis.lock().await);
                self.end(&mut postgres, fault, 0).await;
                self.end(&mut redis, Fault::RedisKilled, dice).await;
                stack.start_redis(&mut redis).await?;
                stack.start_postgres(&mut postgres).await?;
            }
            Fault::MailRefused => self.misbehave(Manner::Refuses).await,
            Fault::MailPutOff => self.misbehave(Manner::PutsOff).await,
            Fault::MailRejected => self.misbehave(Manner::Rejects).await,
            Fault::MailDropped => self.misbehave(Manner::Drops).await,
            Fault::MailHangs => self.misbehave(Manner::Hangs).await,
            Fault::MessageTwice => plant::message_twice(stack).await?,
            Fault::MessageReplayed => plant::old_message(stack).await?,
            Fault::UnreadableMessage => plant::unreadable_message(stack).await?,
            Fault::UnknownKind | Fault::OlderPayload | Fault::IncompletePayload => self.plant(fault).await?,
            Fault::DrillPanic | Fault::DrillHang | Fault::DrillIgnoresStop | Fault::DrillMemory => self.plant(fault).await?,
        }
        Ok(())
    }

    async fn plant(&self, fault: Fault) -> Result<()> {
        let id = plant::job(&self.stack, fault).await?;
        self.harm().planted.insert(id, fault);
        Ok(())
    }

    async fn harm_worker(&self, fault: Fault, dice: u64) -> Result<()> {
        let mut worker = self.worker(dice)?.lock().await;
        let Some(pid) = worker.pid() else { return Ok(()) };
        match fault {
            Fault::WorkerStopped => {
                if !worker.end(Signal::SIGTERM, END).await {
                    return Err(Failure::Stopped("it did not end when it was told to".to_owned()));
                }
            }
            Fault::WorkerFrozen => {
                worker.signal(Signal::SIGSTOP);
                self.stack.watch.orphans_of(pid).await;
                tokio::time::sleep(LEASE * 2).await;
                worker.signal(Signal::SIGCONT);
                return Ok(());
            }
            _ => {
                worker.end(Signal::SIGKILL, END).await;
                self.stack.watch.orphans_of(pid).await;
            }
        }
        pause(dice, 2000).await;
        worker.start(&[WORKER_PACE])
    }

    /// A worker that dies where `fault` says; it is started again like any that died.
    async fn arm_worker(&self, fault: &str, dice: u64) -> Result<()> {
        let target = self.worker(dice)?;
        let mut worker = target.lock().await;
        let ended = worker.end(Signal::SIGTERM, END).await;
        let (variable, pace) = WORKER_PACE;
        worker.start(&[(variable, &format!("{pace},{fault}@{}", nth(dice, 8)))])?;
        let pid = worker.pid();
        drop(worker);
        until_gone(target, pid).await;
        if !ended {
            return Err(Failure::Stopped("the worker before did not end when it was told to".to_owned()));
        }
        Ok(())
    }

    async fn arm_api(&self, dice: u64) -> Result<()> {
        let mut api = self.stack.api.lock().await;
        api.end(Signal::SIGTERM, END).await;
        api.start(&[("ACURATE_FAULT", &format!("api-committed:kill@{}", nth(dice, 3)))])?;
        let pid = api.pid();
        drop(api);
        until_gone(&self.stack.api, pid).await;
        Ok(())
    }

    fn worker(&self, dice: u64) -> Result<&Target> {
        let workers = &self.stack.workers;
        let worker = workers.get(nth(dice >> 8, workers.len()) - 1);
        worker.ok_or_else(|| Failure::Stopped("there is no worker".to_owned()))
    }

    /// Ends a server in the manner of the fault, and leaves it away for a moment.
    async fn end(&self, server: &mut Process, fault: Fault, dice: u64) {
        let signal = match fault {
            Fault::PostgresRestarted => Signal::SIGINT,
            // An orderly end of a server that needs a recovery at its next start.
            Fault::PostgresCrashed | Fault::BothRestarted => Signal::SIGQUIT,
            Fault::RedisRestarted => Signal::SIGTERM,
            _ => Signal::SIGKILL,
        };
        server.end(signal, END).await;
        pause(dice, if self.is_long { 6000 } else { 2000 }).await;
    }

    async fn misbehave(&self, manner: Manner) {
        let _others_wait = self.mail.lock().await;
        self.stack.smtp.behave(manner);
        tokio::time::sleep(self.long_or_short(6, 2)).await;
        self.stack.smtp.behave(Manner::Takes);
    }

    fn long_or_short(&self, long: u64, short: u64) -> Duration {
        Duration::from_secs(if self.is_long { long } else { short })
    }
}

/// Up to so many milliseconds.
async fn pause(dice: u64, most: u64) {
    tokio::time::sleep(Duration::from_millis((dice >> 16) % most)).await;
}

/// 1 to `most`.
fn nth(dice: u64, most: usize) -> usize {
    usize::try_from(dice % most as u64).unwrap_or_default() + 1
}

/// Waits until a process is gone, or for so long that it may be left alone.
async fn until_gone(target: &Target, pid: Option<u32>) {
    let deadline = Instant::now() + DEATH;
    while Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if target.lock().await.pid() != pid {
            return;
        }
    }
}
