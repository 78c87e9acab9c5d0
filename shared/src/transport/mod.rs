//! Messages between processes through Redis, on apalis-redis.
//!
//! For carrying "look at job 42" from whoever enqueued it to a worker, soon, at least once, and for running the worker's
//! side ([`run_queue`]). Not for keeping anything: it knows nothing of the jobs table, and what Redis forgets is dispatched
//! again by those who do.
//!
//! # What apalis-redis 1.0.0 does as shipped, and what happens here
//!
//! `RedisStorage` itself is unmodified. It runs on a connection that sends our Lua scripts (`lua/`, each says how it
//! differs) where the storage names its own, and that asks again while Redis is away. Tests are in `tests/it/transport/`,
//! those of `scripts` and `wake` beside the code.
//!
//! | | as shipped | here | test |
//! |-|-|-|-|
//! | 1 | about 8 000 messages that are due at once stop the queue for good | promoted 500 at a time; pushed ones are never delayed | `ten_thousand_messages_that_fall_due_at_once_…`, `ten_thousand_messages_pushed_at_once_…` |
//! | 2 | a payload that cannot be decoded ends each worker that fetches it | [`Envelope`] is the bytes; the handler opens it | `a_payload_that_is_no_message_…` |
//! | 3 | `vacuum` deletes what waits for its next attempt, which then ends the worker | never called; [`Transport::trim`] keeps it, and a fetch passes over an id without content | `a_delayed_message_survives_trimming` |
//! | 4 | an id that parses as a number, UUID or ULID comes back changed; its worker dies | ids begin with a letter; a fetch puts others aside | `ids_that_apalis_would_change_or_lose_…` |
//! | 5 | about 8 000 messages of one dead worker make every heartbeat fail | swept 1 000 at a time | `nine_thousand_messages_of_a_dead_worker_…` |
//! | 6 | any error of Redis, also half a second of silence, ends the worker and drops its handlers | the connection waits for Redis; handlers are tasks of their own and outlive their worker | `redis_killed_and_restarted_under_load_…`, `a_redis_that_hangs_…`, `a_handler_that_began_before_an_outage_…` |
//! | 7 | locks take time that grows with the square of the backlog and exclude nobody | `lock_tasks(false)` | `ten_thousand_messages_pushed_at_once_…` |
//! | 8 | an idle worker looks into its queue once per heartbeat | announcements wake it | `an_announcement_wakes_…` |
//! | 9 | interval strategies lose wake-ups | a timer that is polled again after each re-arming | `it_fires_at_every_tick`, `an_idle_worker_finds_an_unannounced_message_…` |
//! | 10 | `persist_results(false)` acknowledges nothing | always `true` | `twenty_thousand_finished_messages_…` |
//! | 11 | 25 attempts whatever is set; a panic is never tried again | `max_deliveries`, for panics too | `a_message_that_always_fails_is_given_up_…`, `a_handler_that_panics_…` |
//! | 12 | a finished id that is pushed again is ignored in silence | ids carry the number of the dispatch, and are forgotten when done | `another_dispatch_of_a_job_…` |
//! | 13 | after a cancelled push the next one on the handle sends nothing and says Ok | a storage for each push | `a_push_that_is_cancelled_…` |
//! | 14 | idempotency keys without a lifetime do nothing | not used; the id is the key | `a_message_pushed_again_while_it_waits_or_runs_…` |
//! | 15 | a name cannot be used again for a while, also after a clean stop; restarts run hot | a unique name for each start, a true sign-off, growing pauses | `a_queue_can_be_run_again_at_once_…`, `a_worker_that_dies_is_replaced_…` |
//! | 16 | lease renewal with task tracking fails at the first heartbeat | neither is on; its scripts would be refused | `a_script_that_is_not_known_is_refused` |
//! | 17 | acknowledging a message that was swept meanwhile ends the worker | passed over | `an_acknowledgement_of_a_message_that_was_taken_away_…` |
//! | 18 | a stop during a fetch strands its batch | the sign-off gives back all that is left | `stopping_under_load_…` |
//! | 19 | a panic unwinds the whole worker | caught, in a task of its own | `a_handler_that_panics_…` |
//! | 20 | a worker with a panic layer cannot be spawned | boxed; the panic is caught in the handler's task | compiles |
//! | 21 | `run_until` waits for the signal although the worker ended | [`run_queue`] waits for whichever comes first | `a_worker_that_dies_is_replaced_…`, `an_idle_queue_stops` |
//! | 22 | heartbeats pause while fetched messages wait for a free place, so a busy worker is taken for dead | heartbeats of our own | `a_live_worker_is_not_taken_for_dead_…` |
//! | 23 | a worker that stops takes no acknowledgements, and with more handlers than `4 * batch` waits for itself | the batch follows the concurrency | `many_handlers_that_end_while_the_queue_stops_…` |
//! | 24 | clients' clocks say what is due and who is dead | the server's clock | `the_servers_clock_says_when_a_worker_was_heard` |
//!
//! When the version of apalis-redis changes, `every_script_that_an_unmodified_storage_runs_is_known_and_replaced` fails until
//! the new scripts have been compared with ours.

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
    /// Prepares the connection and gives it `answer_timeout` to come up. A Redis that is away is no error: everything connects by
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
    /// When Redis is away or does not answer within `answer_timeout`.
    pub async fn depth(&self, queue: Queue) -> Result<u64, TransportError> {
        let config = self.config(queue, 1);
        self.within(self.settings.answer_timeout, async {
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
    /// When it does not within `answer_timeout`.
    pub async fn ping(&self) -> Result<(), TransportError> {
        self.within(self.settings.answer_timeout, async {
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
