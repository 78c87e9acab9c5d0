//! Settings, read from the environment once, at start.
//!
//! Each section is a struct of its own; a binary asks for the sections that it needs and then calls
//! [`Environment::finish`], which names every fault at once. Nothing here connects to anything.

mod database;
mod environment;
mod identity;
mod jobs;
mod redis;
mod telemetry;

pub use database::DatabaseSettings;
pub use environment::{ConfigError, Environment, Setting};
pub use identity::IdentitySettings;
pub use jobs::{JobSettings, RetryRule};
pub use redis::RedisSettings;
pub use telemetry::TelemetrySettings;
