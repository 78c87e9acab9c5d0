//! Maintenance as jobs: in batches, continued after an interruption, and with a result that tells.

use crate::workbench::{Answer, Workbench};
use acurate_shared::ids::{JobId, UserId};
use acurate_shared::jobs::{Job, ledger};
use acurate_shared::maintenance::Task;
use acurate_shared::testing::until;
use acurate_worker::executor::StopReason;
use serde_json::json;
use std::sync::Arc;

async fn ask(bench: &Workbench, task: Task) -> JobId {
    bench.enqueue_for_the_platform(Job::Maintenance { task }).await
}

/// 2 500 jobs that ended long ago, and one that ended now.
const OLD_JOBS: &str = "
    INSERT INTO jobs (kind, queue, payload, max_attempts, state, finished_at)
    SELECT 'old', 'email', '{}'::jsonb, 3, 'succeeded', now() - interval '31 days' FROM generate_series(1, 2500)
    UNION ALL SELECT 'new', 'email', '{}', 3, 'succeeded', now()";

const OLD: &str = "SELECT count(*)::text FROM jobs WHERE kind = 'old'";
const PROGRESS: &str = "SELECT progress_done::text FROM jobs WHERE kind = 'maintenance'";

/// The second batch waits for a lock that the test holds.
const GATE: &str = "
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM jobs WHERE kind = 'old') < 1000 THEN PERFORM pg_advisory_xact_lock(42); END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER gate AFTER DELETE ON jobs FOR EACH STATEMENT EXECUTE FUNCTION gate()";

async fn until_a_batch_waits(bench: &Workbench) {
    until("a batch that waits", || async {
        let waiting = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        (bench.text(waiting).await == "1").then_some(())
    })
    .await;
}

#[tokio::test]
async fn every_purge_runs_to_its_end_and_tells_how_much_it_removed() {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(OLD_JOBS).await;
    let job = ask(&bench, Task::FinishedJobs).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("succeeded", 0));
    assert_eq!(row.result.unwrap(), json!({ "removed": 2500 }));
    assert_eq!(
        bench.text("SELECT string_agg(kind, ' ' ORDER BY kind) FROM jobs").await,
        "maintenance new"
    );
    for task in [
        Task::ExpiredSessions,
        Task::ExpiredResetTokens,
        Task::ExpiredIdempotencyKeys,
        Task::ImportedFiles,
    ] {
        let job = ask(&bench, task).await;
        bench.deliver(job).await;
        assert_eq!(bench.row(job).await.result, Some(json!({ "removed": 0 })), "{task}");
    }
}

#[tokio::test]
async fn a_purge_that_was_killed_half_way_is_continued_by_another_worker() {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(OLD_JOBS).await;
    let job = ask(&bench, Task::FinishedJobs).await;
    bench.execute(GATE).await;
    let mut holder = bench.database.database().pool().acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut *holder).await.unwrap();
    let doomed = bench.elsewhere(job);
    until_a_batch_waits(&bench).await;
    doomed.kill();
    sqlx::query("SELECT pg_advisory_unlock(42)").execute(&mut *holder).await.unwrap();
    bench
        .execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'")
        .await;
    until("the end of the dead worker's transaction", || async {
        let rescued = ledger::rescue(bench.database.database(), 10).await.unwrap();
        (rescued == 1).then_some(())
    })
    .await;
    assert_eq!(bench.text(OLD).await, "1500", "one batch is gone, the second came back");
    assert_eq!(bench.text(PROGRESS).await, "1000");

    bench.execute("DROP TRIGGER gate ON jobs").await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.result, Some(json!({ "removed": 2500 })));
    assert_eq!(bench.text(OLD).await, "0");
}

