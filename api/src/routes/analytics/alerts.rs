//! Alerts on the wire. Which there are is decided in `acurate_shared::analytics::alerts`.

use super::figures::{RiskReason, figure};
use acurate_shared::analytics::alerts;
use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum AlertKind {
    /// The mean of a program outcome is below its target.
    ProgramOutcomeBelowTarget,
    /// The mean of a learning outcome is below its target.
    LearningOutcomeBelowTarget,
    /// Of the graded students of a course, a smaller share passes than the academic policy wants.
    CourseBelowPassRate,
    /// A student is at risk in a course.
    StudentAtRisk,
}

/// How much an alert matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum AlertSeverity {
    /// At least 10 percentage points below the threshold; a student for two reasons or more.
    Critical,
    /// Anything else.
    Warning,
}

/// Something to look at.
#[derive(Clone, Debug, Object)]
pub(super) struct Alert {
    /// What it is about.
    kind: AlertKind,
    /// How much it matters.
    severity: AlertSeverity,
    /// The program outcome, if it is about one.
    program_outcome_id: Option<i64>,
    /// The learning outcome, if it is about one.
    learning_outcome_id: Option<i64>,
    /// The course, unless it is about a program outcome.
    course_id: Option<i64>,
    /// The student at risk.
    student_id: Option<i64>,
    /// Code of the outcome or course; number of the student.
    code: String,
    /// Title of the outcome or course; name of the student.
    title: String,
    /// Code of the course or program that it belongs to.
    context_code: String,
    /// Year of the course, `2024-2025`; `null` for a program outcome.
    academic_year: Option<String>,
    /// The mean, the pass rate, or the student's grade so far, 0 to 100, two places.
    value: Option<f64>,
    /// What it was to reach, 0 to 100; `null` for a student.
    threshold: Option<f64>,
    /// Students whose values count.
    students: i64,
    /// Why the student is at risk; empty for other kinds.
    reasons: Vec<RiskReason>,
    /// The figures are of this moment: the oldest computation behind an outcome; the newest mark or missed due date behind a
    /// course or a student.
    as_of: Option<DateTime<Utc>>,
}

macro_rules! same_words {
    ($ours:ident, $theirs:path { $($variant:ident),+ }) => {
        impl From<$theirs> for $ours {
            fn from(word: $theirs) -> Self {
                use $theirs as Theirs;
                match word { $(Theirs::$variant => Self::$variant,)+ }
            }
        }

        impl From<$ours> for $theirs {
            fn from(word: $ours) -> Self {
                match word { $($ours::$variant => Self::$variant,)+ }
            }
        }
    };
}

same_words!(
    AlertKind,
    alerts::AlertKind {
        ProgramOutcomeBelowTarget,
        LearningOutcomeBelowTarget,
        CourseBelowPassRate,
        StudentAtRisk
    }
);
same_words!(AlertSeverity, alerts::Severity { Critical, Warning });

impl From<alerts::Alert> for Alert {
    fn from(found: alerts::Alert) -> Self {
        Self {
            reasons: found.reasons().into_iter().map(Into::into).collect(),
            kind: found.kind.into(),
            severity: found.severity.into(),
            program_outcome_id: found.program_outcome_id.map(|id| id.0),
            learning_outcome_id: found.learning_outcome_id.map(|id| id.0),
            course_id: found.course_id.map(|id| id.0),
            student_id: found.student_id.map(|id| id.0),
            code: found.code,
            title: found.title,
            context_code: found.context_code,
            academic_year: found.academic_year.map(|year| year.to_string()),
            value: figure(found.value),
            threshold: figure(found.threshold),
            students: found.students,
            as_of: found.as_of,
        }
    }
}
