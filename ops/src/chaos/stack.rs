//! Everything that runs in a run: PostgreSQL, Redis, the mail server, the proxies, the API and two workers.
//!
//! It starts them, starts again what died, and keeps them where faults find them. Which faults is `inject`'s.

use super::process::{Process, Program};
use super::proxy::Proxy;
use super::recovery::Watch;
use super::smtp::Smtp;
use crate::failure::{Failure, Result};
use acurate_shared::config::{DatabaseSettings, Environment};
use acurate_shared::db::Database;
use nix::sys::signal::Signal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use url::Url;

/// Worker processes.
pub(crate) const WORKERS: usize = 2;

/// How long a claim lasts without being renewed; short, so that a run has time for many lost ones.
pub(crate) const LEASE: Duration = Duration::from_secs(4);

/// First part of every key in Redis.
pub(crate) const PREFIX: &str = "chaos";

/// Longest wait for a server or program to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// The owner of the platform.
pub(crate) const OWNER: (&str, &str) = ("owner@example.org", "a password of a run that ends soon");

/// Where the servers are and what starts them; `ops/chaos` made all of it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Holds `run-postgres`, `run-redis` and `logs`.
    pub(crate) folder: PathBuf,
    /// Holds the programs of the product.
    pub(crate) programs: PathBuf,
    /// The database.
    pub(crate) postgres: Url,
    /// Redis.
    pub(crate) redis: Url,
}

/// A process that faults are made on, one at a time.
pub(crate) type Target = Arc<Mutex<Process>>;

/// What runs.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) postgres: Target,
    pub(crate) redis: Target,
    pub(crate) api: Target,
    pub(crate) workers: Vec<Target>,
    pub(crate) to_postgres: Proxy,
    pub(crate) to_redis: Proxy,
    pub(crate) to_api: Proxy,
    pub(crate) smtp: Smtp,
    /// A way to the database that no fault cuts.
    pub(crate) database: Database,
    /// The same to Redis.
    pub(crate) redis_client: redis::Client,
    pub(crate) watch: Watch,
}

impl Stack {
    /// Starts all of it and waits until the API is ready.
    ///
    /// # Errors
    /// When something does not start.
    pub(crate) async fn start(place: &Place) -> Result<Self> {
        let to_postgres = Proxy::start(address(&place.postgres)?).await?;
        let to_redis = Proxy::start(address(&place.redis)?).await?;
        let api_port = free_port().await?;
        let to_api = Proxy::start(SocketAddr::from(([127, 0, 0, 1], api_port))).await?;
        let smtp = Smtp::start().await?;
        let environment = environment(place, [&to_postgres, &to_redis], &smtp, api_port);
        let program = |name: &str, command: Vec<String>| {
            Arc::new(Mutex::new(Process::new(Program {
                name: name.to_owned(),
                command,
                environment: environment.clone(),
                logs: place.folder.join("logs"),
            })))
        };
        let server = |name: &str| program(name, vec![place.folder.join(format!("run-{name}")).display().to_string()]);
        let workers = (1..=WORKERS)
            .map(|number| program(&format!("worker{number}"), worker(place)))
            .collect();
        let mut settings = DatabaseSettings::read(&mut Environment::default());
        settings.url = place.postgres.to_string().into();
        let database = Database::open(&settings).await.map_err(acurate_shared::error::Error::from)?;
        let redis_client = redis::Client::open(place.redis.as_str()).map_err(|error| Failure::Stopped(error.to_string()))?;
        let stack = Self {
            postgres: server("postgres"),
            redis: server("redis"),
            api: program("api", command(place, "acurate-api", "serve")),
            workers,
            to_postgres,
            to_redis,
            to_api,
            smtp,
            watch: Watch::new(database.clone()),
            database,
            redis_client,
        };
        stack.postgres.lock().await.start(&[])?;
        stack.redis.lock().await.start(&[])?;
        stack.until_servers_answer().await?;
        prepare(place, &environment).await?;
        stack.api.lock().await.start(&[])?;
        for worker in &stack.workers {
            worker.lock().await.start(&[WORKER_PACE])?;
        }
        stack.until_ready().await?;
        Ok(stack)
    }

