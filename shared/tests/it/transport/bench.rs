//! A key space of its own for each test, and workers to run on it.

use acurate_shared::ids::JobId;
use acurate_shared::testing::until;
use acurate_shared::transport::{BoxError, Envelope, Message, Queue, RunOptions, Stopped, Transport, TransportSettings, run_queue};
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The queue that tests use where any will do.
pub(crate) const QUEUE: Queue = Queue::Email;

/// For a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A transport with a prefix of its own, deleted with this value.
pub(crate) struct Bench {
    pub(crate) settings: TransportSettings,
    pub(crate) transport: Transport,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut TransportSettings)) -> Self {
        let url = std::env::var("ACURATE_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        Self::on(&url, change).await
    }

    pub(crate) async fn on(url: &str, change: impl FnOnce(&mut TransportSettings)) -> Self {
        let mut settings = TransportSettings::new(url.into(), format!("test-{}", uuid::Uuid::new_v4().simple()));
        settings.push_timeout = PATIENCE;
        settings.answer_timeout = PATIENCE;
        change(&mut settings);
        let transport = Transport::connect(&settings).await.unwrap();
        Self { settings, transport }
    }

    /// A connection of the test's own.
    pub(crate) async fn redis(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.settings.url.expose().as_str()).unwrap();
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
        client.get_multiplexed_async_connection_with_config(&config).await.unwrap()
    }

    /// A key of the queue, such as `active`.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}:{QUEUE}:{name}", self.settings.prefix)
    }

    /// Every key of the test.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let pattern = format!("{}:*", self.settings.prefix);
        let mut connection = self.redis().await;
        let mut keys: Vec<String> = connection.keys(pattern).await.unwrap();
        keys.sort();
        keys
    }

    /// Puts a message into Redis behind the transport's back, unannounced.
    pub(crate) async fn plant(&self, id: &str, content: &[u8]) {
        let mut connection = self.redis().await;
        let _: () = connection.hset(self.key("data"), id, content).await.unwrap();
        let _: () = connection.rpush(self.key("active"), id).await.unwrap();
    }

    pub(crate) async fn push(&self, jobs: impl IntoIterator<Item = i64>) {
        let messages: Vec<_> = jobs.into_iter().map(message).collect();
        self.transport.push(QUEUE, &messages).await.unwrap();
    }

    /// Runs the queue in the background.
    pub(crate) fn run<F>(&self, concurrency: usize, handler: impl Fn(Envelope, String) -> F + Send + Sync + 'static) -> Running
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.run_with_grace(concurrency, Duration::from_secs(60), handler)
    }

    pub(crate) fn run_with_grace<F>(
        &self,
        concurrency: usize,
        grace: Duration,
        handler: impl Fn(Envelope, String) -> F + Send + Sync + 'static,
    ) -> Running
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let (transport, shutdown) = (self.transport.clone(), CancellationToken::new());
        let options = RunOptions {
            worker: "test".to_owned(),
            concurrency,
            grace,
        };
        let token = shutdown.clone();
        let task = tokio::spawn(async move { run_queue(&transport, QUEUE, &options, handler, token).await });
        Running { shutdown, task }
    }

    /// Waits until nothing waits and nothing is being handled.
    pub(crate) async fn until_idle(&self) {
        let connection = self.redis().await;
        until("an idle queue", async || {
            let contents: u64 = connection.clone().hlen(self.key("data")).await.unwrap();
            (contents == 0).then_some(())
        })
        .await;
    }

    /// Names of the registered workers.
    pub(crate) async fn workers(&self) -> Vec<String> {
        self.redis().await.zrange(self.key("workers"), 0, -1).await.unwrap()
    }
}

impl Drop for Bench {
    /// A server that a test stopped needs no cleaning.
    fn drop(&mut self) {
        let Ok(client) = redis::Client::open(self.settings.url.expose().as_str()) else {
            return;
        };
        let Ok(mut connection) = client.get_connection_with_timeout(Duration::from_secs(1)) else {
            return;
        };
        let keys: Vec<String> = redis::Commands::keys(&mut connection, format!("{}:*", self.settings.prefix)).unwrap_or_default();
        if !keys.is_empty() {
            let _: Result<(), _> = redis::Commands::del(&mut connection, keys);
        }
    }
}

/// A queue that runs in the background.
pub(crate) struct Running {
    pub(crate) shutdown: CancellationToken,
    task: JoinHandle<Stopped>,
}

impl Running {
    /// Tells it to stop and waits for its end.
    pub(crate) async fn stop(self) -> Stopped {
        self.shutdown.cancel();
        self.ended().await
    }

    /// Waits for its end.
    pub(crate) async fn ended(self) -> Stopped {
        tokio::time::timeout(Duration::from_secs(60), self.task)
            .await
            .expect("the queue ends within a minute")
            .expect("the queue does not panic")
    }
}

/// The first message about a job.
pub(crate) fn message(job: i64) -> Message {
    Message {
        job_id: JobId(job),
        dispatch: 1,
        trace: None,
    }
}

/// What handlers wrote down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<i64>>>);

impl Log {
    /// A handler that writes the job down and succeeds.
    pub(crate) fn handler(&self) -> impl Fn(Envelope, String) -> std::future::Ready<Result<(), BoxError>> + Send + Sync + 'static {
        let log = self.clone();
        move |envelope, _| {
            log.note(&envelope);
            std::future::ready(Ok(()))
        }
    }

    pub(crate) fn note(&self, envelope: &Envelope) {
        self.0.lock().unwrap().push(envelope.open().unwrap().job_id.0);
    }

    /// The jobs in the order of their handling.
    pub(crate) fn jobs(&self) -> Vec<i64> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn distinct(&self) -> BTreeSet<i64> {
        self.jobs().into_iter().collect()
    }

    /// Waits for so many different jobs.
    pub(crate) async fn until(&self, jobs: usize) {
        until(&format!("{jobs} handled jobs"), async || {
            (self.distinct().len() >= jobs).then_some(())
        })
        .await;
    }
}

/// A door at which handlers wait until it is opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door {
    open: CancellationToken,
    waiting: Arc<Mutex<usize>>,
}

impl Door {
    pub(crate) fn open(&self) {
        self.open.cancel();
    }

    pub(crate) async fn pass(&self) {
        *self.waiting.lock().unwrap() += 1;
        self.open.cancelled().await;
    }

    /// Waits until so many have come to the door.
    pub(crate) async fn until_reached_by(&self, handlers: usize) {
        until(&format!("{handlers} handlers at the door"), async || {
            (*self.waiting.lock().unwrap() >= handlers).then_some(())
        })
        .await;
    }

    /// A handler that waits at the door and succeeds.
    pub(crate) fn handler(
        &self,
    ) -> impl Fn(Envelope, String) -> futures::future::BoxFuture<'static, Result<(), BoxError>> + Send + Sync + 'static {
        let door = self.clone();
        move |_, _| {
            let door = door.clone();
            Box::pin(async move {
                door.pass().await;
                Ok(())
            })
        }
    }
}
