//! Settings of the transport.

use crate::config::RedisSettings;
use crate::secret::SecretString;
use std::time::Duration;

/// How to reach Redis and how long to wait. Processes that share a queue must agree on `prefix`, `heartbeat`,
/// `missed_heartbeats` and `max_deliveries`.
#[derive(Clone, Debug)]
pub struct TransportSettings {
    /// `redis://…` or `rediss://…`.
    pub url: SecretString,
    /// First part of every key: a queue's keys begin with `{prefix}:{queue}:`. Not empty.
    pub prefix: String,
    /// How long a push may take in all, also while Redis is away (2 s).
    pub push_timeout: Duration,
    /// How long [`depth`](super::Transport::depth) and [`ping`](super::Transport::ping) may take (1 s).
    pub answer_timeout: Duration,
    /// How long Redis may take to answer one command before it is asked again (10 s). A short one takes a pause of Redis for
    /// its end.
    pub response_timeout: Duration,
    /// How long one attempt to connect may take (3 s).
    pub connection_timeout: Duration,
    /// How often an idle worker looks into its queue when nothing was announced (250 ms).
    pub tick: Duration,
    /// How often a worker says that it lives (10 s); at least 100 ms.
    pub heartbeat: Duration,
    /// How many heartbeats may be missing before a worker's messages are given to others (12). What detects a dead worker
    /// within seconds is the lease of the job's row; this is the net below it, and a long one runs fewer messages twice.
    pub missed_heartbeats: u32,
    /// How often a message is delivered when its handler fails, before it is given up (10, which takes about 5 minutes).
    pub max_deliveries: u32,
}

impl TransportSettings {
    /// The defaults for a Redis.
    #[must_use]
    pub fn new(url: SecretString, prefix: impl Into<String>) -> Self {
        Self {
            url,
            prefix: prefix.into(),
            push_timeout: Duration::from_secs(2),
            answer_timeout: Duration::from_secs(1),
            response_timeout: Duration::from_secs(10),
            connection_timeout: Duration::from_secs(3),
            tick: Duration::from_millis(250),
            heartbeat: Duration::from_secs(10),
            missed_heartbeats: 12,
            max_deliveries: 10,
        }
    }

    /// Silence after which a worker counts as dead.
    #[must_use]
    pub fn dead_after(&self) -> Duration {
        self.heartbeat * self.missed_heartbeats
    }
}

impl From<&RedisSettings> for TransportSettings {
    fn from(settings: &RedisSettings) -> Self {
        Self::new(settings.url.clone(), settings.prefix.clone())
    }
}
