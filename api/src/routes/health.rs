//! Health: is the process alive, may it get traffic, and what is wrong.

use super::Tag;
use crate::state::AppState;
use acurate_shared::db::{MIGRATIONS, pending_migrations};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use std::time::Duration;

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// The operations.
#[derive(Debug)]
pub struct HealthApi;

/// In what condition the server is.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
pub enum Condition {
    /// Answers.
    Healthy,
    /// Lives.
    Alive,
    /// Works fully.
    Ready,
    /// Works, but slower: jobs wait for Redis to come back.
    Degraded,
    /// Cannot work.
    NotReady,
}

/// What the server says of itself.
#[derive(Clone, Debug, Object)]
pub struct Health {
    /// In what condition it is.
    status: Condition,
    /// Its name.
    service: String,
    /// Its version.
    version: String,
    /// When it said so.
    timestamp: DateTime<Utc>,
}

/// Whether one dependency answers.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
pub enum Check {
    /// It does.
    Ok,
    /// It does not.
    Unavailable,
    /// The schema is older than this server; run `acurate-migrate up`.
    Pending,
}

/// The dependencies one by one.
#[derive(Clone, Debug, Object)]
pub struct Checks {
    /// PostgreSQL: nothing works without it.
    database: Check,
    /// The schema.
    migrations: Check,
    /// Redis: without it jobs wait, requests do not.
    redis: Check,
}

/// Whether the server may get traffic.
#[derive(Clone, Debug, Object)]
pub struct Readiness {
    /// In what condition it is.
    status: Condition,
    /// The dependencies one by one.
    checks: Checks,
    /// When it was found out.
    timestamp: DateTime<Utc>,
}

/// Answers of the readiness check.
#[derive(Debug, ApiResponse)]
pub enum ReadinessAnswer {
    /// Send traffic.
    #[oai(status = 200)]
    Ready(Json<Readiness>),
    /// Send no traffic.
    #[oai(status = 503)]
    NotReady(Json<Readiness>),
}

#[OpenApi(prefix_path = "/health", tag = "Tag::Health")]
impl HealthApi {
    /// Say that the server answers
    ///
    /// Asks no dependency.
    #[oai(path = "/", method = "get", operation_id = "getHealth")]
    async fn health(&self) -> Json<Health> {
        Json(Health::new(Condition::Healthy))
    }

    /// Say that the process lives
    ///
    /// Asks nothing else, so that a restart is never asked for because a database is away.
    #[oai(path = "/live", method = "get", operation_id = "getLiveness")]
    async fn live(&self) -> Json<Health> {
        Json(Health::new(Condition::Alive))
    }

    /// Say whether the server may get traffic
    ///
    /// Asks PostgreSQL, the schema and Redis. Without Redis the server works: jobs wait for it.
    #[oai(path = "/ready", method = "get", operation_id = "getReadiness")]
    async fn ready(&self, state: Data<&AppState>) -> ReadinessAnswer {
        let checks = Checks::run(&state).await;
        let status = match (checks.database, checks.migrations, checks.redis) {
            (Check::Ok, Check::Ok, Check::Ok) => Condition::Ready,
            (Check::Ok, Check::Ok, _) => Condition::Degraded,
            _ => Condition::NotReady,
        };
        let readiness = Json(Readiness {
            status,
            checks,
            timestamp: Utc::now(),
        });
        if status == Condition::NotReady {
            ReadinessAnswer::NotReady(readiness)
        } else {
            ReadinessAnswer::Ready(readiness)
        }
    }
}

impl Health {
    fn new(status: Condition) -> Self {
        Self {
            status,
            service: "AcuRate API".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            timestamp: Utc::now(),
        }
    }
}

impl Checks {
    async fn run(state: &AppState) -> Self {
        let redis = async {
            if state.transport.ping().await.is_ok() {
                Check::Ok
            } else {
                Check::Unavailable
            }
        };
        let database = async {
            match tokio::time::timeout(PATIENCE, pending_migrations(&state.database, MIGRATIONS)).await {
                Ok(Ok(0)) => (Check::Ok, Check::Ok),
                Ok(Ok(_)) => (Check::Ok, Check::Pending),
                _ => (Check::Unavailable, Check::Unavailable),
            }
        };
        let (redis, (database, migrations)) = tokio::join!(redis, database);
        Self {
            database,
            migrations,
            redis,
        }
    }
}
