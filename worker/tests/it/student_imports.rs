//! Student imports as jobs: batches, dry runs, bad files, stops in the middle.

use crate::workbench::{Answer, Workbench};
use acurate_shared::actor::Actor;
use acurate_shared::db::Work;
use acurate_shared::ids::JobId;
use acurate_shared::imports::request::{self, StudentImportOrder};
use acurate_shared::kinds::{ImportMode, OnExisting, Role};
use std::sync::Arc;
use std::time::Duration;

const HEADER: &str = "student_number,email,first_name,last_name\n";

pub(crate) fn file(numbers: std::ops::Range<u32>) -> String {
    let row = |number: u32| format!("00{number},s{number}@acurate.test,Ad{number},Soyad\n");
    HEADER.to_owned() + &numbers.map(row).collect::<String>()
}

pub(crate) async fn import(bench: &Workbench, file: &[u8], mode: ImportMode, send_welcome: bool) -> JobId {
    bench
        .execute(
            "INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
             SELECT id, 'institution_admin', 'admin@acurate.test', 'Işıl', 'Yönetici', 'x' FROM institutions ON CONFLICT DO NOTHING",
        )
        .await;
    let id: i64 = bench
        .text("SELECT id::text FROM users WHERE role = 'institution_admin'")
        .await
        .parse()
        .unwrap();
    let actor = Actor {
        user_id: acurate_shared::ids::UserId(id),
        role: Role::InstitutionAdmin,
        institution_id: Some(bench.institution),
    };
    let order = StudentImportOrder {
        mode,
        on_existing: OnExisting::Skip,
        send_welcome,
    };
    let mut work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
    let accepted = request::students(&mut work, &actor, order, None, None, file).await.unwrap();
    let _not_sent = work.commit().await.unwrap();
    accepted.job_id
}

const COUNTS: &str = "
    SELECT concat_ws(' ', state, records_read, created_count, updated_count, unchanged_count, rejected_count) FROM imports ORDER BY id DESC LIMIT 1";

#[tokio::test]
async fn every_record_is_accounted_for_and_every_new_student_gets_one_mail_job() {
    let bench = Workbench::new(Answer::Take).await;
    let text = file(1..6) + "001,other@acurate.test,Again,Again\n,,,\n";
    let job = import(&bench, text.as_bytes(), ImportMode::Apply, true).await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "succeeded");
    assert_eq!(bench.text(COUNTS).await, "completed 7 5 0 0 2");
    assert_eq!(bench.text("SELECT count(*)::text FROM users WHERE role = 'student'").await, "5");
    assert_eq!(
        bench.text("SELECT count(*)::text FROM jobs WHERE kind = 'welcome_email'").await,
        "5"
    );
    assert_eq!(
        bench
            .text("SELECT progress_done || '/' || progress_total FROM jobs WHERE kind = 'student_import'")
            .await,
        "7/7"
    );
}

#[tokio::test]
async fn a_dry_run_reports_the_same_and_changes_nothing() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, file(1..6).as_bytes(), ImportMode::DryRun, true).await;
    bench.deliver(job).await;
    assert_eq!(bench.text(COUNTS).await, "completed 5 5 0 0 0");
    assert_eq!(bench.text("SELECT count(*)::text FROM users WHERE role = 'student'").await, "0");
    assert_eq!(
        bench.text("SELECT count(*)::text FROM jobs WHERE kind = 'welcome_email'").await,
        "0"
    );
}

#[tokio::test]
async fn a_file_that_is_no_table_fails_the_import_and_says_why() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, b"name,number\nx,1\n", ImportMode::Apply, true).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("succeeded", 0));
    assert_eq!(row.result.unwrap()["failure"]["code"], "missing_columns");
    assert_eq!(
        bench.text("SELECT state || ' ' || (failure ->> 'code') FROM imports").await,
        "failed missing_columns"
    );
}

#[tokio::test]
async fn too_many_records_are_refused_before_any_is_applied() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, file(1..1500).as_bytes(), ImportMode::Apply, true).await;
    bench.deliver(job).await;
    assert_eq!(bench.text("SELECT failure ->> 'code' FROM imports").await, "too_many_records");
    assert_eq!(bench.text("SELECT count(*)::text FROM users WHERE role = 'student'").await, "0");
}

/// A worker that dies between two batches leaves what it committed; the next run goes on behind it.
#[tokio::test]
async fn a_run_that_was_cut_is_continued_at_the_last_committed_batch() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, file(1..12).as_bytes(), ImportMode::Apply, true).await;
    // The state after a crash behind the second batch of two records.
    bench
        .execute(
            "UPDATE imports SET state = 'running', records_total = 11, records_read = 4, created_count = 4, last_record = 5;
             INSERT INTO users (institution_id, role, student_number, email, first_name, last_name, credential_nonce, credential_expires_at)
             SELECT i.id, 'student', '00' || n, 's' || n || '@acurate.test', 'Ad' || n, 'Soyad', uuid_send(gen_random_uuid()), now() + interval '1 day'
             FROM institutions i, generate_series(1, 4) AS n",
        )
        .await;
    bench.deliver(job).await;
    assert_eq!(bench.text(COUNTS).await, "completed 11 11 0 0 0");
    assert_eq!(bench.text("SELECT count(*)::text FROM users WHERE role = 'student'").await, "11");
    assert_eq!(
        bench.text("SELECT count(*)::text FROM jobs WHERE kind = 'welcome_email'").await,
        "7"
    );
}

#[tokio::test]
async fn a_stale_run_can_change_nothing() {
    let bench = Workbench::new(Answer::Take).await;
    let job = import(&bench, file(1..6).as_bytes(), ImportMode::Apply, true).await;
    // Another run takes over the moment this one has claimed the job.
    bench
        .execute(
            "CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.attempt := NEW.attempt + 1; RETURN NEW; END';
             CREATE TRIGGER take_over BEFORE UPDATE ON jobs FOR EACH ROW WHEN (OLD.state = 'running' AND NEW.progress_done <> OLD.progress_done)
                 EXECUTE FUNCTION take_over()",
        )
        .await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "running");
    // The first batch was committed with the claim still right; nothing of the second one is there.
    assert_eq!(bench.text("SELECT count(*)::text FROM users WHERE role = 'student'").await, "2");
    assert_eq!(bench.text("SELECT records_read::text FROM imports").await, "2");
}

/// To go back to the queue as if nothing had failed would be to begin again for ever.
#[tokio::test]
async fn an_import_that_the_soft_limit_lets_do_nothing_fails() {
    let mut bench = Workbench::new(Answer::Take).await;
    let mut jobs = (*bench.context.jobs).clone();
    jobs.soft_limit = Duration::ZERO;
    Arc::get_mut(&mut bench.context).unwrap().jobs = Arc::new(jobs);
    let job = import(&bench, file(1..6).as_bytes(), ImportMode::Apply, false).await;

    bench.deliver(job).await;

    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("queued", 1), "{row:?}");
    assert!(row.error.unwrap().contains("soft limit"));
    assert_eq!(bench.text(COUNTS).await, "running 0 0 0 0 0");
}
