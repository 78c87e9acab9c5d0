//! The settings of the API server.

use acurate_shared::config::{ConfigError, DatabaseSettings, Environment, IdentitySettings, JobSettings, RedisSettings, TelemetrySettings};
use std::net::SocketAddr;
use std::time::Duration;

/// Everything that `acurate-api serve` is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The HTTP side.
    pub http: HttpSettings,
    /// PostgreSQL.
    pub database: DatabaseSettings,
    /// Redis.
    pub redis: RedisSettings,
    /// Sign-in.
    pub identity: IdentitySettings,
    /// Jobs.
    pub jobs: JobSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
}

/// The HTTP side.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Address to listen on.
    pub bind: SocketAddr,
    /// Largest request body, in bytes.
    pub body_limit: u64,
    /// Largest file that becomes a profile picture, in bytes.
    pub picture_limit: u64,
    /// How long running requests may take to end after a stop was asked for.
    pub shutdown_grace: Duration,
    /// Proxies in front of this server: so many last hops of `X-Forwarded-For` are trusted.
    pub trusted_proxies: usize,
}

impl Settings {
    /// Reads all sections.
    ///
    /// # Errors
    /// Names every fault at once.
    pub fn from_environment(mut env: Environment) -> Result<Self, ConfigError> {
        let settings = Self::read(&mut env);
        env.finish()?;
        Ok(settings)
    }

    /// Reads all sections; the faults stay in `env`.
    pub fn read(env: &mut Environment) -> Self {
        Self {
            http: HttpSettings::read(env),
            database: DatabaseSettings::read(env),
            redis: RedisSettings::read(env),
            identity: IdentitySettings::read(env),
            jobs: JobSettings::read(env),
            telemetry: TelemetrySettings::read(env),
        }
    }
}

impl HttpSettings {
    fn read(env: &mut Environment) -> Self {
        Self {
            bind: env.value("ACURATE_BIND", SocketAddr::from(([127, 0, 0, 1], 8000)), |_| Ok(())),
            body_limit: env.number("ACURATE_BODY_LIMIT_BYTES", 10_485_760, 1024, 1 << 32),
            picture_limit: env.number("ACURATE_PICTURE_MAX_BYTES", 2_097_152, 1024, 1 << 26),
            shutdown_grace: env.seconds("ACURATE_SHUTDOWN_GRACE_SECONDS", 30),
            trusted_proxies: usize::try_from(env.number("ACURATE_TRUSTED_PROXIES", 0, 0, 10)).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name and default of every setting stand in the table of `README.md`.
    #[test]
    fn every_setting_is_documented_with_its_default() {
        let readme = include_str!("../../README.md");
        let mut env = Environment::default();
        Settings::read(&mut env);
        for setting in env.settings() {
            let default = match setting.default.as_deref() {
                None => "required".to_owned(),
                Some("") => "none".to_owned(),
                Some(value) => format!("`{value}`"),
            };
            let row = format!("| `{}` | {default} |", setting.name);
            assert!(readme.contains(&row), "README.md has no row that begins with {row}");
            let as_file = format!("{}_FILE", setting.name);
            assert!(
                env.settings().iter().all(|other| other.name != as_file),
                "{as_file} would mean two things"
            );
        }
    }
}
