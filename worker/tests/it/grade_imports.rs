//! Grade imports as jobs: batches, dry runs, bad files, stops in the middle.

use crate::workbench::{Answer, Workbench};
use acurate_shared::actor::Actor;
use acurate_shared::db::Work;
use acurate_shared::ids::{CourseId, ImportId, JobId, UserId};
use acurate_shared::imports::control;
use acurate_shared::imports::request::{self, File, GradeImportOrder};
use acurate_shared::kinds::{GradeLayout, ImportMode, Role};
use acurate_shared::testing::until;
use acurate_worker::executor::StopReason;
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::sync::Arc;

/// A course of a teacher, with the exam `Vize` of 100 and the students `001` to `009`.
const COURSE: &str = "
    INSERT INTO departments (institution_id, code, name) SELECT id, 'BM', 'Bilgisayar' FROM institutions;
    INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
        SELECT id, 'teacher', 'hoca@acurate.test', 'Işıl', 'Hoca', 'x' FROM institutions;
    INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number)
        SELECT id, 'student', n || '@acurate.test', 'Ad', 'Soyad', 'x', '00' || n FROM institutions, generate_series(1, 9) AS n;
    SELECT ensure_grades_partition(2024::smallint);
    INSERT INTO courses (institution_id, department_id, teacher_id, code, title, credits, academic_year, semester)
        SELECT d.institution_id, d.id, u.id, 'BM101', 'Programlama', 5, 2024, 'fall' FROM departments d, users u WHERE u.role = 'teacher';
    INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight)
        SELECT institution_id, id, academic_year, 'Vize', 'midterm', 50 FROM courses;
    INSERT INTO enrollments (institution_id, student_id, course_id)
        SELECT u.institution_id, u.id, c.id FROM users u, courses c WHERE u.role = 'student'";

const COUNTS: &str = "
    SELECT concat_ws(' ', state, records_read, created_count, updated_count, unchanged_count, rejected_count) FROM imports ORDER BY id DESC LIMIT 1";

/// Number and mark of every grade.
const BOOK: &str = "
    SELECT COALESCE(string_agg(concat_ws(' ', u.student_number, g.status, g.score), ', ' ORDER BY u.student_number), '')
    FROM grades g JOIN users u ON u.id = g.student_id";

async fn school() -> Workbench {
    let bench = Workbench::new(Answer::Take).await;
    bench.execute(COURSE).await;
    bench
}

async fn somebody(bench: &Workbench, role: Role) -> Actor {
    let id = bench.text(&format!("SELECT id::text FROM users WHERE role = '{role}'")).await;
    Actor {
        user_id: UserId(id.parse().unwrap()),
        role,
        institution_id: Some(bench.institution),
    }
}

async fn teacher(bench: &Workbench) -> Actor {
    somebody(bench, Role::Teacher).await
}

async fn import(bench: &Workbench, file: &str, mode: ImportMode) -> JobId {
    import_as(bench, &teacher(bench).await, file, mode).await
}

async fn import_as_admin(bench: &Workbench) -> JobId {
    let insert = "
        INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash)
        SELECT id, 'institution_admin', 'admin@acurate.test', 'Işıl', 'Yönetici', 'x' FROM institutions";
    bench.execute(insert).await;
    import_as(bench, &somebody(bench, Role::InstitutionAdmin).await, FILE, ImportMode::Apply).await
}

async fn import_as(bench: &Workbench, actor: &Actor, file: &str, mode: ImportMode) -> JobId {
    let course = bench.text("SELECT id::text FROM courses").await;
    let order = GradeImportOrder {
        course_id: CourseId(course.parse().unwrap()),
        mode,
        layout: GradeLayout::Auto,
    };
    let file = File {
        name: None,
        content_type: None,
        reader: file.as_bytes(),
    };
    let mut work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
    let accepted = request::grades(&mut work, actor, order, file).await.unwrap();
    let _not_sent = work.commit().await.unwrap();
    accepted.job_id
}

/// Five records, of which one names nobody and one is no mark.
const FILE: &str = "student_number;Vize\n001;85,5\n002;GR\n099;1\n003;x\n004;0\n";

