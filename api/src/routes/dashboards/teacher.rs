//! The dashboard of a teacher on the wire.

use crate::routes::analytics::figures::{AssessmentFigures, CourseFigures, Freshness, OutcomeFigures, StudentAtRisk};
use acurate_shared::analytics::teacher;
use poem_openapi::Object;

/// What a teacher sees first.
#[derive(Clone, Debug, Object)]
pub(super) struct TeacherDashboard {
    /// The year that it is about, `2024-2025`; `null` for a teacher without students in any.
    academic_year: Option<String>,
    /// Of the learning outcomes.
    freshness: Freshness,
    /// Different students in all courses together.
    students: i64,
    /// Cells of the grade book that wait: without any mark although the assessment is due. In all courses together.
    waiting: i64,
    /// Students at risk, counted once for each course.
    at_risk_total: u64,
    /// The first 10 of them: most reasons first, then the lowest grade.
    at_risk: Vec<StudentAtRisk>,
    /// By part of the year, code and section.
    courses: Vec<TaughtCourse>,
}

/// A course of the teacher.
#[derive(Clone, Debug, Object)]
struct TaughtCourse {
    /// Its grades.
    figures: CourseFigures,
    /// Cells that wait to be graded.
    waiting: i64,
    /// Its active assessments by due date.
    assessments: Vec<AssessmentFigures>,
    /// Its active learning outcomes by code.
    learning_outcomes: Vec<OutcomeFigures>,
}

impl From<teacher::TeacherDashboard> for TeacherDashboard {
    fn from(found: teacher::TeacherDashboard) -> Self {
        Self {
            academic_year: found.academic_year.map(|year| year.to_string()),
            freshness: found.freshness.into(),
            students: found.students,
            waiting: found.waiting,
            at_risk_total: found.at_risk_total,
            at_risk: found.at_risk.into_iter().map(Into::into).collect(),
            courses: found.courses.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<teacher::TaughtCourse> for TaughtCourse {
    fn from(found: teacher::TaughtCourse) -> Self {
        Self {
            waiting: found.waiting(),
            figures: found.figures.into(),
            assessments: found.assessments.into_iter().map(Into::into).collect(),
            learning_outcomes: found.learning_outcomes.into_iter().map(Into::into).collect(),
        }
    }
}
