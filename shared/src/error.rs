//! The one error of use cases: what a caller can be told, and what only the log may know.
//!
//! It has no HTTP in it; the API maps it to a status in one place.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One fault in the caller's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, e.g. `email` or `cells[3].score`.
    pub field: String,
    /// Stable word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl FieldError {
    /// A fault of one field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input breaks a rule; each fault is named.
    #[error("invalid input: {0:?}")]
    Invalid(Vec<FieldError>),
    /// There is no such thing, or it belongs to another institution.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// Not signed in, or not any more.
    #[error("{message}")]
    Unauthorized {
        /// Stable word.
        code: &'static str,
        /// A sentence.
        message: &'static str,
    },
    /// Signed in, but not allowed.
    #[error("{message}")]
    Forbidden {
        /// Stable word.
        code: &'static str,
        /// A sentence.
        message: String,
    },
    /// Contradicts what is stored.
    #[error("{message}")]
    Conflict {
        /// Stable word.
        code: &'static str,
        /// A sentence that says what to do.
        message: String,
    },
    /// Somebody else has changed it since the caller read it.
    #[error("changed by somebody else meanwhile")]
    Outdated,
    /// The database cannot be reached or refuses work for now.
    #[error("the database is unavailable")]
    Unavailable(#[source] DbErr),
    /// A fault of ours.
    #[error("internal error: {0}")]
    Internal(String, #[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

impl Error {
    /// One fault of one field.
    pub fn invalid(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, message)])
    }

    /// A contradiction to what is stored.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict {
            code,
            message: message.into(),
        }
    }

    /// Signed in, but not allowed.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::Forbidden {
            code,
            message: message.into(),
        }
    }

    /// A fault of ours, without a cause.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into(), None)
    }

    /// A fault of ours, with its cause.
    pub fn caused(what: impl Into<String>, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(what.into(), Some(cause.into()))
    }
}

/// What was there when it was looked up is gone now.
const NO_DEPARTMENT: (&str, &str) = ("no_such_department", "The department was deleted meanwhile.");

/// What a violated constraint means to the caller: code and sentence.
const CONSTRAINTS: &[(&str, &str, &str)] = &[
    ("users_email_key", "email_in_use", "This e-mail address belongs to another account."),
    (
        "users_student_number_key",
        "student_number_in_use",
        "This student number belongs to another student of the institution.",
    ),
    ("institutions_name_key", "name_in_use", "There is an institution of this name."),
    (
        "departments_code_key",
        "code_in_use",
        "The institution has a department with this code.",
    ),
    (
        "departments_name_key",
        "name_in_use",
        "The institution has a department of this name.",
    ),
    ("programs_code_key", "code_in_use", "The institution has a program with this code."),
    (
        "program_outcomes_code_key",
        "code_in_use",
        "The program has an outcome with this code.",
    ),
    (
        "courses_code_year_key",
        "course_exists",
        "This course, year, semester and section exist already.",
    ),
    (
        "learning_outcomes_code_key",
        "code_in_use",
        "The course has a learning outcome with this code.",
    ),
    (
        "assessments_title_key",
        "title_in_use",
        "The course has an assessment with this title.",
    ),
    (
        "enrollments_student_course_key",
        "already_enrolled",
        "The student is enrolled in this course already.",
    ),
    (
        "grading_schemes_overlap_excl",
        "validity_overlaps",
        "Another grading scheme of the institution is valid in one of these years; end that one first.",
    ),
    (
        "users_program_fkey",
        "program_not_in_department",
        "The program does not belong to this department.",
    ),
    ("users_department_fkey", NO_DEPARTMENT.0, NO_DEPARTMENT.1),
    ("programs_department_fkey", NO_DEPARTMENT.0, NO_DEPARTMENT.1),
    ("courses_department_fkey", NO_DEPARTMENT.0, NO_DEPARTMENT.1),
    (
        "lo_po_program_outcome_fkey",
        "no_such_program_outcome",
        "A program outcome was deleted meanwhile; read the outcomes again.",
    ),
];

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if let Some(name) = constraint(&error)
            && let Some((_, code, message)) = CONSTRAINTS.iter().find(|(constraint, ..)| *constraint == name)
        {
            return Self::conflict(code, *message);
        }
        if is_unavailable(&error) {
            return Self::Unavailable(error);
        }
        Self::Internal("database".to_owned(), Some(Box::new(error)))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::from(DbErr::Exec(RuntimeErr::SqlxError(std::sync::Arc::new(error))))
    }
}

/// The constraint that a statement violated.
#[must_use]
pub fn constraint(error: &DbErr) -> Option<&str> {
    match sqlx_error(error)? {
        SqlxError::Database(database) => database.constraint(),
        _ => None,
    }
}

/// Whether trying again later may help: no connection, no free connection, a server that starts or stops.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    // A connection that could not be made, for whatever reason: a proxy in between closes it in the middle of the greeting.
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return true;
    }
    match sqlx_error(error) {
        Some(SqlxError::Io(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::Tls(_)) => true,
        Some(SqlxError::Database(database)) => database.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    }
}

/// Connection exceptions, shutdown, too few resources, a standby, what another transaction's lock order caused, and what took
/// longer than a statement or an idle transaction may take.
fn is_passing(code: &str) -> bool {
    ["08", "57P", "53"].iter().any(|class| code.starts_with(class)) || matches!(code, "25006" | "25P03" | "40001" | "40P01" | "57014")
}

fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DatabaseSettings, Environment};
    use crate::db::Database;

    /// As a proxy does whose server is away.
    #[tokio::test]
    async fn a_server_that_hangs_up_in_the_greeting_is_unavailable() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        let mut settings = DatabaseSettings::read(&mut Environment::default());
        settings.url = format!("postgres://user:password@127.0.0.1:{port}/database").into();
        let database = Database::open(&settings).await.unwrap();

        let error = database.ping().await.unwrap_err();

        assert!(is_unavailable(&error), "{error:?}");
    }
}
