//! An API server and a worker of their own for one test, as processes.

use crate::client::Client;
use crate::mailbox::Mailbox;
use acurate_shared::testing::{TestDatabase, redis_prefix, redis_url, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// The platform owner's address in tests.
const OWNER: &str = "owner@acurate.test.edu";

/// The platform owner's password in tests.
const OWNER_PASSWORD: &str = "platform owner of a test";

/// Ends with this value, whatever became of the test.
pub(crate) struct Product {
    pub(crate) base_url: String,
    pub(crate) mailbox: Mailbox,
    environment: Vec<(&'static str, String)>,
    api: Option<Child>,
    workers: Vec<Child>,
    // After the processes, because it is dropped last.
    pub(crate) database: TestDatabase,
}

impl Product {
    /// Starts both and waits until the API is ready.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with some settings of its own, for both.
    pub(crate) async fn start_with(settings: &[(&'static str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let port = free_port();
        let mut environment = vec![
            ("ACURATE_DATABASE_URL", database.url()),
            ("ACURATE_REDIS_URL", redis_url()),
            ("ACURATE_REDIS_PREFIX", redis_prefix()),
            ("ACURATE_SECRET", uuid::Uuid::new_v4().to_string()),
            ("ACURATE_BIND", format!("127.0.0.1:{port}")),
            (
                "ACURATE_SMTP_URL",
                std::env::var("ACURATE_TEST_SMTP_URL").expect("run the tests by ops/test"),
            ),
            ("ACURATE_LOG_FILTER", "warn".to_owned()),
        ];
        environment.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let mut product = Self {
            base_url: format!("http://127.0.0.1:{port}"),
            mailbox: Mailbox::of_the_test_server(),
            environment,
            api: None,
            workers: Vec::new(),
            database,
        };
        product.create_owner();
        product.start_worker();
        product.start_api(None).await;
        product
    }

    /// The value of a setting.
    pub(crate) fn setting(&self, name: &str) -> String {
        let found = self.environment.iter().rev().find(|(known, _)| *known == name);
        found.expect("a setting").1.clone()
    }

    /// Starts the API where it does not run, with a fault or without, and waits until it is ready.
    pub(crate) async fn start_api(&mut self, fault: Option<&str>) {
        let mut command = self.command("acurate-api");
        command.arg("serve").envs(fault.map(|fault| ("ACURATE_FAULT", fault)));
        self.api = Some(spawn(command));
        let url = format!("{}/api/health/ready/", self.base_url);
        until("the API to be ready", || async {
            let answer = reqwest::get(&url).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Kills the API without a warning.
    pub(crate) fn kill_api(&mut self) {
        end(self.api.take().expect("an API"));
    }

    /// Waits for the API to end by itself.
    pub(crate) async fn api_ends(&mut self) {
        let mut api = self.api.take().expect("an API");
        ended("the API", &mut api).await;
    }

    /// Starts one more worker.
    pub(crate) fn start_worker(&mut self) {
        self.start_worker_with(&[]);
    }

    /// Starts one more worker, with some settings of its own.
    pub(crate) fn start_worker_with(&mut self, settings: &[(&str, &str)]) {
        let mut command = self.command("acurate-worker");
        command.arg("run").envs(settings.iter().copied());
        self.workers.push(spawn(command));
    }

    /// Starts one more worker that may have so many bytes of addresses.
    pub(crate) fn start_limited_worker(&mut self, bytes: u64) {
        let mut command = self.command("prlimit");
        command.arg(format!("--as={bytes}")).arg("--");
        command.arg(binaries().join("acurate-worker")).arg("run");
        self.workers.push(spawn(command));
    }

    /// Kills the newest worker without a warning.
    pub(crate) fn kill_worker(&mut self) {
        end(self.workers.pop().expect("a worker"));
    }

    /// Waits for the newest worker to end by itself.
    pub(crate) async fn worker_ends(&mut self) -> ExitStatus {
        let mut worker = self.workers.pop().expect("a worker");
        ended("the worker", &mut worker).await
    }

    /// Whether the newest worker has ended by itself.
    pub(crate) fn worker_has_ended(&mut self) -> bool {
        let worker = self.workers.last_mut().expect("a worker");
        worker.try_wait().expect("asking for its end").is_some()
    }

    /// Sends the newest worker a signal.
    pub(crate) fn signal_worker(&self, signal: Signal) {
        let id = self.workers.last().expect("a worker").id();
        kill(Pid::from_raw(id.try_into().expect("an id")), signal).expect("a worker that runs");
    }

    /// The platform owner, signed in.
    pub(crate) async fn owner(&self) -> Client {
        Client::sign_in(&self.base_url, OWNER, OWNER_PASSWORD).await
    }

    /// Runs `acurate-ops` to its end, with the sign-in of the platform's owner.
    pub(crate) fn operate(&self, arguments: &[&str]) -> Output {
        let folder = tempfile::tempdir().expect("a folder");
        let accounts = folder.path().join("accounts.json");
        let owner = json!({"role": "super_admin", "email": OWNER, "password": OWNER_PASSWORD});
        let content = json!({"base_url": self.base_url, "accounts": [owner]});
        std::fs::write(&accounts, content.to_string()).expect("writing the accounts");
        let mail_dir = std::env::var("ACURATE_TEST_MAIL_DIR").expect("run the tests by ops/test");
        let mut command = self.command("acurate-ops");
        command
            .args(arguments)
            .arg("--accounts")
            .arg(&accounts)
            .arg("--mail-dir")
            .arg(mail_dir);
        command.output().expect("acurate-ops")
    }

    fn create_owner(&self) {
        let arguments = [
            "create-superuser",
            "--email",
            OWNER,
            "--first-name",
            "Platform",
            "--last-name",
            "Owner",
        ];
        let mut child = self
            .command("acurate-api")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("acurate-api");
        child
            .stdin
            .take()
            .expect("stdin")
            .write_all(format!("{OWNER_PASSWORD}\n").as_bytes())
            .expect("writing the password");
        assert!(child.wait().expect("create-superuser").success());
    }

    fn command(&self, binary: &str) -> Command {
        let ours = binaries().join(binary);
        // What is none of the product's is on the PATH.
        let mut command = Command::new(if ours.exists() { ours } else { binary.into() });
        command
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| !name.starts_with("ACURATE_")));
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        for process in self.api.iter_mut().chain(&mut self.workers) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn spawn(mut command: Command) -> Child {
    let child = command.stdout(Stdio::null()).spawn();
    child.unwrap_or_else(|error| panic!("{command:?}: {error}; build the binaries first: cargo build --workspace --bins"))
}

fn end(mut process: Child) {
    process.kill().expect("killing a process");
    process.wait().expect("waiting for its end");
}

async fn ended(what: &str, process: &mut Child) -> ExitStatus {
    let process = std::cell::RefCell::new(process);
    until(&format!("{what} to end"), || async {
        process.borrow_mut().try_wait().expect("asking for its end")
    })
    .await
}

/// The folder of the binaries that were built with this test.
pub(crate) fn binaries() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    test.ancestors().nth(2).expect("target/<profile>").to_owned()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}
