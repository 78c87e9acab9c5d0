//! The place of a measurement: a database and a Redis of its own, and the product's programs beside this one.

use super::program::{self, Program};
use crate::accounts::{Account, Accounts};
use crate::failure::{Failure, Result};
use acurate_shared::config::{DatabaseSettings, Environment, JobSettings, RedisSettings};
use acurate_shared::db::{Database, Work, sql};
use acurate_shared::transport::{Transport, TransportSettings};
use rand::distr::{Alphanumeric, SampleString};
use sea_orm::{ConnectionTrait, TryGetable, Value};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// Longest wait for a program to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// Largest request body: a file of 500 000 students is one.
const BODY_LIMIT: usize = 200_000_000;

/// The platform's owner.
const OWNER: &str = "owner@example.org";

/// Where everything is.
#[derive(Debug)]
pub(crate) struct Site {
    /// For logs, mails and sign-ins.
    pub(crate) folder: PathBuf,
    /// The database, emptied at will.
    pub(crate) database: Database,
    /// Redis, emptied by nobody: each part has keys of its own.
    pub(crate) redis: RedisSettings,
    /// As the product's programs have them.
    pub(crate) jobs: Arc<JobSettings>,
    programs: PathBuf,
    environment: Vec<(String, String)>,
    logs: AtomicUsize,
}

impl Site {
    /// Takes database and Redis from the environment and migrates the database.
    ///
    /// # Errors
    /// When a setting is missing, or the database is away or not of this release.
    pub(crate) async fn open(folder: PathBuf) -> Result<Self> {
        let mut env = Environment::from_process();
        let (database, redis, jobs) = (
            DatabaseSettings::read(&mut env),
            RedisSettings::read(&mut env),
            JobSettings::read(&mut env),
        );
        env.finish()?;
        let mails = folder.join("mail");
        std::fs::create_dir_all(&mails).map_err(Failure::file(&mails))?;
        let own = std::env::current_exe().map_err(Failure::file(&folder))?;
        let environment = [
            ("ACURATE_DATABASE_URL", database.url.expose().clone()),
            ("ACURATE_REDIS_URL", redis.url.expose().clone()),
            ("ACURATE_SECRET", Alphanumeric.sample_string(&mut rand::rng(), 48)),
            ("ACURATE_MAIL_DIR", mails.display().to_string()),
            ("ACURATE_BODY_LIMIT_BYTES", BODY_LIMIT.to_string()),
        ];
        let site = Self {
            programs: own.parent().map(PathBuf::from).unwrap_or_default(),
            environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
            database: Database::open(&database).await.map_err(acurate_shared::error::Error::from)?,
            redis,
            jobs: Arc::new(jobs),
            folder,
            logs: AtomicUsize::new(0),
        };
        program::run(site.command("acurate-migrate", &["up"]), "").await?;
        Ok(site)
    }

