//! The deletion of an institution as a job: to its end, after a death in the middle, and never uninvited.

use crate::workbench::{Answer, Workbench};
use acurate_shared::jobs::{Job, ledger};
use acurate_shared::testing::until;
use std::sync::Arc;

/// Students of the workbench's institution with a course, an enrollment and a grade each; more than one batch of them.
async fn furnish(bench: &Workbench) {
    let statements = "
        SELECT ensure_grades_partition(2024::smallint);
        INSERT INTO departments (institution_id, code, name) SELECT id, 'D', 'D' FROM institutions;
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
            SELECT i.id, 'student', 's' || n || '@acurate.test', 'Ad', 'Soyad', 'x', n::text FROM institutions i, generate_series(1, 1200) AS n;
        INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
            SELECT institution_id, id, 'C', 'C', 5, 2024, 'fall' FROM departments;
        INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
            SELECT institution_id, id, 2024, t, 'quiz', 50 FROM courses, unnest(ARRAY['one', 'two']) AS t;
        INSERT INTO enrollments (institution_id, student_id, course_id)
            SELECT c.institution_id, u.id, c.id FROM courses c JOIN users u USING (institution_id) WHERE u.role = 'student';
        INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
            SELECT e.institution_id, 2024, e.course_id, e.student_id, a.id, 'scored', 50 FROM enrollments e JOIN assessments a USING (course_id);
        INSERT INTO institutions (name) VALUES ('Başka Üniversitesi');
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
            SELECT id, 'student', 'other@acurate.test', 'Ad', 'Soyad', 'x', '1' FROM institutions WHERE name = 'Başka Üniversitesi'";
    bench.execute(statements).await;
}

/// What a request for the deletion writes.
async fn doom(bench: &Workbench) {
    let id = bench.institution;
    let update = format!("UPDATE institutions SET is_active = false, deletion_requested_at = now() WHERE id = {id}");
    bench.execute(&update).await;
}

async fn request(bench: &Workbench) -> acurate_shared::ids::JobId {
    let job = Job::InstitutionDeletion {
        institution_id: bench.institution,
    };
    bench.enqueue_for_the_platform(job).await
}

const LEFT: &str = "
    SELECT concat_ws(' ', (SELECT count(*) FROM institutions), (SELECT count(*) FROM users), (SELECT count(*) FROM courses),
        (SELECT count(*) FROM enrollments), (SELECT count(*) FROM grades), (SELECT count(*) FROM departments))";

const PROGRESS: &str = "SELECT progress_done || '/' || progress_total FROM jobs WHERE kind = 'institution_deletion'";

/// 2400 grades, 1200 enrollments and students, 2 assessments, a course, a department.
const ROWS: i64 = 2400 + 1200 + 1200 + 2 + 1 + 1;

#[tokio::test]
async fn everything_goes_in_batches_and_the_log_tells_of_it() {
    let bench = Workbench::new(Answer::Take).await;
    furnish(&bench).await;
    doom(&bench).await;
    let job = request(&bench).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("succeeded", 0));
    assert_eq!(row.result.unwrap()["deleted_rows"], ROWS);
    assert_eq!(bench.text(PROGRESS).await, format!("{ROWS}/{ROWS}"));
    assert_eq!(bench.text(LEFT).await, "1 1 0 0 0 0");
    let log = "SELECT concat_ws(' ', action, object_id, detail ->> 'name', detail ->> 'rows') FROM activity_log";
    let expected = format!("institution.deleted {} Deneme Üniversitesi {ROWS}", bench.institution);
    assert_eq!(bench.text(log).await, expected);
}