/// What a job that is asked to stop in its second batch comes to.
async fn stopped_by(reason: StopReason) -> (Workbench, JobId) {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(OLD_JOBS).await;
    let job = ask(&bench, Task::FinishedJobs).await;
    bench.execute(GATE).await;
    let mut holder = bench.database.database().pool().acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut *holder).await.unwrap();
    let stopping = async {
        until_a_batch_waits(&bench).await;
        Arc::clone(&bench.running).ask_all(reason);
        sqlx::query("SELECT pg_advisory_unlock(42)").execute(&mut *holder).await.unwrap();
    };
    tokio::join!(bench.deliver(job), stopping);
    drop(holder);
    assert_eq!(
        bench.text(OLD).await,
        "500",
        "the batch that was under way is done, the next is not begun"
    );
    (bench, job)
}

#[tokio::test]
async fn a_worker_that_stops_gives_a_purge_back_and_the_next_one_goes_on() {
    let (bench, job) = stopped_by(StopReason::Shutdown).await;
    assert_eq!(bench.row(job).await.state, "queued");
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.result, Some(json!({ "removed": 2500 })));
}

#[tokio::test]
async fn a_purge_that_is_cancelled_tells_what_it_had_removed() {
    let (bench, job) = stopped_by(StopReason::Cancelled).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.result), ("cancelled", Some(json!({ "removed": 2000 }))));
}

#[tokio::test]
async fn a_stale_run_keeps_nothing_of_its_batch() {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(OLD_JOBS).await;
    let job = ask(&bench, Task::FinishedJobs).await;
    bench
        .execute(
            "CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.attempt := NEW.attempt + 1; RETURN NEW; END';
             CREATE TRIGGER take_over BEFORE UPDATE ON jobs FOR EACH ROW WHEN (OLD.state = 'running' AND NEW.progress_done <> OLD.progress_done)
                 EXECUTE FUNCTION take_over()",
        )
        .await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "running");
    assert_eq!(bench.text(OLD).await, "1500", "the first batch had the claim, the second did not");
}

/// 250 students with a mark each in one course, whose one outcome serves the program's.
const CLASS: &str = "
    SELECT ensure_grades_partition(2024::smallint);
    INSERT INTO departments (institution_id, code, name) SELECT id, 'D', 'D' FROM institutions;
    INSERT INTO programs (institution_id, department_id, code, name) SELECT institution_id, id, 'P', 'P' FROM departments;
    INSERT INTO program_outcomes (institution_id, program_id, code, title) SELECT institution_id, id, 'PO1', 'x' FROM programs;
    INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id)
        SELECT institution_id, 'student', 's' || n || '@acurate.test', 'Ad', 'Soyad', 'x', n::text, department_id, id FROM programs, generate_series(1, 250) AS n;
    INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
        SELECT institution_id, id, 'C', 'C', 5, 2024, 'fall' FROM departments;
    INSERT INTO learning_outcomes (institution_id, course_id, code, title) SELECT institution_id, id, 'LO1', 'x' FROM courses;
    INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
        SELECT l.institution_id, l.id, p.id, 1 FROM learning_outcomes l, program_outcomes p;
    INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
        SELECT institution_id, id, 2024, 'Final', 'final', 100 FROM courses;
    INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
        SELECT a.course_id, a.id, l.id, 1 FROM assessments a, learning_outcomes l;
    INSERT INTO enrollments (institution_id, student_id, course_id)
        SELECT c.institution_id, u.id, c.id FROM courses c JOIN users u USING (institution_id) WHERE u.role = 'student';
    INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
        SELECT e.institution_id, 2024, e.course_id, e.student_id, a.id, 'scored', 50 FROM enrollments e JOIN assessments a USING (course_id)";

/// A class with everything computed.
async fn class() -> Workbench {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(CLASS).await;
    let ids = bench
        .text("SELECT string_agg(id::text, ' ' ORDER BY id) FROM users WHERE role = 'student'")
        .await;
    let student_ids = ids.split(' ').map(|id| UserId(id.parse().unwrap())).collect();
    let job = bench.enqueue(Job::Achievement { student_ids }).await;
    bench.deliver(job).await;
    bench
}

