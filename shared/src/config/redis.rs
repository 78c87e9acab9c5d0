//! How to reach Redis.

use super::Environment;
use crate::secret::SecretString;

/// Settings of the connection to Redis.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// `redis://…` or `rediss://…`.
    pub url: SecretString,
    /// First part of every key; installations that share a Redis need different ones.
    pub prefix: String,
}

impl RedisSettings {
    /// Reads the section.
    pub fn read(env: &mut Environment) -> Self {
        let url = env.secret("ACURATE_REDIS_URL");
        if !url.expose().is_empty() && !url.expose().starts_with("redis://") && !url.expose().starts_with("rediss://") {
            env.fault("ACURATE_REDIS_URL must begin with redis:// or rediss://".to_owned());
        }
        let prefix = env.text("ACURATE_REDIS_PREFIX", "acurate");
        if !prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            env.fault(format!("ACURATE_REDIS_PREFIX={prefix}: only letters, digits, - and _"));
        }
        Self { url, prefix }
    }
}