#[tokio::test]
async fn every_record_is_accounted_for_and_marks_and_their_students_are_kept_together() {
    let bench = school().await;
    let job = import(&bench, FILE, ImportMode::Apply).await;
    bench.deliver(job).await;
    assert_eq!(bench.row(job).await.state, "succeeded");
    assert_eq!(bench.text(COUNTS).await, "completed 5 3 0 0 2");
    assert_eq!(bench.text(BOOK).await, "001 scored 85.50, 002 absent, 004 scored 0.00");
    let errors = "SELECT string_agg(concat_ws(' ', record, column_name, value, code), ', ' ORDER BY record) FROM import_errors";
    assert_eq!(
        bench.text(errors).await,
        "4 student_number 099 unknown_student, 5 Vize x not_a_mark"
    );
    let marked = "SELECT string_agg(DISTINCT u.student_number, ' ') FROM achievement_marks m JOIN users u ON u.id = m.student_id";
    assert_eq!(bench.text(marked).await, "001 004");
    let progress = "SELECT progress_done || '/' || progress_total FROM jobs WHERE kind = 'grade_import'";
    assert_eq!(bench.text(progress).await, "5/5");
    let mapping = "SELECT concat_ws(' ', mapping ->> 'layout', mapping #>> '{columns,0,column}', mapping #>> '{columns,0,assessment_id}' = (SELECT id::text FROM assessments)) FROM imports";
    assert_eq!(bench.text(mapping).await, "wide Vize t");
}

#[tokio::test]
async fn a_dry_run_reports_the_same_and_changes_nothing() {
    let bench = school().await;
    let job = import(&bench, FILE, ImportMode::DryRun).await;
    bench.deliver(job).await;
    assert_eq!(bench.text(COUNTS).await, "completed 5 3 0 0 2");
    assert_eq!(bench.text(BOOK).await, "");
    assert_eq!(bench.text("SELECT count(*)::text FROM achievement_marks").await, "0");
    let computations = "SELECT count(*)::text FROM jobs WHERE kind IN ('achievement', 'recalculation')";
    assert_eq!(bench.text(computations).await, "0");
    assert_eq!(bench.text("SELECT count(*)::text FROM import_errors").await, "2");
}

#[tokio::test]
async fn a_column_that_is_no_assessment_fails_the_import_and_is_named() {
    let bench = school().await;
    let job = import(&bench, "student_number;Vize;Proje\n001;1;2\n", ImportMode::Apply).await;
    bench.deliver(job).await;
    let row = bench.row(job).await;
    assert_eq!((row.state.as_str(), row.failures), ("succeeded", 0));
    let failure = &row.result.unwrap()["failure"];
    assert_eq!(failure["code"], "unknown_columns");
    assert!(failure["message_tr"].as_str().unwrap().contains("Proje"));
    assert_eq!(bench.text(BOOK).await, "");
}

#[tokio::test]
async fn too_many_records_are_refused_before_any_is_applied() {
    let bench = school().await;
    let many: String = (0..1001).map(|n| format!("{n};1\n")).collect();
    let job = import(&bench, &format!("student_number;Vize\n{many}"), ImportMode::Apply).await;
    bench.deliver(job).await;
    assert_eq!(bench.text("SELECT failure ->> 'code' FROM imports").await, "too_many_records");
}

/// A worker that dies between two batches leaves what it committed; the next run goes on behind it.
#[tokio::test]
async fn a_run_that_was_cut_is_continued_at_the_last_committed_batch() {
    let bench = school().await;
    let job = import(
        &bench,
        "student_number;Vize\n001;10\n002;20\n003;30\n004;40\n001;50\n",
        ImportMode::Apply,
    )
    .await;
    // The state after a crash behind the first batch of two records; a mark that was changed by hand meanwhile must stay.
    bench
        .execute(
            "UPDATE imports SET state = 'running', records_total = 5, records_read = 2, created_count = 2, last_record = 3;
             INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
             SELECT a.institution_id, 2024, a.course_id, u.id, a.id, 'scored', 77 FROM assessments a, users u WHERE u.student_number IN ('001', '002')",
        )
        .await;
    bench.deliver(job).await;
    assert_eq!(bench.text(COUNTS).await, "completed 5 4 0 0 1");
    assert_eq!(
        bench.text(BOOK).await,
        "001 scored 77.00, 002 scored 77.00, 003 scored 30.00, 004 scored 40.00"
    );
    let error = "SELECT concat_ws(' ', record, code) FROM import_errors";
    assert_eq!(bench.text(error).await, "6 duplicate_in_file", "known from before the cut");
}

