//! Messages between processes through Redis, on apalis-redis.
//!
//! For carrying "look at job 42" from whoever enqueued it to a worker, soon, at least once, and for running the worker's
//! side. Not for keeping anything: it knows nothing of the jobs table, and what Redis forgets is dispatched again by those
//! who do.

mod connection;
mod error;
mod message;
mod queue;
mod run;
mod scripts;
mod settings;
mod wake;

pub use error::TransportError;
pub use message::{Envelope, Message, UnreadableEnvelope};
pub use queue::{Queue, UnknownQueue};
pub use run::{BoxError, RunOptions, Stopped, run_queue};
pub use settings::TransportSettings;

use apalis_core::backend::TaskSink;
use apalis_core::backend::ext::BackendExt;
use apalis_core::backend::ext::poll_strategy::PollWith;
use apalis_core::backend::ext::with_codec::WithCodec;
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::task_id::TaskId;
use apalis_redis::{Config, RedisStorage};
use connection::{Connection, Patience};
use message::EnvelopeCodec;
use redis::Client;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use wake::Wake;

/// Messages per script call: longer ones would keep Redis from everybody else for too long.
const PUSH_PORTION: usize = 1000;
/// How long a question may take that somebody waits for.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// How long the ids of given-up messages are kept.
const DEAD_KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);

type Storage = WithCodec<RedisStorage<Envelope, Connection>, EnvelopeCodec>;

/// What a worker of apalis takes its messages from.
type QueueBackend = PollWith<Storage, Wake>;

/// Access to the queues. Clones are cheap and share one connection.
///
/// Commands of the process (push, depth, ping, trim) share one multiplexed connection. Each running queue has one of its
/// own, so that large batches delay nobody, and one more that is subscribed to the queue's announcements.
#[derive(Clone)]
pub struct Transport {
    settings: Arc<TransportSettings>,
    client: Client,
    commands: Connection,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What [`Transport::trim`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// Messages taken back from dead workers.
    pub taken_back: u64,
    /// Given-up messages that were forgotten.
    pub forgotten: u64,
    /// Contents without an owner that were deleted.
    pub leftovers: u64,
}

impl Transport {
    /// Prepares the connection and gives it a second to come up. A Redis that is away is no error: everything connects by
    /// itself when it is back.
    ///
    /// # Errors
    /// [`TransportError::Settings`] when the URL cannot be read or the prefix is empty.
    pub async fn connect(settings: &TransportSettings) -> Result<Self, TransportError> {
        if settings.prefix.is_empty() {
            return Err(TransportError::Settings("the prefix is empty".to_owned()));
        }
        let client = Client::open(settings.url.expose().as_str()).map_err(|error| TransportError::Settings(error.to_string()))?;
        let transport = Self {
            settings: Arc::new(settings.clone()),
            commands: Connection::open(client.clone(), settings, Patience::Short)?,
            client,
        };
        if let Err(error) = transport.ping().await {
            tracing::warn!(%error, "Redis is away; jobs wait in the database until it is back");
        }
        Ok(transport)
    }

    /// Hands messages to the workers of a queue, in order, at most `push_timeout` long. A message whose id still waits or runs
    /// is ignored.
    ///
    /// # Errors
    /// When Redis is away or slow; some of the messages may have been pushed then. When a message has a negative number;
    /// nothing was pushed then.
    pub async fn push(&self, queue: Queue, messages: &[Message]) -> Result<(), TransportError> {
        let tasks = messages.iter().map(task).collect::<Result<Vec<_>, _>>()?;
        self.within(self.settings.push_timeout, async {
            let mut tasks = tasks.into_iter().peekable();
            while tasks.peek().is_some() {
                // A storage of its own for each call: one whose push was cancelled sends nothing the next time, and says Ok.
                let mut storage = self.storage(queue, self.commands.clone(), 1);
                storage
                    .push_all(futures::stream::iter(tasks.by_ref().take(PUSH_PORTION).collect::<Vec<_>>()))
                    .await?;
            }
            Ok(())
        })
        .await
    }