#[tokio::test]
async fn the_nightly_check_finds_a_planted_difference_tells_it_and_repairs_it() {
    let bench = class().await;
    let clean = ask(&bench, Task::AchievementCheck).await;
    bench.deliver(clean).await;
    let result = bench.row(clean).await.result.unwrap();
    let expected = json!({
        "students": 250, "passed_over": 0, "outcomes": 500, "differences": 0, "repaired_students": 0, "examples": [],
    });
    assert_eq!(result, expected);

    bench
        .execute(
            "UPDATE student_lo_achievements SET percentage = 55 WHERE student_id IN (SELECT id FROM users WHERE student_number IN ('7', '8'))",
        )
        .await;
    let job = ask(&bench, Task::AchievementCheck).await;
    bench.deliver(job).await;
    let result = bench.row(job).await.result.unwrap();
    assert_eq!((&result["differences"], &result["repaired_students"]), (&json!(2), &json!(2)));
    let example = &result["examples"][0];
    assert_eq!(
        example["stored"],
        json!({ "percentage": 55.0, "met": false, "graded": 1, "total": 1 })
    );
    assert_eq!(
        example["computed"],
        json!({ "percentage": 50.0, "met": false, "graded": 1, "total": 1 })
    );
    assert_eq!(example["program_outcome_id"], json!(null));

    let log = "SELECT concat_ws(' ', action, object_id, detail ->> 'students', detail ->> 'job_id') FROM activity_log";
    assert_eq!(bench.text(log).await, format!("achievement.repaired {} 2 {job}", bench.institution));
    let repair = bench
        .text("SELECT id::text FROM jobs WHERE kind = 'achievement' AND state = 'queued'")
        .await;
    bench.deliver(JobId(repair.parse().unwrap())).await;
    let stored = "SELECT string_agg(DISTINCT percentage::text, ' ') FROM student_lo_achievements";
    assert_eq!(bench.text(stored).await, "50.00");
    let after = ask(&bench, Task::AchievementCheck).await;
    bench.deliver(after).await;
    assert_eq!(bench.row(after).await.result.unwrap()["differences"], 0);
}

#[tokio::test]
async fn a_check_shows_its_progress_and_one_that_is_interrupted_begins_again_and_finds_the_same() {
    let bench = class().await;
    bench.execute("UPDATE student_lo_achievements SET is_met = NOT is_met").await;
    // The worker is asked to stop while the first batch writes its progress.
    bench
        .execute(
            "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END';
             CREATE TRIGGER gate AFTER UPDATE OF progress_done ON jobs FOR EACH STATEMENT EXECUTE FUNCTION gate()",
        )
        .await;
    let mut holder = bench.database.database().pool().acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut *holder).await.unwrap();
    let job = ask(&bench, Task::AchievementCheck).await;
    let stopping = async {
        until_a_batch_waits(&bench).await;
        Arc::clone(&bench.running).ask_all(StopReason::Shutdown);
        sqlx::query("SELECT pg_advisory_unlock(42)").execute(&mut *holder).await.unwrap();
    };
    tokio::join!(bench.deliver(job), stopping);
    let progress = "SELECT concat_ws(' ', state, progress_done, progress_total) FROM jobs WHERE kind = 'maintenance'";
    assert_eq!(bench.text(progress).await, "queued 100 250");
    assert_eq!(bench.text("SELECT count(*)::text FROM achievement_marks").await, "0");

    bench.deliver(job).await;
    assert_eq!(bench.text(progress).await, "succeeded 250 250");
    let result = bench.row(job).await.result.unwrap();
    assert_eq!((&result["differences"], &result["repaired_students"]), (&json!(250), &json!(250)));
    assert_eq!(result["examples"].as_array().unwrap().len(), 20, "the others are counted");
    assert_eq!(bench.text("SELECT count(*)::text FROM achievement_marks").await, "250");
}
