//! What the API takes and answers, as far as the commands here need it.

use serde::{Deserialize, Serialize};

/// Tokens.
#[derive(Deserialize)]
pub(crate) struct SignedIn {
    /// For the requests to come.
    pub(crate) access_token: String,
    /// Seconds that it lives.
    pub(crate) expires_in: u64,
    /// For the next tokens; none with a temporary password.
    pub(crate) refresh_token: Option<String>,
    /// Whether nothing else is possible before the password is changed.
    pub(crate) must_change_password: bool,
}

/// Whatever was created.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Created {
    /// Its id.
    pub(crate) id: i64,
}

/// A new institution.
#[derive(Debug, Deserialize)]
pub(crate) struct CreatedInstitution {
    /// The institution.
    pub(crate) institution: Created,
    /// Its first administrator.
    pub(crate) admin: Created,
}

/// An import that was accepted.
#[derive(Debug, Deserialize)]
pub(crate) struct AcceptedImport {
    /// The import.
    pub(crate) import: Created,
    /// The job that does it.
    pub(crate) job: Created,
}

/// A job.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    /// `queued`, `running`, `succeeded`, `dead`, `cancelled` or `superseded`.
    pub(crate) state: String,
    /// How far it is.
    pub(crate) progress: JobProgress,
    /// Why it failed.
    pub(crate) error: Option<String>,
}

/// How far a job is.
#[derive(Debug, PartialEq, Eq, Clone, Copy, Deserialize)]
pub(crate) struct JobProgress {
    /// Records done.
    pub(crate) done: u64,
    /// Of so many; unknown before the file was surveyed.
    pub(crate) total: Option<u64>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Import {
    /// `completed` when every record was read.
    pub(crate) state: String,
    /// What became of the records.
    pub(crate) counts: ImportCounts,
}

/// What became of the records of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct ImportCounts {
    /// All records; the other four add up to it.
    pub(crate) read: usize,
    /// New students.
    pub(crate) created: usize,
    /// Students brought up to date.
    pub(crate) updated: usize,
    /// Students left as they were.
    pub(crate) unchanged: usize,
    /// Records that were refused.
    pub(crate) rejected: usize,
}

/// Why a record was refused.
#[derive(Debug, Deserialize)]
pub(crate) struct ImportError {
    /// Number of the record; the header is 1.
    pub(crate) record: u64,
    /// The column, unless the record as a whole is at fault.
    pub(crate) column: Option<String>,
    /// Why.
    pub(crate) message_en: String,
}

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    /// The page's own.
    pub(crate) items: Vec<T>,
    /// On all pages.
    pub(crate) total: usize,
}

/// What is not looked at: an item that is only counted, an answer that is read back in another way.
#[derive(Debug, Deserialize)]
pub(crate) struct Anything {}

/// Who takes a course.
#[derive(Debug, Deserialize)]
pub(crate) struct Enrollment {
    /// The student.
    pub(crate) student_id: i64,
    /// Its number.
    pub(crate) student_number: String,
    /// Whether it counts.
    pub(crate) is_active: bool,
}

/// A cell to be written.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cell<'a> {
    /// The assessment.
    pub(crate) assessment_id: i64,
    /// The student.
    pub(crate) student_number: &'a str,
    /// 0 to the assessment's maximum.
    pub(crate) score: f64,
}

/// Cells to be written.
#[derive(Debug, Serialize)]
pub(crate) struct Cells<'a> {
    /// At most 5 000.
    pub(crate) cells: &'a [Cell<'a>],
}

/// What a bulk grading did.
#[derive(Debug, Deserialize)]
pub(crate) struct Graded {
    /// Cells that were empty before.
    pub(crate) created: usize,
}

/// A line of the grade book.
#[derive(Debug, Deserialize)]
pub(crate) struct GradeLine {
    /// The student's number.
    pub(crate) student_number: String,
    /// Its cells.
    pub(crate) grades: Vec<Grade>,
}

/// A cell that was written.
#[derive(Debug, Deserialize)]
pub(crate) struct Grade {
    /// The assessment.
    pub(crate) assessment_id: i64,
    /// The score; none for absent and excused.
    pub(crate) score: Option<f64>,
}

/// The outcomes of a student.
#[derive(Debug, Deserialize)]
pub(crate) struct Achievements {
    /// Whether a newer change is not in them yet.
    pub(crate) stale: bool,
    /// By course.
    pub(crate) learning_outcomes: Vec<LearningOutcomeAchievement>,
    /// Of the program.
    pub(crate) program_outcomes: Vec<ProgramOutcomeAchievement>,
}

/// Only whether it is up to date.
#[derive(Debug, Deserialize)]
pub(crate) struct Freshness {
    /// Whether a newer change is not in the outcomes yet.
    pub(crate) stale: bool,
}

/// How far a learning outcome was reached.
#[derive(Debug, Deserialize)]
pub(crate) struct LearningOutcomeAchievement {
    /// The outcome.
    pub(crate) learning_outcome_id: i64,
    /// 0 to 100; none: not assessed.
    pub(crate) percentage: Option<f64>,
    /// Assessments with a mark.
    pub(crate) graded_count: usize,
    /// Assessments in all.
    pub(crate) total_count: usize,
}

/// How far a program outcome was reached.
#[derive(Debug, Deserialize)]
pub(crate) struct ProgramOutcomeAchievement {
    /// The outcome.
    pub(crate) program_outcome_id: i64,
    /// 0 to 100; none: not assessed.
    pub(crate) percentage: Option<f64>,
}