/// A process that is killed leaves its claim, its committed batches and an open transaction that the server takes back.
#[tokio::test]
async fn a_run_that_was_killed_half_way_is_continued_by_another_worker() {
    let bench = Workbench::new(Answer::Take).await;
    furnish(&bench).await;
    doom(&bench).await;
    let job = request(&bench).await;
    // The second batch of students waits for a lock that the test holds.
    let gate = "
        CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (SELECT count(*) FROM users WHERE role = 'student') < 500 THEN PERFORM pg_advisory_xact_lock(42); END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER gate AFTER DELETE ON users FOR EACH STATEMENT EXECUTE FUNCTION gate()";
    bench.execute(gate).await;
    let mut holder = bench.database.database().pool().acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut *holder).await.unwrap();

    let doomed = bench.elsewhere(job);
    until("a batch that waits", || async {
        let waiting = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        (bench.text(waiting).await == "1").then_some(())
    })
    .await;
    doomed.kill();
    sqlx::query("SELECT pg_advisory_unlock(42)").execute(&mut *holder).await.unwrap();

    assert_eq!(bench.row(job).await.state, "running", "nobody was there to say how it ended");
    bench
        .execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE state = 'running'")
        .await;
    until("the end of the dead worker's transaction", || async {
        let rescued = ledger::rescue(bench.database.database(), 10).await.unwrap();
        (rescued == 1).then_some(())
    })
    .await;
    let committed = bench.text(PROGRESS).await;
    assert_eq!(
        bench.text(LEFT).await,
        "2 701 0 0 0 1",
        "one batch of students is gone, the second came back"
    );
    assert_eq!(committed, format!("{}/{ROWS}", ROWS - 700 - 1));

    bench.execute("DROP TRIGGER gate ON users").await;
    bench.deliver(job).await;

    assert_eq!(bench.row(job).await.state, "succeeded");
    assert_eq!(bench.text(PROGRESS).await, format!("{ROWS}/{ROWS}"));
    assert_eq!(bench.text(LEFT).await, "1 1 0 0 0 0");
}

#[tokio::test]
async fn a_job_without_a_request_deletes_nothing_and_one_that_comes_late_finds_nothing() {
    let bench = Workbench::new(Answer::Take).await;
    furnish(&bench).await;
    let job = request(&bench).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!(row.state, "dead");
    assert!(row.error.unwrap().contains("Nobody asked"));
    assert_eq!(bench.text(LEFT).await, "2 1201 1 1200 2400 1");

    doom(&bench).await;
    let job = request(&bench).await;
    bench.deliver(job).await;
    let late = request(&bench).await;
    bench.deliver(late).await;
    assert_eq!(bench.row(late).await.state, "succeeded");
    assert_eq!(bench.row(late).await.result.unwrap()["deleted_rows"], 0);
}

#[tokio::test]
async fn a_stale_run_keeps_nothing_of_its_batch() {
    let bench = Workbench::new(Answer::Take).await;
    furnish(&bench).await;
    doom(&bench).await;
    let job = request(&bench).await;
    // Another run takes over at the first progress.
    bench
        .execute(
            "CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.attempt := NEW.attempt + 1; RETURN NEW; END';
             CREATE TRIGGER take_over BEFORE UPDATE ON jobs FOR EACH ROW WHEN (OLD.state = 'running' AND NEW.progress_done <> OLD.progress_done)
                 EXECUTE FUNCTION take_over()",
        )
        .await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "running");
    // The first batch of grades was committed with the claim still right; nothing of the second one is gone.
    assert_eq!(bench.text("SELECT count(*)::text FROM grades").await, "400");
}

#[tokio::test]
async fn a_worker_that_stops_gives_the_job_back() {
    let bench = Workbench::new(Answer::Take).await;
    furnish(&bench).await;
    doom(&bench).await;
    let job = request(&bench).await;
    bench
        .execute(
            "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END';
             CREATE TRIGGER gate AFTER DELETE ON enrollments FOR EACH STATEMENT EXECUTE FUNCTION gate()",
        )
        .await;
    let mut holder = bench.database.database().pool().acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut *holder).await.unwrap();
    let stopping = async {
        until("a batch that waits", || async {
            let waiting = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
            (bench.text(waiting).await == "1").then_some(())
        })
        .await;
        let running = Arc::clone(&bench.running);
        running.ask_all(acurate_worker::executor::StopReason::Shutdown);
        sqlx::query("SELECT pg_advisory_unlock(42)").execute(&mut *holder).await.unwrap();
    };
    tokio::join!(bench.deliver(job), stopping);
    assert_eq!(bench.row(job).await.state, "queued");
    assert_eq!(
        bench.text(LEFT).await,
        "2 1201 1 0 0 1",
        "the batch that was under way is done, the next is not begun"
    );
    bench.deliver(job).await;
    assert_eq!(bench.text(LEFT).await, "1 1 0 0 0 0");
}
