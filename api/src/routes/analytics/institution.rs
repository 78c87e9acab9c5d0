//! Departments, the trend of program outcomes, and the distribution of grades, on the wire.

use super::figures::{Distribution, Standing, figure};
use crate::routes::numbers::number;
use acurate_shared::analytics::{departments, grade_distribution, program_outcome_trend};
use poem_openapi::Object;

/// A department and what is reached in it.
#[derive(Clone, Debug, Object)]
pub(super) struct DepartmentFigures {
    /// The department.
    department_id: i64,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Its students who may sign in; the same whatever the year.
    students: i64,
    /// Its teachers who may sign in; the same whatever the year.
    teachers: i64,
    /// Its active courses.
    courses: i64,
    /// Active enrollments in them.
    enrollments: i64,
    /// Those with a grade.
    graded: i64,
    /// Mean grade, 0 to 100, two places; `null` without a grade.
    average: Option<f64>,
    /// Passing among those with a grade, 0 to 100, two places; `null` without a grade.
    pass_rate: Option<f64>,
    /// Pairs of a student of its programs and a program outcome that are assessed, over all years.
    outcomes_assessed: i64,
    /// Their mean, 0 to 100, two places.
    outcome_mean: Option<f64>,
    /// The share of them that reach their target, 0 to 100, two places.
    outcome_met_share: Option<f64>,
    /// How the mean of the program outcomes stands to the mean of their targets.
    standing: Standing,
}

/// The outcomes of a program through the years.
#[derive(Clone, Debug, Object)]
pub(super) struct ProgramOutcomeTrend {
    /// The program.
    program_id: i64,
    /// Its active outcomes by code.
    program_outcomes: Vec<OutcomeTrend>,
}

/// A program outcome through the years.
#[derive(Clone, Debug, Object)]
struct OutcomeTrend {
    /// The outcome.
    program_outcome_id: i64,
    /// Its code.
    code: String,
    /// What is promised.
    title: String,
    /// What is to be reached, 0 to 100.
    target_percentage: f64,
    /// Each year in which students of the program took courses, from the oldest.
    years: Vec<TrendPoint>,
}

/// A program outcome in one year, over the courses of that year alone.
#[derive(Clone, Debug, Object)]
struct TrendPoint {
    /// The year, `2024-2025`.
    academic_year: String,
    /// Students with a value.
    students: i64,
    /// Their mean, 0 to 100, two places; `null` without a value.
    mean: Option<f64>,
    /// Students who reach the target.
    met: i64,
    /// Their share, 0 to 100, two places; `null` without a value.
    met_share: Option<f64>,
    /// How the mean stands to the target.
    standing: Standing,
}

/// The distribution of course grades; a student counts once for each course.
#[derive(Clone, Debug, Object)]
pub(super) struct GradeDistribution {
    /// Active enrollments, with and without a grade.
    results: i64,
    /// Passing among those with a grade, 0 to 100, two places; `null` without a grade.
    pass_rate: Option<f64>,
    /// The grades.
    grades: Distribution,
    /// Letters that were given, the most points first.
    letters: Vec<LetterCount>,
    /// Grades of years without a grading scheme.
    without_letter: i64,
}

/// How often a letter was given.
#[derive(Clone, Debug, Object)]
struct LetterCount {
    /// The letter.
    letter: String,
    /// How often.
    count: i64,
}

impl From<departments::DepartmentFigures> for DepartmentFigures {
    fn from(found: departments::DepartmentFigures) -> Self {
        Self {
            standing: found.standing().into(),
            department_id: found.department_id.0,
            code: found.code,
            name: found.name,
            students: found.students,
            teachers: found.teachers,
            courses: found.courses,
            enrollments: found.enrollments,
            graded: found.graded,
            average: figure(found.average),
            pass_rate: figure(found.pass_rate),
            outcomes_assessed: found.outcomes_assessed,
            outcome_mean: figure(found.outcome_mean),
            outcome_met_share: figure(found.outcome_met_share),
        }
    }
}

impl From<program_outcome_trend::ProgramOutcomeTrend> for ProgramOutcomeTrend {
    fn from(found: program_outcome_trend::ProgramOutcomeTrend) -> Self {
        Self {
            program_id: found.program_id.0,
            program_outcomes: found.program_outcomes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<program_outcome_trend::OutcomeTrend> for OutcomeTrend {
    fn from(found: program_outcome_trend::OutcomeTrend) -> Self {
        let target = found.outcome.target_percentage;
        let point = |point: program_outcome_trend::TrendPoint| TrendPoint {
            academic_year: point.academic_year.to_string(),
            students: point.students,
            mean: figure(point.mean),
            met: point.met,
            met_share: figure(point.met_share),
            standing: point.standing(target).into(),
        };
        Self {
            program_outcome_id: found.outcome.program_outcome_id.0,
            code: found.outcome.code,
            title: found.outcome.title,
            target_percentage: number(target),
            years: found.years.into_iter().map(point).collect(),
        }
    }
}

impl From<grade_distribution::GradeDistribution> for GradeDistribution {
    fn from(found: grade_distribution::GradeDistribution) -> Self {
        let letter = |row: grade_distribution::LetterCount| LetterCount {
            letter: row.letter,
            count: row.count,
        };
        Self {
            results: found.results,
            pass_rate: figure(found.pass_rate),
            grades: found.grades.into(),
            letters: found.letters.into_iter().map(letter).collect(),
            without_letter: found.without_letter,
        }
    }
}
