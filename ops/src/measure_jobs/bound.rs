//! What PostgreSQL alone makes of the life of a job: one row inserted, claimed and done, each by a statement and a commit of
//! its own, with nothing around it. No way of keeping jobs in this table one by one is faster.

use super::site::Site;
use crate::failure::{Failure, Result};
use std::time::Instant;

/// Connections that do it at once.
pub(crate) const CONNECTIONS: usize = 8;

const INSERT: &str = "
    INSERT INTO jobs (kind, queue, payload, max_attempts, dispatches, dispatched_at)
    VALUES ('probe', 'email', '{\"queue\": \"email\"}', 8, 1, now()) RETURNING id";

const CLAIM: &str = "
    UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = 'bound', lease_until = now() + interval '15 s',
        claimed_at = now(), started_at = now()
    WHERE id = $1 AND state = 'queued'";

const DONE: &str = "
    UPDATE jobs SET state = 'succeeded', lease_until = NULL, finished_at = now(), result = '{\"worker\": \"bound\"}'
    WHERE id = $1 AND state = 'running' AND attempt = 1";

/// Lives a second.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn lives(site: &Site, count: usize) -> Result<f64> {
    site.clear().await?;
    let share = count.div_ceil(CONNECTIONS);
    let began = Instant::now();
    futures::future::try_join_all((0..CONNECTIONS).map(|_| some(site, share)))
        .await
        .map_err(Failure::database("bare statements"))?;
    Ok((share * CONNECTIONS) as f64 / began.elapsed().as_secs_f64())
}

async fn some(site: &Site, count: usize) -> sqlx::Result<()> {
    let mut connection = site.database.pool().acquire().await?;
    for _ in 0..count {
        let id: i64 = sqlx::query_scalar(INSERT).fetch_one(&mut *connection).await?;
        sqlx::query(CLAIM).bind(id).execute(&mut *connection).await?;
        sqlx::query(DONE).bind(id).execute(&mut *connection).await?;
    }
    Ok(())
}
