//! PostgreSQL's own `COPY` into the table that an import writes, with the same constraints and indexes, taken back.

use super::people::Person;
use super::rows::{COPY, Owner, copy_text};
use crate::failure::{Failure, Result};
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};

/// Copies the students in one transaction, measures the copying alone, and takes it back.
///
/// # Errors
/// When the database is away or refuses, or takes another number of rows.
pub(crate) async fn copy(database_url: &str, people: &[Person], owner: Owner) -> Result<Duration> {
    let text = copy_text(people, owner);
    let connection = PgConnection::connect(database_url).await;
    let mut connection = connection.map_err(Failure::database("connecting to PostgreSQL"))?;
    run(&mut connection, "BEGIN").await?;
    let began = Instant::now();
    let copied = copy_rows(&mut connection, &text).await.map_err(Failure::database("COPY users"))?;
    let took = began.elapsed();
    run(&mut connection, "ROLLBACK").await?;
    // What was taken back must not slow down the import that is measured next.
    run(&mut connection, "VACUUM (ANALYZE) users").await?;
    connection.close().await.map_err(Failure::database("closing the connection"))?;
    if usize::try_from(copied).ok() == Some(people.len()) {
        Ok(took)
    } else {
        Err(Failure::Stopped(format!("COPY took {copied} rows of {}", people.len())))
    }
}

async fn copy_rows(connection: &mut PgConnection, text: &str) -> sqlx::Result<u64> {
    let mut copying = connection.copy_in_raw(COPY).await?;
    copying.send(text.as_bytes()).await?;
    copying.finish().await
}

async fn run(connection: &mut PgConnection, statement: &'static str) -> Result<()> {
    let done = sqlx::raw_sql(statement).execute(connection).await;
    done.map(drop).map_err(Failure::database(statement))
}
