//! Imports of students: what becomes of rows, and how files, imports and their counts are kept.

mod a_dry_run;
mod a_file;
mod a_new_student;
mod a_request;
mod a_student_that_exists;
mod a_view;
mod any_batch;
mod at_the_same_time;
mod grades;
mod in_use;
mod placement;
mod statements;
mod the_ledger;

use crate::campus::Campus;
use acurate_shared::actor::Actor;
use acurate_shared::db::{Database, Work, sql};
use acurate_shared::entity::user;
use acurate_shared::error::Result;
use acurate_shared::ids::InstitutionId;
use acurate_shared::imports::StudentRow;
use acurate_shared::imports::request::{self, Accepted, StudentImportOrder};
use acurate_shared::imports::student_batch::{Applied, StudentBatch};
use acurate_shared::kinds::{ImportMode, OnExisting};
use acurate_shared::testing::{job_settings, until};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::time::Duration;

/// The rules of an administrator's import that brings students up to date and mails nobody.
fn updating(admin: &Actor) -> StudentBatch {
    StudentBatch {
        institution_id: home(admin),
        created_by: Some(admin.user_id),
        on_existing: OnExisting::Update,
        send_welcome: false,
        credential_life: Duration::from_secs(7 * 24 * 3600),
    }
}

/// The same, but students that exist are left alone.
fn skipping(admin: &Actor) -> StudentBatch {
    StudentBatch {
        on_existing: OnExisting::Skip,
        ..updating(admin)
    }
}

fn home(actor: &Actor) -> InstitutionId {
    actor.institution_id.unwrap()
}

/// A student with nothing but what is required.
fn row(number: &str) -> StudentRow {
    StudentRow {
        student_number: number.into(),
        email: format!("s{number}@ata.edu.tr"),
        first_name: "Irmak".into(),
        last_name: "Işık".into(),
        department_code: None,
        program_code: None,
        year_of_study: None,
        entry_year: None,
        phone: None,
    }
}

fn with_email(number: &str, email: &str) -> StudentRow {
    StudentRow {
        email: email.into(),
        ..row(number)
    }
}

/// Rows with the record numbers of a file that has a header.
fn records(rows: &[StudentRow]) -> Vec<(u64, StudentRow)> {
    (2..).zip(rows.iter().cloned()).collect()
}

async fn begin(database: &Database) -> Work {
    Work::begin(database, &job_settings()).await.unwrap()
}

async fn apply(database: &Database, rules: &StudentBatch, rows: &[StudentRow]) -> Result<Applied> {
    let mut work = begin(database).await;
    let applied = rules.apply(&mut work, &records(rows)).await?;
    let _ = work.commit().await?;
    Ok(applied)
}

async fn dry_run(database: &Database, rules: &StudentBatch, rows: &[StudentRow]) -> Result<Applied> {
    let mut work = begin(database).await;
    let applied = rules.apply(&mut work, &records(rows)).await?;
    work.rollback().await?;
    Ok(applied)
}

/// Created, updated, unchanged, rejected.
fn counts(applied: &Applied) -> (u64, u64, u64, u64) {
    (applied.created, applied.updated, applied.unchanged, applied.rejected)
}

/// Each error as record, column and code.
fn faults(applied: &Applied) -> Vec<String> {
    let fault = |error: &acurate_shared::imports::RowError| {
        format!(
            "{} {} {}",
            error.record,
            error.column.as_deref().unwrap_or("-"),
            error.code.as_str()
        )
    };
    applied.errors.iter().map(fault).collect()
}

/// A student as stored.
async fn stored(campus: &Campus, institution_id: InstitutionId, number: &str) -> user::Model {
    let student = user::Entity::find()
        .filter(user::Column::InstitutionId.eq(institution_id))
        .filter(user::Column::StudentNumber.eq(number));
    student.one(campus.db()).await.unwrap().unwrap()
}

/// Everything in the tables that an import can touch, so that any change shows.
async fn fingerprint(database: &Database) -> Vec<String> {
    let mut prints = Vec::new();
    for table in [
        "users",
        "jobs",
        "achievement_marks",
        "sessions",
        "activity_log",
        "imports",
        "import_errors",
        "departments",
        "programs",
    ] {
        let select = format!("SELECT '{table} ' || md5(COALESCE(string_agg(t::text, ' ' ORDER BY t::text), '')) AS print FROM {table} t");
        let row = database.orm().query_one_raw(sql(&select, [])).await.unwrap().unwrap();
        prints.push(row.try_get("", "print").unwrap());
    }
    prints
}

/// Returns when somebody in the database waits for a lock of somebody else.
async fn somebody_waits(database: &Database) {
    let select = "SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("somebody to wait for a lock", || async {
        database.orm().query_one_raw(sql(select, [])).await.unwrap()
    })
    .await;
}

/// An accepted import of a file, by default options.
async fn ask(campus: &Campus, actor: &Actor, file: &[u8]) -> Result<Accepted> {
    let order = StudentImportOrder {
        mode: ImportMode::Apply,
        on_existing: OnExisting::Update,
        send_welcome: true,
    };
    let mut work = campus.begin().await;
    let accepted = request::students(&mut work, actor, order, Some("students.csv".into()), Some("text/csv".into()), file).await?;
    let _ = work.commit().await?;
    Ok(accepted)
}
