//! The connection under `RedisStorage`: it runs our scripts in place of the faulty ones and rides out an outage of Redis.
//!
//! Every error that `RedisStorage` sees ends its worker. So a worker's connection shows it none that passes: it asks again
//! until Redis answers. Every command that is repeated here may be repeated: a second push, acknowledgement, sweep or
//! heartbeat changes nothing, and a second fetch returns the batch of the first.

use super::scripts::{self, Planned, Rules, Try};
use super::{TransportError, TransportSettings};
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, ServerErrorKind, Value};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Youngest age at which a silent connection is replaced; many callers may run out of time at once.
const GIVE_UP_AFTER: Duration = Duration::from_secs(1);

/// How long to ask again when Redis is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Twice more, within a tenth of a second: somebody waits. (Once is not enough: the first answer after an outage is the
    /// error of the last attempt to connect.)
    Short,
    /// Until Redis answers or the future is dropped: a worker has nothing better to do.
    Endless,
}

/// One multiplexed connection; clones share it.
#[derive(Clone)]
pub(super) struct Connection {
    link: Arc<Link>,
    rules: Rules,
    patience: Patience,
    tokens: Arc<AtomicU64>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Does not connect; the first command does.
    pub(super) fn open(client: Client, settings: &TransportSettings, patience: Patience) -> Result<Self, TransportError> {
        Ok(Self {
            link: Arc::new(Link::open(client, settings)?),
            rules: Rules {
                max_deliveries: settings.max_deliveries,
                dead_after_seconds: settings.dead_after().as_secs_f64(),
            },
            patience,
            tokens: Arc::new(AtomicU64::new(1)),
        })
    }

    /// Forgets the present connection, unless it is so young that it may still come up. For a caller whose own, shorter time
    /// is over: a connection to a host that has vanished takes minutes to notice.
    pub(super) fn give_up_on_silence(&self) {
        let (made, _) = self.link.current();
        if made.elapsed() >= GIVE_UP_AFTER {
            self.link.renew(made);
        }
    }

    async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let token = self.tokens.fetch_add(1, Ordering::Relaxed);
        let mut number = 0;
        loop {
            let planned = scripts::plan(command, &self.rules, Try { token, number })?;
            let (made, mut manager) = self.link.current();
            let error = match run(&planned, &mut manager).await {
                Ok(value) => {
                    if number > 0 && self.patience == Patience::Endless {
                        tracing::info!(tries = number + 1, "Redis is back");
                    }
                    return Ok(value);
                }
                Err(error) => error,
            };
            if !passes(&error) || (self.patience == Patience::Short && number == 2) {
                return Err(error);
            }
            if error.is_timeout() || is_cut(&error) || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
                self.link.renew(made);
            }
            if number == 0 && self.patience == Patience::Endless {
                tracing::warn!(%error, "Redis is away; waiting for it");
            }
            tokio::time::sleep(pause(number)).await;
            number += 1;
        }
    }
}

/// 25 ms, 50 ms, .. 1 s.
fn pause(number: u32) -> Duration {
    Duration::from_millis((25 << number.min(6)).min(1000))
}

async fn run(planned: &Planned, manager: &mut ConnectionManager) -> RedisResult<Value> {
    let answer = ask(&planned.command, manager).await;
    match (answer, planned.script) {
        (Err(error), Some(script)) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
            script.load_async(manager).await?;
            ask(&planned.command, manager).await
        }
        (answer, _) => answer,
    }
}

async fn ask(command: &Cmd, manager: &mut ConnectionManager) -> RedisResult<Value> {
    manager.req_packed_command(command).await?.extract_error()
}

/// Whether the connection broke in the middle of an answer, of which the rest cannot be read.
fn is_cut(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Parse
}

/// Whether waiting helps.
fn passes(error: &RedisError) -> bool {
    error.is_io_error()
        || is_cut(error)
        || error.is_timeout()
        || error.is_connection_dropped()
        || error.is_connection_refusal()
        || matches!(
            error.kind(),
            ErrorKind::Server(
                ServerErrorKind::BusyLoading
                    | ServerErrorKind::TryAgain
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::ReadOnly
            )
        )
        || matches!(error.code(), Some("BUSY" | "OOM" | "NOREPLICAS"))
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.send(command))
    }

    fn req_packed_commands<'a>(&'a mut self, pipeline: &'a Pipeline, offset: usize, count: usize) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let (_, mut manager) = self.link.current();
            manager.req_packed_commands(pipeline, offset, count).await
        })
    }

    fn get_db(&self) -> i64 {
        self.link.current().1.get_db()
    }
}

/// A connection that can be replaced. `ConnectionManager` replaces one that breaks, but keeps one that only went silent, or
/// whose server became a replica.
struct Link {
    client: Client,
    config: ConnectionManagerConfig,
    /// When it was made, which also tells it from its successors.
    current: Mutex<(Instant, ConnectionManager)>,
}

impl Link {
    fn open(client: Client, settings: &TransportSettings) -> Result<Self, TransportError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(settings.connection_timeout))
            .set_response_timeout(Some(settings.response_timeout));
        let manager = client.get_connection_manager_lazy(config.clone())?;
        Ok(Self {
            client,
            config,
            current: Mutex::new((Instant::now(), manager)),
        })
    }

    fn current(&self) -> (Instant, ConnectionManager) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the connection made then; one that took its place already stays.
    fn renew(&self, made: Instant) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.0 == made
            && let Ok(manager) = self.client.get_connection_manager_lazy(self.config.clone())
        {
            *current = (Instant::now(), manager);
        }
    }
}