    /// How many messages wait in a queue, those of the next delivery after a failure included; not those being handled.
    ///
    /// # Errors
    /// When Redis is away or does not answer within a second.
    pub async fn depth(&self, queue: Queue) -> Result<u64, TransportError> {
        let config = self.config(queue, 1);
        self.within(ANSWER_WITHIN, async {
            let (mut first, mut second) = (self.commands.clone(), self.commands.clone());
            let (mut ready, mut delayed) = (redis::cmd("LLEN"), redis::cmd("ZCARD"));
            ready.arg(config.active_jobs_list());
            delayed.arg(config.scheduled_jobs_set());
            let (ready, delayed) = tokio::try_join!(ready.query_async::<u64>(&mut first), delayed.query_async::<u64>(&mut second))?;
            Ok(ready + delayed)
        })
        .await
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// When it does not within a second.
    pub async fn ping(&self) -> Result<(), TransportError> {
        self.within(ANSWER_WITHIN, async {
            let _: String = redis::cmd("PING").query_async(&mut self.commands.clone()).await?;
            Ok(())
        })
        .await
    }

    /// Takes back what dead workers hold and deletes what nobody needs. To be called about once a minute by anybody; it works
    /// on an idle queue without workers too.
    ///
    /// # Errors
    /// When Redis is away or does not answer within `response_timeout`.
    pub async fn trim(&self, queue: Queue) -> Result<Trimmed, TransportError> {
        let config = self.config(queue, 1);
        self.within(self.settings.response_timeout, async {
            let mut connection = self.commands.clone();
            let taken_back = scripts::SWEEP
                .key(config.workers_set())
                .key(config.active_jobs_list())
                .key(config.signal_list())
                .key(config.inflight_jobs_set())
                .arg(0)
                .arg(self.settings.dead_after().as_secs_f64())
                .invoke_async(&mut connection)
                .await?;
            let (forgotten, leftovers) = scripts::TRIM
                .key(config.workers_set())
                .key(config.active_jobs_list())
                .key(config.scheduled_jobs_set())
                .key(config.dead_jobs_set())
                .key(config.job_data_hash())
                .key(format!("{}:attempts", config.job_meta_hash()))
                .key(config.inflight_jobs_set())
                .arg(DEAD_KEPT_FOR.as_secs())
                .invoke_async(&mut connection)
                .await?;
            Ok(Trimmed {
                taken_back,
                forgotten,
                leftovers,
            })
        })
        .await
    }

    /// A connection for one worker.
    fn worker_connection(&self) -> Result<Connection, TransportError> {
        Connection::open(self.client.clone(), &self.settings, Patience::Endless)
    }

    /// What a worker of apalis takes its messages from, `batch` (1 to 1 000) at a time.
    fn backend(&self, connection: Connection, queue: Queue, batch: usize) -> QueueBackend {
        let channel = format!("tasks:{}:available", self.config(queue, batch).active_jobs_list());
        self.storage(queue, connection, batch)
            .poll_with_strategy(Wake::listen(self.client.clone(), channel, self.settings.tick))
    }

    fn storage(&self, queue: Queue, connection: Connection, batch: usize) -> Storage {
        RedisStorage::new(connection)
            .with_config(self.config(queue, batch))
            .with_codec(EnvelopeCodec)
    }

    fn config(&self, queue: Queue, batch: usize) -> Config {
        Config::default()
            .queue(format!("{}:{queue}", self.settings.prefix))
            .batch_size(batch.clamp(1, 1000))
            // The defaults of both differ between two places of apalis-redis.
            .heartbeat_interval(self.settings.heartbeat)
            .missed_heartbeats(usize::try_from(self.settings.missed_heartbeats).unwrap_or(usize::MAX))
            // Locks take time that grows with the square of the backlog and exclude nobody.
            .lock_tasks(false)
            // What it calls results are the acknowledgements.
            .persist_results(true)
    }

    /// Bounds the time of a call. A connection that did not answer in time may be dead without knowing it.
    async fn within<T>(&self, limit: Duration, call: impl Future<Output = Result<T, TransportError>>) -> Result<T, TransportError> {
        match tokio::time::timeout(limit, call).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.commands.give_up_on_silence();
                Err(TransportError::Timeout(limit))
            }
        }
    }
}

fn task(message: &Message) -> Result<apalis_core::task::Task<Envelope>, TransportError> {
    if message.job_id.0 < 0 || message.dispatch < 0 {
        return Err(TransportError::NegativeNumber(message.clone()));
    }
    let envelope = Envelope::seal(message).map_err(|error| TransportError::Apalis(error.to_string()))?;
    Ok(TaskBuilder::new(envelope).task_id(TaskId::from_string(message.task_id())).build())
}