#[tokio::test]
async fn a_cancelled_import_ends_behind_its_batch_and_its_counts_are_true() {
    let bench = school().await;
    let file = "student_number;Vize\n001;10\n002;20\n003;30\n004;40\n005;50\n";
    let job = import(&bench, file, ImportMode::Apply).await;
    // Whoever holds the course keeps the first batch waiting until the request to stop is there.
    let holder = bench.database.database().orm().begin().await.unwrap();
    holder.execute_unprepared("SELECT FROM courses FOR NO KEY UPDATE").await.unwrap();
    let cancel = async {
        let waits = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("the first batch to wait", || async {
            (bench.text(waits).await == "1").then_some(())
        })
        .await;
        let work = Work::begin(bench.database.database(), &bench.context.jobs).await.unwrap();
        let id = bench.text("SELECT id::text FROM imports").await.parse().unwrap();
        control::cancel(&work, &teacher(&bench).await, ImportId(id)).await.unwrap();
        let _nothing_to_send = work.commit().await.unwrap();
        // As the next heartbeat does, which finds the request.
        bench.running.ask_all(StopReason::Cancelled);
        holder.commit().await.unwrap();
    };
    tokio::join!(bench.deliver(job), cancel);
    assert_eq!(bench.row(job).await.state, "cancelled");
    assert_eq!(bench.text(COUNTS).await, "cancelled 2 2 0 0 0");
    assert_eq!(bench.text(BOOK).await, "001 scored 10.00, 002 scored 20.00");
}

#[tokio::test]
async fn a_teacher_who_lost_the_course_meanwhile_changes_nothing() {
    let bench = school().await;
    let job = import(&bench, FILE, ImportMode::Apply).await;
    bench.execute("UPDATE courses SET teacher_id = NULL").await;
    bench.deliver(job).await;
    assert_eq!(
        bench.text("SELECT state || ' ' || (failure ->> 'code') FROM imports").await,
        "failed not_the_grader"
    );
    let job = import_as_admin(&bench).await;
    bench
        .execute("UPDATE users SET is_active = false WHERE role = 'institution_admin'")
        .await;
    bench.deliver(job).await;
    assert_eq!(
        bench.text("SELECT failure ->> 'code' FROM imports ORDER BY id DESC").await,
        "not_the_grader"
    );
    assert_eq!(bench.text(BOOK).await, "");
}

#[tokio::test]
async fn a_batch_ends_with_the_record_that_reaches_the_limit_of_grades() {
    let mut bench = school().await;
    let context = Arc::get_mut(&mut bench.context).unwrap();
    context.imports.batch = 100;
    context.imports.batch_cells = 3;
    let log = "CREATE TABLE batches (records bigint);
        CREATE FUNCTION log_batch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO batches VALUES (NEW.records_read - OLD.records_read); RETURN NEW; END';
        CREATE TRIGGER log_batch AFTER UPDATE ON imports FOR EACH ROW WHEN (NEW.records_read <> OLD.records_read) EXECUTE FUNCTION log_batch()";
    bench.execute(log).await;
    let file = "student_number;Vize\n001;10\n002;\n003;30\n004;40\n005;50\n006;60\n";
    let job = import(&bench, file, ImportMode::Apply).await;
    bench.deliver(job).await;
    assert_eq!(bench.text(COUNTS).await, "completed 6 5 0 1 0");
    assert_eq!(bench.text("SELECT string_agg(records::text, ' ') FROM batches").await, "4 2");
}
