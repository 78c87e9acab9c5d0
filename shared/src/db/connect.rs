//! Opens the pool.

use crate::config::DatabaseSettings;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr};
use std::time::Duration;

/// A connection that was in use so lately is handed out unasked whether it still lives: asking would double the round trips of a
/// busy process. When the server restarts within that time, the statement fails as those under way do.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// The pool; cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    connection: DatabaseConnection,
}

impl Database {
    /// Makes the pool without waiting for the server: a binary starts while PostgreSQL is still away and is simply not ready.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub async fn open(settings: &DatabaseSettings) -> Result<Self, DbErr> {
        let timeout = format!("{}ms", settings.statement_timeout.as_millis());
        let mut options = ConnectOptions::new(settings.url.expose().clone());
        options
            .max_connections(settings.max_connections)
            .min_connections(0)
            .connect_timeout(settings.connect_timeout)
            .acquire_timeout(settings.connect_timeout)
            .max_lifetime(settings.max_lifetime)
            .test_before_acquire_if_idle_for(TRUSTED_FOR)
            .connect_lazy(true)
            .sqlx_logging(false)
            .map_sqlx_postgres_opts(move |options| {
                options.options([
                    ("statement_timeout", timeout.as_str()),
                    ("idle_in_transaction_session_timeout", "60s"),
                    ("timezone", "UTC"),
                    ("jit", "off"),
                ])
            });
        Ok(Self {
            connection: sea_orm::Database::connect(options).await?,
        })
    }

    /// The connection for sea-orm.
    #[must_use]
    pub fn orm(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// The pool for sqlx: bulk work and `LISTEN`.
    #[must_use]
    pub fn pool(&self) -> &sqlx::PgPool {
        self.connection.get_postgres_connection_pool()
    }

    /// Asks the server for an answer.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.connection.execute_unprepared("SELECT 1").await.map(|_| ())
    }
}

/// How many of the given migrations the database lacks; all of them when it was never migrated.
///
/// # Errors
/// When the database does not answer.
pub async fn pending_migrations(database: &Database, expected: &[&str]) -> Result<usize, DbErr> {
    let installed = "SELECT to_regclass('seaql_migrations') IS NOT NULL AS installed";
    let row = database.orm().query_one_raw(super::sql(installed, [])).await?;
    if !row.map(|row| row.try_get::<bool>("", "installed")).transpose()?.unwrap_or(false) {
        return Ok(expected.len());
    }
    let rows = database
        .orm()
        .query_all_raw(super::sql("SELECT version FROM seaql_migrations", []))
        .await?;
    let applied = rows
        .iter()
        .map(|row| row.try_get::<String>("", "version"))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(expected
        .iter()
        .filter(|name| !applied.iter().any(|version| version == *name))
        .count())
}

/// The migrations that this release needs, oldest first; a test compares them with the migration crate.
pub const MIGRATIONS: &[&str] = &[
    "m2026_11_23_000001_people",
    "m2026_11_23_000002_curriculum",
    "m2026_11_23_000003_results",
    "m2026_11_23_000004_jobs",
    "m2026_11_23_000005_activity",
    "m2026_11_23_000006_grading",
    "m2026_11_23_000007_account",
    "m2026_11_23_000008_platform",
    "m2026_11_23_000009_feedback",
    "m2026_11_23_000010_bulk_grades",
    "m2026_11_23_000011_idempotency",
    "m2026_11_23_000012_operators",
    "m2026_11_23_000013_mail",
    "m2026_11_23_000014_schedules",
];

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use acurate_migration::{Migrator, MigratorTrait};

    #[test]
    fn the_needed_migrations_are_those_of_the_migration_crate() {
        let names: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        assert_eq!(names, MIGRATIONS);
    }
}
