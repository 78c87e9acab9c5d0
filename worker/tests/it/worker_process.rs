//! The real worker as a process of its own, on the test's database and a Redis key space of the test's own.

use acurate_shared::testing::{TestDatabase, redis_url, until};
use std::process::{Child, Command, Stdio};

/// What workers of one test have in common.
pub(crate) struct Site {
    database_url: String,
    redis_prefix: String,
    settings: Vec<(&'static str, String)>,
}

/// A worker that runs; killed with this value.
pub(crate) struct WorkerProcess {
    child: Child,
}

impl Site {
    /// Further settings are those of the environment.
    pub(crate) fn new(database: &TestDatabase, settings: &[(&'static str, String)]) -> Self {
        Self {
            database_url: database.url(),
            redis_prefix: acurate_shared::testing::redis_prefix(),
            settings: settings.to_vec(),
        }
    }

    pub(crate) fn start_worker(&self, queues: &str) -> WorkerProcess {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acurate-worker"));
        command
            .args(["run", "--queues", queues])
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| !name.starts_with("ACURATE_")))
            .env("ACURATE_DATABASE_URL", &self.database_url)
            .env("ACURATE_DATABASE_POOL", "8")
            .env("ACURATE_REDIS_URL", redis_url())
            .env("ACURATE_REDIS_PREFIX", &self.redis_prefix)
            .env("ACURATE_SECRET", "a secret that only the tests of workers know")
            .env("ACURATE_LOG_FILTER", "warn")
            .envs(self.settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stdout(Stdio::null());
        WorkerProcess {
            child: command.spawn().expect("the worker"),
        }
    }
}

impl WorkerProcess {
    /// Sends a signal, e.g. `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(kill.expect("kill").success());
    }

    /// Waits for the end.
    pub(crate) async fn exit_code(mut self) -> Option<i32> {
        until("the worker to end", || {
            let ended = self.child.try_wait().expect("the worker's status");
            std::future::ready(ended)
        })
        .await
        .code()
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
