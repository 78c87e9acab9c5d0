//! A Redis of a test's own, to be killed, stopped and started.

use acurate_shared::testing::until;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// A server on a port that was free, ended with this value.
pub(super) struct RedisServer {
    port: u16,
    folder: PathBuf,
    arguments: Vec<String>,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts one; without arguments it keeps nothing on disk.
    pub(super) async fn start(arguments: &[&str]) -> Self {
        let mut server = Self::prepare(arguments);
        server.restart().await;
        server
    }

    /// Chooses a port and starts nothing.
    pub(super) fn prepare(arguments: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            port: listener.local_addr().unwrap().port(),
            folder,
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            process: None,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it (again), with the files it left.
    pub(super) async fn restart(&mut self) {
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string()])
            .args(&self.arguments)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        let client = redis::Client::open(self.url()).unwrap();
        until("a Redis that answers", async || {
            let mut connection = client.get_multiplexed_async_connection().await.ok()?;
            redis::cmd("PING").query_async::<String>(&mut connection).await.ok()
        })
        .await;
    }

    /// Ends it as a crash would.
    pub(super) async fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().await.unwrap();
    }

    /// Lets it hang without closing its connections.
    pub(super) async fn hang(&self) {
        self.signal("-STOP").await;
    }

    pub(super) async fn go_on(&self) {
        self.signal("-CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let id = self.process.as_ref().and_then(Child::id).expect("it runs");
        let status = Command::new("kill").arg(signal).arg(id.to_string()).status().await.unwrap();
        assert!(status.success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        drop(self.process.take());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
