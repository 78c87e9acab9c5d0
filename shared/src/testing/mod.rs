//! For tests only: a database of their own, a Redis key space of their own, and waiting for a condition.
//!
//! The servers are those of `ops/test`, named by `ACURATE_TEST_DATABASE_URL` and `ACURATE_TEST_REDIS_URL`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod database;
mod wait;

pub use database::TestDatabase;
pub use wait::until;

use crate::config::{Environment, IdentitySettings, JobSettings};
use crate::identity::{HashSettings, PasswordHasher};
use std::sync::Arc;

/// URL of the Redis that tests use.
///
/// # Panics
/// When `ops/test` did not set it.
#[must_use]
pub fn redis_url() -> String {
    required("ACURATE_TEST_REDIS_URL")
}

/// A Redis prefix that no other test has.
#[must_use]
pub fn redis_prefix() -> String {
    format!("test-{}", uuid::Uuid::new_v4().simple())
}

/// Job settings as they are by default.
#[must_use]
pub fn job_settings() -> Arc<JobSettings> {
    Arc::new(JobSettings::read(&mut Environment::default()))
}

/// Identity settings as they are by default, with a secret of the tests' own.
#[must_use]
pub fn identity_settings() -> IdentitySettings {
    let secret = ("ACURATE_SECRET".to_owned(), "a secret that only the tests know".to_owned());
    IdentitySettings::read(&mut Environment::from_variables([secret]))
}

/// A hasher at the least cost that Argon2 takes.
///
/// # Panics
/// Never: the settings are valid.
#[must_use]
pub fn password_hasher() -> PasswordHasher {
    PasswordHasher::new(HashSettings {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        concurrency: 4,
    })
    .expect("valid settings")
}

pub(crate) fn required(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the tests by ops/test, or a command by ops/test --services COMMAND"))
}
