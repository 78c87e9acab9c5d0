//! The dashboard of an institution on the wire.

use crate::routes::analytics::figures::{Freshness, figure};
use acurate_shared::analytics::institution;
use poem_openapi::Object;

/// What an administrator sees first.
#[derive(Clone, Debug, Object)]
pub(super) struct InstitutionDashboard {
    /// How large the institution is.
    totals: InstitutionTotals,
    /// The newest year in which anybody takes a course, `2024-2025`; `null` when there is none.
    academic_year: Option<String>,
    /// How that year goes.
    year: YearFigures,
    /// How far program outcomes are reached.
    program_outcomes: ProgramOutcomeFigures,
    /// Of the program outcomes.
    freshness: Freshness,
}

/// How large an institution is.
#[derive(Clone, Copy, Debug, Object)]
struct InstitutionTotals {
    /// Students who may sign in.
    students: i64,
    /// Students whose account is closed.
    inactive_students: i64,
    /// Teachers who may sign in.
    teachers: i64,
    /// Departments.
    departments: i64,
    /// Programs that are offered.
    programs: i64,
    /// Active courses of all years.
    courses: i64,
    /// Active enrollments in them.
    enrollments: i64,
}

/// The results of one year.
#[derive(Clone, Copy, Debug, Object)]
struct YearFigures {
    /// Active courses.
    courses: i64,
    /// Different students in them.
    students: i64,
    /// Active enrollments in them.
    enrollments: i64,
    /// Those with a grade.
    graded: i64,
    /// Mean grade, 0 to 100, two places; `null` without a grade.
    average: Option<f64>,
    /// Passing among those with a grade, 0 to 100, two places; `null` without a grade.
    pass_rate: Option<f64>,
}

/// Program outcomes of all students together.
#[derive(Clone, Copy, Debug, Object)]
struct ProgramOutcomeFigures {
    /// Pairs of a student and an active outcome of its program.
    total: i64,
    /// Those that are assessed.
    assessed: i64,
    /// Mean of the assessed ones, 0 to 100, two places.
    mean: Option<f64>,
    /// Those that reach their target.
    met: i64,
    /// Their share of the assessed ones, 0 to 100, two places.
    met_share: Option<f64>,
}

impl From<institution::InstitutionDashboard> for InstitutionDashboard {
    fn from(found: institution::InstitutionDashboard) -> Self {
        Self {
            totals: found.totals.into(),
            academic_year: found.academic_year.map(|year| year.to_string()),
            year: found.year.into(),
            program_outcomes: found.program_outcomes.into(),
            freshness: found.freshness.into(),
        }
    }
}

impl From<institution::Totals> for InstitutionTotals {
    fn from(found: institution::Totals) -> Self {
        Self {
            students: found.students,
            inactive_students: found.inactive_students,
            teachers: found.teachers,
            departments: found.departments,
            programs: found.programs,
            courses: found.courses,
            enrollments: found.enrollments,
        }
    }
}

impl From<institution::YearFigures> for YearFigures {
    fn from(found: institution::YearFigures) -> Self {
        Self {
            courses: found.courses,
            students: found.students,
            enrollments: found.enrollments,
            graded: found.graded,
            average: figure(found.average),
            pass_rate: figure(found.pass_rate),
        }
    }
}

impl From<institution::ProgramOutcomeFigures> for ProgramOutcomeFigures {
    fn from(found: institution::ProgramOutcomeFigures) -> Self {
        Self {
            total: found.total,
            assessed: found.assessed,
            mean: figure(found.mean),
            met: found.met,
            met_share: figure(found.met_share),
        }
    }
}
