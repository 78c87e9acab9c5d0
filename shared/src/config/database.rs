//! How to reach PostgreSQL.

use super::Environment;
use crate::secret::SecretString;
use std::time::Duration;

/// Settings of the connection pool.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host:port/database`.
    pub url: SecretString,
    /// Connections of this process at most.
    pub max_connections: u32,
    /// How long a request waits for a connection.
    pub connect_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a connection is kept.
    pub max_lifetime: Duration,
}

impl DatabaseSettings {
    /// Reads the section.
    pub fn read(env: &mut Environment) -> Self {
        let url = env.secret("ACURATE_DATABASE_URL");
        if !url.expose().is_empty() && !url.expose().starts_with("postgres://") && !url.expose().starts_with("postgresql://") {
            env.fault("ACURATE_DATABASE_URL must begin with postgres://".to_owned());
        }
        Self {
            url,
            max_connections: u32::try_from(env.number("ACURATE_DATABASE_POOL", 20, 2, 1000)).unwrap_or(20),
            connect_timeout: env.seconds("ACURATE_DATABASE_CONNECT_TIMEOUT_SECONDS", 10),
            statement_timeout: env.seconds("ACURATE_DATABASE_STATEMENT_TIMEOUT_SECONDS", 30),
            max_lifetime: env.seconds("ACURATE_DATABASE_CONNECTION_LIFETIME_SECONDS", 600),
        }
    }
}