    /// Folder of the mails.
    pub(crate) fn mails(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// Commands of this process to the queues below `prefix`.
    ///
    /// # Errors
    /// When the URL cannot be used.
    pub(crate) async fn transport(&self, prefix: &str) -> Result<Transport> {
        let settings = TransportSettings::new(self.redis.url.clone(), prefix);
        Transport::connect(&settings)
            .await
            .map_err(|error| Failure::Stopped(error.to_string()))
    }

    /// A unit of work as the API begins it.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub(crate) async fn begin(&self) -> Result<Work> {
        Ok(Work::begin(&self.database, &self.jobs).await?)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn execute(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Result<()> {
        let done = self.database.orm().execute_raw(sql(text, values)).await;
        done.map(drop).map_err(|error| acurate_shared::error::Error::from(error).into())
    }

    /// The single value of a statement.
    ///
    /// # Errors
    /// When the database refuses, or there is none.
    pub(crate) async fn value<T: TryGetable>(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Result<T> {
        let row = self.database.orm().query_one_raw(sql(text, values)).await;
        let row = row.map_err(acurate_shared::error::Error::from)?;
        let row = row.ok_or_else(|| Failure::Stopped(format!("no row: {text}")))?;
        let value: Result<T, sea_orm::DbErr> = row.try_get_by_index(0);
        value.map_err(|error| acurate_shared::error::Error::from(error).into())
    }

    /// Forgets all jobs, and every worker that is gone. Not by `TRUNCATE`, which would take institutions along: they name jobs.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn clear(&self) -> Result<()> {
        for table in ["imports", "email_deliveries", "jobs", "workers", "queue_controls"] {
            self.execute(&format!("DELETE FROM {table}"), []).await?;
        }
        self.execute("VACUUM (FULL, ANALYZE) jobs", []).await
    }

    /// Starts workers of `queues`, or of the queues of the default settings, and waits until they say that they live.
    ///
    /// # Errors
    /// When they do not within a minute.
    pub(crate) async fn workers(&self, prefix: &str, count: usize, queues: Option<&str>) -> Result<Vec<Program>> {
        let mut workers = Vec::with_capacity(count);
        for _ in 0..count {
            let mut command = self.command("acurate-worker", &["run"]);
            command.env("ACURATE_REDIS_PREFIX", prefix);
            if let Some(queues) = queues {
                command.args(["--queues", queues]);
            }
            let number = self.logs.fetch_add(1, Ordering::Relaxed);
            workers.push(Program::start(command, &self.folder.join(format!("worker-{number}.log")))?);
        }
        let wanted = i64::try_from(count).unwrap_or(i64::MAX);
        self.until("the workers live", async || {
            if workers.iter_mut().any(|worker| !worker.is_running()) {
                let logs = self.folder.display();
                return Err(Failure::Stopped(format!("a worker has ended; its log is in {logs}")));
            }
            Ok(self.value::<i64>("SELECT count(*) FROM workers", []).await? == wanted)
        })
        .await?;
        Ok(workers)
    }

    /// Makes the platform's owner, starts the API, and returns where the sign-in is written.
    ///
    /// # Errors
    /// When the API is not ready within a minute.
    pub(crate) async fn api(&self, prefix: &str) -> Result<(Program, PathBuf)> {
        let password = Alphanumeric.sample_string(&mut rand::rng(), 24);
        let owner = ["create-superuser", "--email", OWNER, "--first-name", "Olga", "--last-name", "Owner"];
        program::run(self.command("acurate-api", &owner), &format!("{password}\n")).await?;
        let address = free_address().await?;
        let mut command = self.command("acurate-api", &["serve"]);
        command.env("ACURATE_REDIS_PREFIX", prefix).env("ACURATE_BIND", &address);
        let api = Program::start(command, &self.folder.join("api.log"))?;
        let ready = format!("http://{address}/api/health/ready/");
        self.until("the API is ready", async || {
            Ok(reqwest::get(&ready).await.is_ok_and(|answer| answer.status().is_success()))
        })
        .await?;
        let accounts = Accounts {
            base_url: format!("http://{address}"),
            accounts: vec![Account {
                role: "super_admin".to_owned(),
                email: OWNER.to_owned(),
                password,
            }],
        };
        let path = self.folder.join("accounts.json");
        accounts.write(&path)?;
        Ok((api, path))
    }

    async fn until(&self, what: &str, mut ask: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !ask().await? {
            if Instant::now() > deadline {
                let logs = self.folder.display();
                return Err(Failure::Stopped(format!("waited in vain until {what}; the logs are in {logs}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// A program of the product, which sees no setting but ours.
    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(arguments).env_clear();
        command.envs(std::env::vars().filter(|(name, _)| !name.starts_with("ACURATE_")));
        command.envs(self.environment.iter().cloned());
        command
    }
}

async fn free_address() -> Result<String> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address.map_err(Failure::file(std::path::Path::new("127.0.0.1")))?.to_string())
}
