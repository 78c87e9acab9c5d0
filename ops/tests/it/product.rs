//! An API server and a worker of their own for one test, as processes.

use crate::client::Client;
use crate::mailbox::Mailbox;
use acurate_shared::testing::{TestDatabase, redis_prefix, redis_url, until};
use serde_json::json;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// The platform owner's address in tests.
const OWNER: &str = "owner@acurate.test.edu";

/// The platform owner's password in tests.
const OWNER_PASSWORD: &str = "platform owner of a test";

/// Ends with this value, whatever became of the test.
pub(crate) struct Product {
    pub(crate) base_url: String,
    pub(crate) mailbox: Mailbox,
    environment: Vec<(&'static str, String)>,
    processes: Vec<Child>,
    // After the processes, because it is dropped last.
    _database: TestDatabase,
}

impl Product {
    /// Starts both and waits until the API is ready.
    pub(crate) async fn start() -> Self {
        let database = TestDatabase::create().await;
        let port = free_port();
        let environment = vec![
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
        let mut product = Self {
            base_url: format!("http://127.0.0.1:{port}"),
            mailbox: Mailbox::of_the_test_server(),
            environment,
            processes: Vec::new(),
            _database: database,
        };
        product.spawn("acurate-api", &["serve"]);
        product.start_worker();
        product.create_owner();
        let url = format!("{}/api/health/ready/", product.base_url);
        until("the API to be ready", || async {
            let answer = reqwest::get(&url).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        product
    }

    /// Starts one more worker.
    pub(crate) fn start_worker(&mut self) {
        self.spawn("acurate-worker", &["run"]);
    }

    /// Kills the newest worker without a warning.
    pub(crate) fn kill_worker(&mut self) {
        let mut worker = self.processes.pop().expect("a worker");
        worker.kill().expect("killing the worker");
        worker.wait().expect("waiting for the worker");
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

    fn spawn(&mut self, binary: &str, arguments: &[&str]) {
        let child = self.command(binary).args(arguments).stdout(Stdio::null()).spawn();
        self.processes
            .push(child.unwrap_or_else(|error| panic!("{binary}: {error}; build the binaries first: cargo build --workspace --bins")));
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
        let mut command = Command::new(binaries().join(binary));
        command
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| !name.starts_with("ACURATE_")));
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// The folder of the binaries that were built with this test.
fn binaries() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    test.ancestors().nth(2).expect("target/<profile>").to_owned()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}
