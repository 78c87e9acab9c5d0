//! Celery on the same machine and the same Redis: tasks that do nothing, worked off by two processes.

use super::program::{self, Program};
use super::site::Site;
use crate::failure::{Failure, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;
use url::Url;

/// The tasks and their sender.
const SOURCE: &str = include_str!("celery/noop.py");

/// A backlog without any progress for this long is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// Celery with a database of Redis for itself.
#[derive(Debug)]
pub(crate) struct Celery {
    python: PathBuf,
    folder: PathBuf,
    broker: Url,
    redis: redis::Client,
}

/// Tasks a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worked {
    /// Sent.
    pub(crate) asked: f64,
    /// Done, from the first to the last.
    pub(crate) done: f64,
}

impl Celery {
    /// `python` has Celery.
    ///
    /// # Errors
    /// When the tasks cannot be written, or Redis has no usable address.
    pub(crate) fn new(site: &Site, python: &Path) -> Result<Self> {
        let folder = site.folder.join("celery");
        std::fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
        std::fs::write(folder.join("noop.py"), SOURCE).map_err(Failure::file(&folder))?;
        let stopped = |error: &dyn std::error::Error| Failure::Stopped(format!("ACURATE_REDIS_URL: {error}"));
        let mut broker = Url::parse(site.redis.url.expose()).map_err(|error| stopped(&error))?;
        broker.set_path("/1");
        Ok(Self {
            python: python.to_owned(),
            folder,
            redis: redis::Client::open(broker.as_str()).map_err(|error| stopped(&error))?,
            broker,
        })
    }

    /// Its version.
    ///
    /// # Errors
    /// When Python has no Celery.
    pub(crate) async fn version(&self) -> Result<String> {
        let mut command = self.command();
        command.args(["-c", "import celery; print(celery.__version__)"]);
        Ok(program::run(command, "").await?.trim().to_owned())
    }

    /// Sends `tasks` and has them worked off.
    ///
    /// # Errors
    /// When Redis or the worker does not answer, or there is no progress for a minute.
    pub(crate) async fn work_off(&self, tasks: usize) -> Result<Worked> {
        let mut redis = self.redis.get_multiplexed_async_connection().await.map_err(away)?;
        let _: () = redis::cmd("FLUSHDB").query_async(&mut redis).await.map_err(away)?;
        let mut command = self.command();
        command.arg("noop.py").arg(tasks.to_string());
        let said = program::run(command, "").await?;
        let seconds: f64 = said
            .trim()
            .parse()
            .map_err(|_| Failure::Stopped(format!("Celery's sender said {said:?}")))?;
        let worker = Program::start(self.worker(), &self.folder.join("worker.log"))?;
        let done = watch(&mut redis, tasks).await;
        worker.end().await;
        Ok(Worked {
            asked: tasks as f64 / seconds,
            done: done?,
        })
    }

    fn worker(&self) -> Command {
        let mut command = self.command();
        command.args(["-m", "celery", "-A", "noop", "worker", "--pool", "prefork", "--concurrency", "2"]);
        command.args(["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]);
        command
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.python);
        command.current_dir(&self.folder).env("BROKER_URL", self.broker.as_str());
        command
    }
}

/// Tasks a second, from the first that left the queue until none waits and none is kept for a process.
async fn watch(redis: &mut redis::aio::MultiplexedConnection, tasks: usize) -> Result<f64> {
    let mut first: Option<(Instant, usize)> = None;
    let mut last = (Instant::now(), tasks);
    loop {
        let mut both = redis::pipe();
        both.cmd("LLEN").arg("celery").cmd("HLEN").arg("unacked");
        let (waiting, kept): (usize, usize) = both.query_async(redis).await.map_err(away)?;
        let left = waiting + kept;
        if left != last.1 {
            last = (Instant::now(), left);
        }
        if left < tasks && first.is_none() {
            first = Some(last);
        }
        if let Some((began, before)) = first.filter(|_| left == 0) {
            return Ok(before as f64 / began.elapsed().as_secs_f64());
        }
        if last.0.elapsed() > PATIENCE {
            return Err(Failure::Stopped(format!("Celery makes no progress: {left} tasks are left")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn away(error: redis::RedisError) -> Failure {
    Failure::Stopped(format!("Redis: {error}"))
}
