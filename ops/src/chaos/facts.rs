//! What is there after a run: read from the database, the mail server and the logs, without a judgement.

use super::logs::{self, Logged};
use super::recovery::Recovery;
use super::smtp::Taken;
use super::stack::Stack;
use super::truth;
use crate::failure::{Failure, Result};
use acurate_shared::db::{Database, sql};
use sea_orm::FromQueryResult;
use std::path::Path;

/// A student.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Student {
    pub(crate) email: String,
    pub(crate) version: i32,
    pub(crate) last_name: String,
    /// Jobs that welcome the student.
    pub(crate) welcomes: i64,
}

/// An import.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Import {
    pub(crate) file_name: String,
    pub(crate) state: String,
    /// Read, created, updated, unchanged, rejected.
    pub(crate) counts: Vec<i64>,
    /// Numbers of the records with an error, ascending.
    pub(crate) rejected: Vec<i64>,
    /// How often the activity log says that it was completed.
    pub(crate) completions: i64,
}

/// A cell of a grade book.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Cell {
    pub(crate) assessment_id: i64,
    pub(crate) email: String,
    /// In hundredths.
    pub(crate) score: i64,
    pub(crate) version: i32,
}

/// Who takes a course.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Enrollment {
    pub(crate) course_id: i64,
    pub(crate) email: String,
}

/// A job that did not simply succeed.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) error: Option<String>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) students: Vec<Student>,
    pub(crate) imports: Vec<Import>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) enrollments: Vec<Enrollment>,
    /// Jobs that succeeded, ascending.
    pub(crate) succeeded: Vec<i64>,
    /// Jobs that did not, superseded ones left out.
    pub(crate) jobs: Vec<Job>,
    /// Message ids of mails that the product believes to be under way.
    pub(crate) undelivered: Vec<String>,
    /// Addresses to which mails were not sent, because the product believes that they do not work.
    pub(crate) suppressed: Vec<String>,
    /// Files of imports that ended and of whose end nobody was told.
    pub(crate) untold: Vec<String>,
    /// Students whose achievements are marked as out of date.
    pub(crate) marks: i64,
    /// What is wrong with achievements.
    pub(crate) differences: Vec<String>,
    /// Achievements that were compared.
    pub(crate) achievements: usize,
    pub(crate) taken: Vec<Taken>,
    pub(crate) rejected: Vec<String>,
    pub(crate) errors: Vec<Logged>,
    pub(crate) recoveries: Vec<Recovery>,
}

const STUDENTS: &str = "
    WITH welcome AS (SELECT (payload ->> 'user_id')::bigint AS user_id, count(*) AS jobs FROM jobs WHERE kind = 'welcome_email' GROUP BY 1)
    SELECT u.email, u.version, u.last_name, COALESCE(w.jobs, 0) AS welcomes
    FROM users u LEFT JOIN welcome w ON w.user_id = u.id WHERE u.role = 'student'";

/// The first file of each university, which enrolls its students, is the harness's own and not one of the load.
const IMPORTS: &str = "
    SELECT f.file_name, i.state, ARRAY[records_read, created_count, updated_count, unchanged_count, rejected_count] AS counts,
        ARRAY(SELECT DISTINCT record FROM import_errors e WHERE e.import_id = i.id ORDER BY record) AS rejected,
        (SELECT count(*) FROM activity_log a WHERE a.action = 'import.completed' AND a.object_type = 'import' AND a.object_id = i.id) AS completions
    FROM imports i JOIN uploads f ON f.id = i.upload_id WHERE f.file_name <> 'students.csv'";

const CELLS: &str = "
    SELECT g.assessment_id, u.email, (g.score * 100)::bigint AS score, g.version
    FROM grades g JOIN users u ON u.id = g.student_id WHERE g.status = 'scored'";

const ENROLLMENTS: &str = "SELECT e.course_id, u.email FROM enrollments e JOIN users u ON u.id = e.student_id WHERE e.is_active";

const JOBS: &str = "SELECT id, kind, state, error FROM jobs WHERE state NOT IN ('succeeded', 'superseded')";

const SUCCEEDED: &str = "SELECT id FROM jobs WHERE state = 'succeeded' ORDER BY id";

const MARKS: &str = "SELECT count(*) FROM achievement_marks";

const UNDELIVERED: &str = "SELECT message_id FROM email_deliveries WHERE state = 'sending'";

const SUPPRESSED: &str = "
    SELECT DISTINCT u.email FROM email_deliveries d JOIN users u ON u.id = d.user_id WHERE d.state = 'suppressed'";

const UNTOLD: &str = "
    SELECT f.file_name FROM imports i JOIN uploads f ON f.id = i.upload_id
    WHERE i.mode = 'apply' AND NOT EXISTS (
        SELECT FROM jobs j WHERE j.kind = 'import_finished_email' AND j.payload = jsonb_build_object('import_id', i.id))";

/// Reads everything.
///
/// # Errors
/// When the database does not answer or a log cannot be read.
pub(crate) async fn gather(stack: &Stack, folder: &Path) -> Result<Facts> {
    let database = &stack.database;
    let (differences, achievements) = truth::differences(database).await?;
    let failed = || Failure::database("reading what is there");
    let succeeded = sqlx::query_scalar(SUCCEEDED).fetch_all(database.pool()).await.map_err(failed())?;
    let texts = async |select| sqlx::query_scalar(select).fetch_all(database.pool()).await.map_err(failed());
    let marks = sqlx::query_scalar(MARKS).fetch_one(database.pool()).await.map_err(failed())?;
    Ok(Facts {
        students: all(database, STUDENTS).await?,
        imports: all(database, IMPORTS).await?,
        cells: all(database, CELLS).await?,
        enrollments: all(database, ENROLLMENTS).await?,
        succeeded,
        jobs: all(database, JOBS).await?,
        undelivered: texts(UNDELIVERED).await?,
        suppressed: texts(SUPPRESSED).await?,
        untold: texts(UNTOLD).await?,
        marks,
        differences,
        achievements,
        taken: stack.smtp.taken(),
        rejected: stack.smtp.rejected(),
        errors: logs::errors(folder)?,
        recoveries: stack.watch.recoveries(),
    })
}

async fn all<T: FromQueryResult>(database: &Database, select: &str) -> Result<Vec<T>> {
    let rows = T::find_by_statement(sql(select, [])).all(database.orm()).await;
    Ok(rows.map_err(acurate_shared::error::Error::from)?)
}
