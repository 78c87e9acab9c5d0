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

#[cfg(test)]
mod tests {
    use super::super::people::people;
    use super::*;
    use acurate_shared::testing::TestDatabase;

    const SETTING: &str = "
        WITH i AS (INSERT INTO institutions (name) VALUES ('I') RETURNING id),
        d AS (INSERT INTO departments (institution_id, code, name) SELECT id, 'CENG', 'D' FROM i RETURNING id, institution_id)
        INSERT INTO programs (institution_id, department_id, code, name) SELECT institution_id, id, 'P', 'P' FROM d
        RETURNING institution_id, department_id, id";

    const ADMIN: &str = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
        VALUES ($1, 'institution_admin', 'a@b.example', 'A', 'B', 'x') RETURNING id";

    async fn owner(pool: &sqlx::PgPool) -> Owner {
        let (institution_id, department_id, program_id) = sqlx::query_as(SETTING).fetch_one(pool).await.unwrap();
        let admin_id = sqlx::query_scalar(ADMIN).bind(institution_id).fetch_one(pool).await.unwrap();
        Owner {
            institution_id,
            admin_id,
            department_id,
            program_id,
        }
    }

    async fn students(pool: &sqlx::PgPool) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM users WHERE role = 'student'")
            .fetch_one(pool)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_was_copied_is_taken_back() {
        let database = TestDatabase::create().await;
        let pool = database.database().pool();
        let owner = owner(pool).await;
        copy(&database.url(), &people(500, "x.example.org"), owner).await.unwrap();
        assert_eq!(students(pool).await, 0);
    }

    #[tokio::test]
    async fn every_student_is_a_row_that_the_table_accepts() {
        let database = TestDatabase::create().await;
        let pool = database.database().pool();
        let owner = owner(pool).await;
        let mut connection = PgConnection::connect(&database.url()).await.unwrap();
        let text = copy_text(&people(500, "x.example.org"), owner);
        assert_eq!(copy_rows(&mut connection, &text).await.unwrap(), 500);
        assert_eq!(students(pool).await, 500);
    }

    #[tokio::test]
    async fn a_refused_row_is_an_error() {
        let database = TestDatabase::create().await;
        let owner = Owner {
            program_id: 999,
            ..owner(database.database().pool()).await
        };
        let error = copy(&database.url(), &people(1, "x.example.org"), owner).await.unwrap_err();
        assert!(error.to_string().contains("users_program_fkey"), "{error}");
    }
}
