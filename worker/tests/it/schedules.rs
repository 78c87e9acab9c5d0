//! Schedules with several workers: each tick has one job, a missed one is made up once, and a fresh database is right.

use crate::workbench::{Answer, Workbench};
use acurate_shared::config::{DatabaseSettings, Environment};
use acurate_shared::db::Database;
use acurate_shared::maintenance::Task;
use acurate_shared::testing::until;
use acurate_worker::schedules::{Fired, SCHEDULES, Schedule, catch_up, command, keep};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Keeps waiting jobs from being folded into one, which would hide that two were asked for.
const UNFOLDED: &str = "
    CREATE FUNCTION unfold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.dedupe_key := NULL; RETURN NEW; END';
    CREATE TRIGGER unfold BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION unfold()";

const JOBS: &str = "SELECT count(*)::text FROM jobs WHERE kind = 'maintenance'";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Connections of their own, as another process has.
async fn another(bench: &Workbench) -> Database {
    let mut settings = DatabaseSettings::read(&mut Environment::default());
    settings.url = bench.database.url().into();
    settings.max_connections = 2;
    Database::open(&settings).await.unwrap()
}

async fn look(bench: &Workbench, now: DateTime<Utc>) -> Vec<Fired> {
    catch_up(bench.database.database(), &bench.context.jobs, now).await.unwrap()
}

/// Every task once, each for the latest tick before `now`.
fn all_at(fired: &[Fired], now: DateTime<Utc>) {
    let mut tasks: Vec<Task> = fired.iter().map(|fired| fired.task).collect();
    tasks.sort_unstable();
    assert_eq!(tasks, Task::ALL);
    for Fired { task, tick, .. } in fired {
        assert_eq!(*tick, Schedule::of(*task).unwrap().previous(now).unwrap());
    }
}

async fn finish_all(bench: &Workbench) {
    bench
        .execute("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE state = 'queued'")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_workers_exactly_one_asks_for_each_tick() {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(UNFOLDED).await;
    let mut now = at("2026-12-30T12:30:00Z");
    for round in 1..=5 {
        let mut workers = JoinSet::new();
        for _ in 0..6 {
            let (database, jobs) = (another(&bench).await, Arc::clone(&bench.context.jobs));
            workers.spawn(async move { catch_up(&database, &jobs, now).await.unwrap() });
        }
        let fired: Vec<Fired> = workers.join_all().await.into_iter().flatten().collect();
        all_at(&fired, now);
        assert_eq!(bench.text(JOBS).await, (round * SCHEDULES.len()).to_string());
        now += TimeDelta::days(1);
    }
}

#[tokio::test]
async fn ticks_missed_while_no_worker_ran_are_made_up_once_and_only_the_latest() {
    let bench = Workbench::new(Answer::Take).await;
    let before = at("2026-12-28T00:30:00Z");
    all_at(&look(&bench, before).await, before);
    finish_all(&bench).await;
    let after = at("2026-12-31T00:15:00Z");
    let made_up = look(&bench, after).await;
    all_at(&made_up, after);
    assert_eq!(made_up[1].tick, at("2026-12-31T00:10:00Z"), "the partitions, today");
    assert_eq!(made_up[2].tick, at("2026-12-30T00:20:00Z"), "the sessions, yesterday");
    finish_all(&bench).await;
    assert_eq!(look(&bench, after).await, []);
}

#[tokio::test]
async fn a_restart_before_the_next_tick_asks_for_nothing_again() {
    let bench = Workbench::new(Answer::Take).await;
    let now = at("2026-12-31T00:50:00Z");
    all_at(&look(&bench, now).await, now);
    finish_all(&bench).await;
    let (restarted, jobs) = (another(&bench).await, Arc::clone(&bench.context.jobs));
    for seconds in [0, 1, 899] {
        let fired = catch_up(&restarted, &jobs, now + TimeDelta::seconds(seconds)).await.unwrap();
        assert_eq!(fired, [], "{seconds} s later");
    }
    let next = catch_up(&restarted, &jobs, now + TimeDelta::seconds(900)).await.unwrap();
    let next: Vec<Task> = next.iter().map(|fired| fired.task).collect();
    assert_eq!(next, [Task::ExpiredIdempotencyKeys], "which is hourly, at five past");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_that_start_make_missing_partitions_and_ask_for_what_is_due() {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(UNFOLDED).await;
    bench
        .execute(
            "DO $$ BEGIN EXECUTE format('DROP TABLE grades_%s', extract(year FROM now()) + 1);
                EXECUTE format('DROP TABLE activity_log_%s', to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM')); END $$",
        )
        .await;
    let done = CancellationToken::new();
    let mut workers = JoinSet::new();
    for _ in 0..3 {
        workers.spawn(keep(Arc::clone(&bench.context), done.clone()));
    }
    let ticks = "SELECT count(*)::text FROM schedule_ticks WHERE job_id IS NOT NULL";
    until("a tick of every schedule", async || {
        (bench.text(ticks).await == SCHEDULES.len().to_string()).then_some(())
    })
    .await;
    let partitions = "
        SELECT (to_regclass(format('grades_%s', extract(year FROM now()) + 1)) IS NOT NULL
            AND to_regclass(format('activity_log_%s', to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM'))) IS NOT NULL)::text";
    assert_eq!(bench.text(partitions).await, "true");
    done.cancel();
    while workers.join_next().await.is_some() {}
    assert_eq!(
        bench.text(JOBS).await,
        bench.text("SELECT count(*)::text FROM schedule_ticks").await
    );
}

#[tokio::test]
async fn an_operators_run_is_a_job_like_any_other_and_is_logged() {
    let bench = Workbench::new(Answer::Take).await;
    let database = bench.database.database();
    let job = command::request(database, &bench.context.jobs, Task::Partitions).await.unwrap();
    let again = command::request(database, &bench.context.jobs, Task::Partitions).await.unwrap();
    assert_eq!(again, job, "one that waits is enough");
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "succeeded");
    assert_eq!(row.result.unwrap(), serde_json::json!({ "activity_log": [], "grades": [] }));
    let log = "SELECT string_agg(concat_ws(' ', action, object_type, object_id, detail ->> 'schedule'), ', ') FROM activity_log";
    assert_eq!(
        bench.text(log).await,
        format!("schedule.run job {job} partitions, schedule.run job {job} partitions")
    );
}
