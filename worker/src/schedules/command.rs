//! `acurate-worker schedules`: the list with last and next run, and asking for one run now. Needs no Redis and no mail
//! server; the dispatcher of a running worker takes the job on.

use super::{SCHEDULES, Schedule};
use acurate_shared::activity::{self, Deed};
use acurate_shared::config::{ConfigError, DatabaseSettings, Environment, JobSettings};
use acurate_shared::db::{Database, Work};
use acurate_shared::error::Result;
use acurate_shared::ids::JobId;
use acurate_shared::jobs::{Job, Order, enqueue};
use acurate_shared::maintenance::Task;
use acurate_shared::maintenance::ticks::{self, LastTick};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::sync::Arc;

/// Prints all schedules.
///
/// # Errors
/// When a setting or the database cannot be used.
pub(crate) async fn list() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (database, _) = open().await?;
    let known = ticks::last(database.orm()).await?;
    print!("{}", listed(&known, Utc::now())?);
    Ok(())
}

/// Asks for a run now and prints the job.
///
/// # Errors
/// When a setting or the database cannot be used.
pub(crate) async fn run_now(task: Task) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (database, jobs) = open().await?;
    let job_id = request(&database, &jobs, task).await?;
    println!("job {job_id} ({task}) waits for a worker of the queue maintenance");
    Ok(())
}

/// Asks for a run outside its time; a run that waits already is the one.
///
/// # Errors
/// When the database refuses.
pub async fn request(database: &Database, jobs: &Arc<JobSettings>, task: Task) -> Result<JobId> {
    let mut work = Work::begin(database, jobs).await?;
    let job_id = enqueue(&mut work, &Job::Maintenance { task }, Order::default()).await?;
    let deed = Deed::new("schedule.run", "job", job_id.0).with(json!({ "schedule": task }));
    activity::record_for(&work, None, None, deed).await?;
    let _left_to_the_dispatcher = work.commit().await?;
    Ok(job_id)
}

async fn open() -> Result<(Database, Arc<JobSettings>), Box<dyn std::error::Error + Send + Sync>> {
    let (database, jobs) = settings(Environment::from_process())?;
    Ok((Database::open(&database).await?, Arc::new(jobs)))
}

fn settings(mut env: Environment) -> Result<(DatabaseSettings, JobSettings), ConfigError> {
    let read = (DatabaseSettings::read(&mut env), JobSettings::read(&mut env));
    env.finish().map(|()| read)
}

/// The list as it is printed: a line each, in columns.
fn listed(known: &[LastTick], now: DateTime<Utc>) -> Result<String> {
    let header = ["NAME", "CRON (UTC)", "LAST TICK", "JOB", "NEXT TICK", "WHAT"];
    let mut rows = vec![header.map(str::to_owned)];
    for schedule in SCHEDULES {
        rows.push(row(schedule, known, now)?);
    }
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    Ok(rows.iter().map(line).collect())
}

fn row(schedule: &Schedule, known: &[LastTick], now: DateTime<Utc>) -> Result<[String; 6]> {
    let name = schedule.task.as_str();
    let last = known.iter().find(|last| last.name == name);
    let job = last.and_then(|last| Some(format!("{} {}", last.job_id?, last.job_state?)));
    Ok([
        name.to_owned(),
        schedule.cron.to_owned(),
        last.map_or_else(|| "never".to_owned(), |last| moment(last.tick)),
        job.unwrap_or_else(|| "-".to_owned()),
        moment(schedule.next(now)?),
        schedule.what.to_owned(),
    ])
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use acurate_shared::kinds::JobState;

    #[test]
    fn the_list_tells_last_tick_job_and_next_tick() {
        let last = LastTick {
            name: "partitions".to_owned(),
            tick: "2026-12-31T00:10:00Z".parse().unwrap(),
            fired_at: "2026-12-31T00:10:01Z".parse().unwrap(),
            job_id: Some(JobId(42)),
            job_state: Some(JobState::Succeeded),
        };
        let text = listed(&[last], "2026-12-31T08:00:00Z".parse().unwrap()).unwrap();
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        let partitions = line("partitions");
        assert!(
            partitions.contains("2026-12-31 00:10  42 succeeded  2027-01-01 00:10  makes"),
            "{partitions}"
        );
        assert!(line("finished_jobs").contains("never"), "{text}");
        assert_eq!(text.lines().count(), SCHEDULES.len() + 1);
    }

    #[test]
    fn only_the_database_must_be_named() {
        let url = ("ACURATE_DATABASE_URL".to_owned(), "postgres://127.0.0.1/acurate".to_owned());
        assert!(settings(Environment::from_variables([url])).is_ok());
        let error = settings(Environment::default()).unwrap_err();
        assert!(error.to_string().contains("ACURATE_DATABASE_URL"), "{error}");
    }
}