    /// Where clients find the API.
    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.to_api.port())
    }

    /// Starts PostgreSQL anew, which has ended.
    ///
    /// # Errors
    /// When it does not answer within a minute.
    pub(crate) async fn start_postgres(&self, process: &mut Process) -> Result<()> {
        process.start(&[])?;
        until("PostgreSQL", || async { self.database.ping().await.is_ok() }).await
    }

    /// Starts Redis anew, which has ended.
    ///
    /// # Errors
    /// When it does not answer within a minute.
    pub(crate) async fn start_redis(&self, process: &mut Process) -> Result<()> {
        process.start(&[])?;
        until("Redis", || async { self.redis_answers().await }).await
    }

    async fn redis_answers(&self) -> bool {
        let Ok(mut connection) = self.redis_client.get_multiplexed_async_connection().await else {
            return false;
        };
        redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
    }

    async fn until_servers_answer(&self) -> Result<()> {
        until("PostgreSQL", || async { self.database.ping().await.is_ok() }).await?;
        until("Redis", || async { self.redis_answers().await }).await
    }

    /// Waits until the API is ready.
    ///
    /// # Errors
    /// When it is not within a minute.
    pub(crate) async fn until_ready(&self) -> Result<()> {
        let url = format!("{}/api/health/ready/", self.base_url());
        until("the API", || async {
            reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success())
        })
        .await
    }

    /// Starts again what died, until dropped. Its orphaned jobs are watched.
    pub(crate) fn keep(self: &Arc<Self>) -> JoinHandle<()> {
        let stack = Arc::clone(self);
        tokio::spawn(async move {
            let mut pids = vec![None; WORKERS];
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                // One that is locked is in the hands of a fault.
                if let Ok(mut api) = stack.api.try_lock()
                    && !api.is_running()
                {
                    let _tried_again = api.start(&[]);
                }
                for (worker, pid) in stack.workers.iter().zip(&mut pids) {
                    let Ok(mut worker) = worker.try_lock() else { continue };
                    if let Some(died) = pid.take_if(|_| !worker.is_running()) {
                        stack.watch.orphans_of(died).await;
                    }
                    if !worker.is_running() {
                        let _tried_again = worker.start(&[WORKER_PACE]);
                    }
                    *pid = worker.pid();
                }
            }
        })
    }

    /// Ends everything in order; whether the programs of the product ended by themselves.
    pub(crate) async fn stop(&self) -> bool {
        let mut gently = true;
        for worker in &self.workers {
            gently &= worker.lock().await.end(Signal::SIGTERM, PATIENCE).await;
        }
        gently &= self.api.lock().await.end(Signal::SIGTERM, PATIENCE).await;
        self.database.pool().close().await;
        self.redis.lock().await.end(Signal::SIGTERM, PATIENCE).await;
        self.postgres.lock().await.end(Signal::SIGINT, PATIENCE).await;
        gently
    }
}

/// Slows imports down a little, so that most faults meet one that is under way.
pub(crate) const WORKER_PACE: (&str, &str) = ("ACURATE_FAULT", "import-batch:pause=40");

/// Address space of a worker, in bytes: far above what it needs, and far below what `DrillMemory` asks for.
const ADDRESS_SPACE: u64 = 6 << 30;

