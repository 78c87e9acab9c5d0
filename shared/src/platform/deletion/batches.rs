//! The statements that empty an institution, one table a stage.

use super::Doomed;
use crate::activity::{self, Deed};
use crate::db::{Work, sql};
use crate::error::Result;
use crate::ids::{InstitutionId, UserId};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

/// One table to empty.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// Its name.
    pub table: &'static str,
    /// Its key: one row each.
    key: &'static [&'static str],
    /// Where the rows of institution `$1` are found, the table being `t`.
    rows: &'static str,
    /// Rows of one batch at most.
    batch: u32,
}

const fn stage(table: &'static str, key: &'static [&'static str], rows: &'static str, batch: u32) -> Stage {
    Stage { table, key, rows, batch }
}

const OF_COURSES: &str = "t JOIN courses c ON c.id = t.course_id WHERE c.institution_id = $1";
const OF_STUDENTS: &str = "t JOIN users u ON u.id = t.student_id WHERE u.institution_id = $1";
const OF_IMPORTS: &str = "t JOIN imports i ON i.id = t.import_id WHERE i.institution_id = $1";
const STUDENTS: &str = "t WHERE t.institution_id = $1 AND t.role = 'student'";
const STAFF: &str = "t WHERE t.institution_id = $1 AND t.role <> 'student'";
const OWN: &str = "t WHERE t.institution_id = $1";

/// The tables in the order in which they are emptied: no row is deleted before those that refer to it. What is missing
/// here goes along with a row that is named, by `ON DELETE CASCADE`: sessions, mappings, the pieces of a file; grading schemes
/// and thresholds, of which there are few, with the institution itself. Batches are smaller where much goes along.
pub const STAGES: &[Stage] = &[
    stage("grades", &["student_id", "assessment_id", "academic_year"], OF_COURSES, 2000),
    stage("student_lo_achievements", &["student_id", "learning_outcome_id"], OF_STUDENTS, 2000),
    stage("student_po_achievements", &["student_id", "program_outcome_id"], OF_STUDENTS, 2000),
    stage("enrollments", &["id"], OF_COURSES, 2000),
    stage("assessments", &["id"], OF_COURSES, 500),
    stage("learning_outcomes", &["id"], OWN, 500),
    stage("courses", &["id"], OWN, 500),
    stage("program_outcomes", &["id"], OWN, 500),
    stage("import_errors", &["import_id", "record", "seq"], OF_IMPORTS, 2000),
    stage("imports", &["id"], OWN, 500),
    stage("email_deliveries", &["id"], OWN, 2000),
    stage("jobs", &["id"], OWN, 2000),
    // Students first: they name the administrator who made them, and each name would have to be emptied.
    stage("users", &["id"], STUDENTS, 500),
    stage("users", &["id"], STAFF, 500),
    stage("uploads", &["id"], OWN, 20),
    stage("programs", &["id"], OWN, 500),
    stage("departments", &["id"], OWN, 500),
];

/// Ends every job of the institution that waits or runs. A run under way is fenced off by that: it finds its claim gone and
/// takes back its last batch.
///
/// # Errors
/// When the database refuses.
pub async fn cancel_jobs(tx: &impl ConnectionTrait, id: InstitutionId) -> Result<u64, DbErr> {
    let update = "
        UPDATE jobs SET state = 'cancelled', lease_until = NULL, finished_at = now(), cancel_requested_at = now()
        WHERE institution_id = $1 AND state IN ('queued', 'running')";
    Ok(tx.execute_raw(sql(update, [id.into()])).await?.rows_affected())
}

/// Deletes one batch of a stage; says how many rows that were, 0 when there are none.
///
/// # Errors
/// When the database refuses.
pub async fn delete_some(tx: &impl ConnectionTrait, id: InstitutionId, stage: &Stage) -> Result<u64, DbErr> {
    let columns: Vec<String> = stage.key.iter().map(|column| format!("t.{column}")).collect();
    let same: Vec<String> = stage.key.iter().map(|column| format!("t.{column} = doomed.{column}")).collect();
    // Materialized, or the planner may run the limited query more than once.
    let delete = format!(
        "WITH doomed AS MATERIALIZED (SELECT {} FROM {} {} LIMIT {}) DELETE FROM {} t USING doomed WHERE {}",
        columns.join(", "),
        stage.table,
        stage.rows,
        stage.batch,
        stage.table,
        same.join(" AND "),
    );
    Ok(tx.execute_raw(sql(&delete, [id.into()])).await?.rows_affected())
}

/// Rows that the stages have still to delete.
///
/// # Errors
/// When the database refuses.
pub async fn remaining(db: &impl ConnectionTrait, id: InstitutionId) -> Result<i64, DbErr> {
    let counts: Vec<String> = STAGES
        .iter()
        .map(|stage| format!("(SELECT count(*) FROM {} {})", stage.table, stage.rows))
        .collect();
    let select = format!("SELECT {} AS total", counts.join(" + "));
    let row = db.query_one_raw(sql(&select, [id.into()])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "total"))
}

/// The last batch: locks the institution, so that nothing new can refer to it, sweeps up what came in since the stages ran,
/// and deletes the row itself when there was nothing. Says how many rows were swept up; 0 is the end of the institution.
///
/// # Errors
/// When the database refuses.
pub async fn finish(work: &Work, doomed: &Doomed, requested_by: Option<UserId>, deleted: i64) -> Result<u64> {
    let lock = "SELECT id FROM institutions WHERE id = $1 FOR UPDATE";
    work.tx().execute_raw(sql(lock, [doomed.id.into()])).await?;
    let mut swept = 0;
    for stage in STAGES {
        swept += delete_some(work.tx(), doomed.id, stage).await?;
    }
    if swept == 0 {
        let delete = "DELETE FROM institutions WHERE id = $1";
        work.tx().execute_raw(sql(delete, [doomed.id.into()])).await?;
        let deed = Deed::new("institution.deleted", "institution", doomed.id.0).with(json!({ "name": doomed.name, "rows": deleted }));
        activity::record_for(work, requested_by, Some(doomed.id), deed).await?;
    }
    Ok(swept)
}
