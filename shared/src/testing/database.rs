//! A migrated database for one test: a clone of a template that is made once for each state of the migrations.

use crate::config::{DatabaseSettings, Environment};
use crate::db::Database;
use acurate_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A database that is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    database: Database,
    name: String,
}

impl TestDatabase {
    /// Clones the template, making it first where it is missing.
    ///
    /// # Panics
    /// When there is no server.
    pub async fn create() -> Self {
        let server = server().await;
        let template = template(&server).await;
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        server
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("cloning the template");
        server.close().await.expect("closing");
        let mut settings = DatabaseSettings::read(&mut Environment::default());
        settings.url = url(&name).into();
        settings.max_connections = 10;
        Self {
            database: Database::open(&settings).await.expect("opening the test database"),
            name,
        }
    }

    /// The pool.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// How another process reaches it.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.name)
    }

    /// An empty database, for tests of the migrations themselves.
    ///
    /// # Panics
    /// When there is no server.
    pub async fn create_empty() -> Self {
        let server = server().await;
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        server
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await
            .expect("creating a database");
        server.close().await.expect("closing");
        let mut settings = DatabaseSettings::read(&mut Environment::default());
        settings.url = url(&name).into();
        Self {
            database: Database::open(&settings).await.expect("opening the test database"),
            name,
        }
    }
}

impl Drop for TestDatabase {
    /// A thread of its own, because a test's runtime may be gone already.
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let server = server().await;
                let _ = server.execute_unprepared(&drop).await;
            });
        });
        let _ = thread.join();
    }
}

fn url(name: &str) -> String {
    let mut url = url::Url::parse(&super::required("ACURATE_TEST_DATABASE_URL")).expect("ACURATE_TEST_DATABASE_URL is a URL");
    url.set_path(name);
    url.into()
}

async fn server() -> DatabaseConnection {
    connect(&super::required("ACURATE_TEST_DATABASE_URL")).await
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("the test server answers")
}

/// Tests run as many processes; an advisory lock lets one of them make the template.
async fn template(server: &DatabaseConnection) -> String {
    let mut hasher = DefaultHasher::new();
    acurate_migration::SOURCE.hash(&mut hasher);
    let name = format!("template_{:016x}", hasher.finish());
    server
        .execute_unprepared("SELECT pg_advisory_lock(hashtextextended('acurate-test-template', 0))")
        .await
        .expect("locking");
    let exists = server
        .query_one_raw(crate::db::sql(
            "SELECT 1 AS one FROM pg_database WHERE datname = $1 AND datallowconn = false",
            [name.clone().into()],
        ))
        .await
        .expect("looking for the template");
    if exists.is_none() {
        server
            .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await
            .expect("dropping half a template");
        server
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await
            .expect("creating the template");
        let fresh = connect(&url(&name)).await;
        Migrator::up(&fresh, None).await.expect("migrating the template");
        fresh.close().await.expect("closing");
        server
            .execute_unprepared(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"))
            .await
            .expect("sealing the template");
    }
    server
        .execute_unprepared("SELECT pg_advisory_unlock(hashtextextended('acurate-test-template', 0))")
        .await
        .expect("unlocking");
    name
}