/// The settings of the product: leases and limits shortened, tries raised, because a run has more faults in a minute than
/// an installation in a year.
fn environment(place: &Place, [to_postgres, to_redis]: [&Proxy; 2], smtp: &Smtp, api_port: u16) -> Vec<(String, String)> {
    let (mut postgres, mut redis) = (place.postgres.clone(), place.redis.clone());
    // A URL with a host takes a port.
    let _ = (postgres.set_port(Some(to_postgres.port())), redis.set_port(Some(to_redis.port())));
    let pairs = [
        ("DATABASE_URL", postgres.to_string()),
        ("DATABASE_POOL", "12".to_owned()),
        ("REDIS_URL", redis.to_string()),
        ("REDIS_PREFIX", PREFIX.to_owned()),
        ("SECRET", "a server secret of a run that ends soon".to_owned()),
        ("BIND", format!("127.0.0.1:{api_port}")),
        ("SMTP_URL", format!("smtp://127.0.0.1:{}", smtp.port())),
        ("SMTP_TIMEOUT_SECONDS", "3".to_owned()),
        ("SMTP_BREAKER_SECONDS", "2".to_owned()),
        ("ACCESS_TOKEN_SECONDS", "86400".to_owned()),
        ("PASSWORD_RESET_SECONDS", "86400".to_owned()),
        ("PASSWORD_RESET_COOLDOWN_SECONDS", "86400".to_owned()),
        ("JOB_LEASE_SECONDS", LEASE.as_secs().to_string()),
        ("JOB_HEARTBEAT_SECONDS", "1".to_owned()),
        ("JOB_SOFT_LIMIT_SECONDS", "8".to_owned()),
        ("JOB_HARD_LIMIT_SECONDS", "10".to_owned()),
        ("JOB_REDISPATCH_SECONDS", "2".to_owned()),
        ("EMAIL_ATTEMPTS", "100".to_owned()),
        ("EMAIL_RETRY_SECONDS", "2".to_owned()),
        ("IMPORT_ATTEMPTS", "50".to_owned()),
        ("IMPORT_RETRY_SECONDS", "1".to_owned()),
        ("IMPORT_BATCH", "10".to_owned()),
        ("IMPORT_BATCH_GRADES", "10".to_owned()),
        ("WORKER_GRACE_SECONDS", "5".to_owned()),
        ("SHUTDOWN_GRACE_SECONDS", "5".to_owned()),
        ("LOG_FILTER", "info".to_owned()),
    ];
    pairs.map(|(name, value)| (format!("ACURATE_{name}"), value)).into()
}

/// Ends with this process, whatever becomes of it.
fn command(place: &Place, program: &str, subcommand: &str) -> Vec<String> {
    let path = place.programs.join(program).display().to_string();
    ["setpriv", "--pdeathsig", "KILL", "--", &path, subcommand]
        .map(str::to_owned)
        .into()
}

fn worker(place: &Place) -> Vec<String> {
    let mut limited = vec!["prlimit".to_owned(), format!("--as={ADDRESS_SPACE}"), "--".to_owned()];
    limited.extend(command(place, "acurate-worker", "run"));
    limited
}

/// Migrates the database and makes the platform's owner.
async fn prepare(place: &Place, environment: &[(String, String)]) -> Result<()> {
    let owner = [
        "create-superuser",
        "--email",
        OWNER.0,
        "--first-name",
        "Olga",
        "--last-name",
        "Owner",
    ];
    run(&place.programs.join("acurate-migrate"), &["up"], environment, "").await?;
    run(&place.programs.join("acurate-api"), &owner, environment, OWNER.1).await
}

async fn run(program: &Path, arguments: &[&str], environment: &[(String, String)], input: &str) -> Result<()> {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).envs(environment.iter().cloned()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().map_err(Failure::file(program))?;
    if let Some(mut stdin) = child.stdin.take() {
        let line = format!("{input}\n");
        stdin.write_all(line.as_bytes()).await.map_err(Failure::file(program))?;
    }
    let status = child.wait().await.map_err(Failure::file(program))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Stopped(format!("{} ended with {status}", program.display())))
}

/// Asks again and again until the answer is yes, for a minute.
async fn until<F: Future<Output = bool>>(what: &str, ask: impl Fn() -> F) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !ask().await {
        if Instant::now() > deadline {
            return Err(Failure::Stopped(format!("{what} does not answer")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn address(url: &Url) -> Result<SocketAddr> {
    let port = url
        .port()
        .ok_or_else(|| Failure::Stopped(format!("{} has no port", url.scheme())))?;
    Ok(SocketAddr::from(([127, 0, 0, 1], port)))
}

async fn free_port() -> Result<u16> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address.map_err(Failure::file(Path::new("127.0.0.1")))?.port())
}
