//! What Redis says of itself.

use crate::failure::{Failure, Result};
use acurate_shared::secret::SecretString;
use redis::aio::MultiplexedConnection;

/// A connection beside those of the transport.
pub(crate) struct RedisServer {
    connection: MultiplexedConnection,
}

impl RedisServer {
    /// Connects.
    ///
    /// # Errors
    /// When the URL cannot be read or nobody answers.
    pub(crate) async fn connect(url: &SecretString) -> Result<Self> {
        let client = redis::Client::open(url.expose().as_str()).map_err(refused)?;
        let connection = client.get_multiplexed_async_connection().await.map_err(refused)?;
        Ok(Self { connection })
    }

    /// Bytes that it has allocated.
    ///
    /// # Errors
    /// When it does not answer, or not as expected.
    pub(crate) async fn memory(&mut self) -> Result<u64> {
        let info: String = redis::cmd("INFO")
            .arg("memory")
            .query_async(&mut self.connection)
            .await
            .map_err(refused)?;
        used_memory(&info).ok_or_else(|| Failure::Stopped("INFO of Redis holds no used_memory".to_owned()))
    }

    /// Keys of any name.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn keys(&mut self) -> Result<u64> {
        redis::cmd("DBSIZE").query_async(&mut self.connection).await.map_err(refused)
    }
}

fn refused(error: redis::RedisError) -> Failure {
    Failure::Stopped(format!("Redis: {error}"))
}

fn used_memory(info: &str) -> Option<u64> {
    info.lines().find_map(|line| line.strip_prefix("used_memory:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allocated_bytes_are_read() {
        let info = "# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nused_memory_rss:9\r\n";
        assert_eq!(used_memory(info), Some(1_048_576));
        assert_eq!(used_memory("# Memory\r\n"), None);
    }
}
