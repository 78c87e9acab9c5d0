//! What several views show: courses, assessments and outcomes with the distribution of their percentages, and students at
//! risk. No operation is here.

use crate::routes::numbers::number;
use crate::routes::words::{AssessmentType, Semester};
use acurate_shared::analytics::assessment_statistics::AssessmentStatistics;
use acurate_shared::analytics::course_figures;
use acurate_shared::analytics::outcome_statistics::OutcomeStatistics;
use acurate_shared::analytics::statistics::Statistics;
use acurate_shared::analytics::{self, at_risk, standing};
use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object};
use rust_decimal::Decimal;

/// A figure that may be missing, as a JSON number.
pub(in crate::routes) fn figure(value: Option<Decimal>) -> Option<f64> {
    value.map(number)
}

/// How a percentage stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::routes) enum Standing {
    /// Nothing was assessed; this is not zero.
    NoData,
    /// Assessed, and below the target.
    BelowTarget,
    /// The target is reached.
    OnTarget,
    /// A tenth more than the target, or all that is possible.
    Excellent,
}

/// Why a student is at risk in a course; the thresholds are the academic policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(in crate::routes) enum RiskReason {
    /// The grade so far is below the threshold.
    LowGrade,
    /// Too many assessments were missed.
    MissedWork,
    /// Too large a share of the assessed learning outcomes of the course is below target.
    UnmetOutcomes,
}

/// How far the outcomes in a view are up to date. Grades always are.
#[derive(Clone, Copy, Debug, Object)]
pub(in crate::routes) struct Freshness {
    /// Whether a newer change, e.g. of a grade, is not in these numbers yet; it is being computed.
    stale: bool,
    /// When the oldest of them was computed; `null` when there are none.
    computed_at: Option<DateTime<Utc>>,
}

/// A distribution of percentages: each figure 0 to 100, rounded half up to two places, `null` without a value. Students see
/// all but `n` from 5 values on only.
#[derive(Clone, Debug, Object)]
pub(in crate::routes) struct Distribution {
    /// Values that count; missing ones do not.
    n: i64,
    /// Arithmetic mean.
    mean: Option<f64>,
    /// Second quartile.
    median: Option<f64>,
    /// Standard deviation of the group itself, not estimated from a sample.
    standard_deviation: Option<f64>,
    /// The lowest.
    minimum: Option<f64>,
    /// The highest.
    maximum: Option<f64>,
    /// First quartile, interpolated between neighbours.
    lower_quartile: Option<f64>,
    /// Third quartile, interpolated between neighbours.
    upper_quartile: Option<f64>,
    /// How many values lie in each tenth of the scale, 10 numbers: 0 to below 10, …, 90 to 100. Empty when withheld.
    histogram: Vec<i64>,
}

/// Which course.
#[derive(Clone, Debug, Object)]
pub(in crate::routes) struct CourseReference {
    /// The course.
    id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// 1 to 30.
    credits: i16,
    /// Its year, `2024-2025`.
    academic_year: String,
    /// Its part of the year.
    semester: Semester,
    /// Its section.
    section: String,
    /// Its department.
    department_id: i64,
    /// Its teacher.
    teacher_id: Option<i64>,
    /// Given and family name of the teacher.
    teacher_name: Option<String>,
}

/// A course and what its students reached.
#[derive(Clone, Debug, Object)]
pub(in crate::routes) struct CourseFigures {
    /// Which.
    course: CourseReference,
    /// Active enrollments.
    students: i64,
    /// Those of them for whom every assessment that counts is settled; `null` when withheld.
    complete: Option<i64>,
    /// Those of them that pass as things stand; `null` when withheld.
    passed: Option<i64>,
    /// Passing among those with a grade, 0 to 100, two places; `null` when nobody has a grade, or when withheld.
    pass_rate: Option<f64>,
    /// The grades so far.
    grades: Distribution,
    /// Pairs of a student and a learning outcome that are assessed; `null` when withheld.
    outcomes_assessed: Option<i64>,
    /// Their mean, 0 to 100, two places; `null` without one, or when withheld.
    outcome_mean: Option<f64>,
    /// The share of them that reach their target, 0 to 100, two places; `null` without one, or when withheld.
    outcome_met_share: Option<f64>,
}

/// An active assessment and how its course did.
#[derive(Clone, Debug, Object)]
pub(in crate::routes) struct AssessmentFigures {
    /// The assessment.
    assessment_id: i64,
    /// Its title.
    title: String,
    /// Its form.
    assessment_type: AssessmentType,
    /// Its relative weight in the course grade, 0 to 100.
    weight: f64,
    /// The best possible score.
    max_score: f64,
    /// When it was to be done.
    due_date: Option<DateTime<Utc>>,
    /// Whether that has passed.
    is_due: bool,
    /// Active enrollments of the course.
    students: i64,
    /// Marked absent; `null` when withheld.
    absent: Option<i64>,
    /// Excused; `null` when withheld.
    excused: Option<i64>,
    /// Without any mark; `null` when withheld.
    missing: Option<i64>,
    /// Score ÷ maximum × 100 among those with a score.
    scores: Distribution,
    /// The same of the student who asks, 0 to 100, two places; `null` for everybody else.
    own_percentage: Option<f64>,
}

/// An active learning outcome and how its course did.
#[derive(Clone, Debug, Object)]
pub(in crate::routes) struct OutcomeFigures {
    /// The outcome.
    learning_outcome_id: i64,
    /// Its code.
    code: String,
    /// What is to be learnt.
    title: String,
    /// What is to be reached, 0 to 100.
    target_percentage: f64,
    /// Active enrollments of the course; those without a value are not assessed.
    students: i64,
    /// Percentages reached, among those with a value.
    reached: Distribution,
    /// How many of these reach the target; `null` when withheld.
    met: Option<i64>,
    /// Their share, 0 to 100, two places; `null` without a value, or when withheld.
    met_share: Option<f64>,
    /// How the mean stands to the target; `no_data` also when withheld.
    standing: Standing,
}

/// A student at risk in a course.
#[derive(Clone, Debug, Object)]
pub(in crate::routes) struct StudentAtRisk {
    /// The student.
    student_id: i64,
    /// Its number.
    student_number: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// The course.
    course_id: i64,
    /// Code of the course.
    course_code: String,
    /// Year of the course, `2024-2025`.
    academic_year: String,
    /// Part of the year.
    semester: Semester,
    /// The grade so far, 0 to 100, two places; `null` without one.
    grade: Option<f64>,
    /// Assessments missed.
    missed: i64,
    /// Learning outcomes of the course that are assessed.
    outcomes_assessed: i64,
    /// Those of them below target.
    outcomes_unmet: i64,
    /// Why; at least one reason.
    reasons: Vec<RiskReason>,
    /// The newest mark, missed due date or computation behind it.
    as_of: Option<DateTime<Utc>>,
}

impl From<standing::Standing> for Standing {
    fn from(word: standing::Standing) -> Self {
        match word {
            standing::Standing::NoData => Self::NoData,
            standing::Standing::BelowTarget => Self::BelowTarget,
            standing::Standing::OnTarget => Self::OnTarget,
            standing::Standing::Excellent => Self::Excellent,
        }
    }
}

impl From<at_risk::RiskReason> for RiskReason {
    fn from(word: at_risk::RiskReason) -> Self {
        match word {
            at_risk::RiskReason::LowGrade => Self::LowGrade,
            at_risk::RiskReason::MissedWork => Self::MissedWork,
            at_risk::RiskReason::UnmetOutcomes => Self::UnmetOutcomes,
        }
    }
}

impl From<analytics::Freshness> for Freshness {
    fn from(found: analytics::Freshness) -> Self {
        Self {
            stale: found.stale,
            computed_at: found.computed_at,
        }
    }
}

impl From<Statistics> for Distribution {
    fn from(found: Statistics) -> Self {
        Self {
            n: found.n,
            mean: figure(found.mean),
            median: figure(found.median),
            standard_deviation: figure(found.standard_deviation),
            minimum: figure(found.minimum),
            maximum: figure(found.maximum),
            lower_quartile: figure(found.lower_quartile),
            upper_quartile: figure(found.upper_quartile),
            histogram: found.histogram,
        }
    }
}

impl From<course_figures::CourseLabel> for CourseReference {
    fn from(course: course_figures::CourseLabel) -> Self {
        Self {
            id: course.course_id.0,
            code: course.code,
            title: course.title,
            credits: course.credits,
            academic_year: course.academic_year.to_string(),
            semester: course.semester.into(),
            section: course.section,
            department_id: course.department_id.0,
            teacher_id: course.teacher_id.map(|id| id.0),
            teacher_name: course.teacher_name,
        }
    }
}

impl From<course_figures::CourseFigures> for CourseFigures {
    fn from(found: course_figures::CourseFigures) -> Self {
        Self {
            course: found.course.into(),
            students: found.students,
            complete: found.complete,
            passed: found.passed,
            pass_rate: figure(found.pass_rate),
            grades: found.grades.into(),
            outcomes_assessed: found.outcomes_assessed,
            outcome_mean: figure(found.outcome_mean),
            outcome_met_share: figure(found.outcome_met_share),
        }
    }
}

impl From<AssessmentStatistics> for AssessmentFigures {
    fn from(found: AssessmentStatistics) -> Self {
        Self {
            assessment_id: found.assessment_id.0,
            title: found.title,
            assessment_type: found.assessment_type.into(),
            weight: number(found.weight),
            max_score: number(found.max_score),
            due_date: found.due_date,
            is_due: found.is_due,
            students: found.students,
            absent: found.absent,
            excused: found.excused,
            missing: found.missing,
            scores: found.scores.into(),
            own_percentage: figure(found.own_percentage),
        }
    }
}

impl From<OutcomeStatistics> for OutcomeFigures {
    fn from(found: OutcomeStatistics) -> Self {
        Self {
            standing: found.standing().into(),
            learning_outcome_id: found.learning_outcome_id.0,
            code: found.code,
            title: found.title,
            target_percentage: number(found.target_percentage),
            students: found.students,
            reached: found.reached.into(),
            met: found.met,
            met_share: figure(found.met_share),
        }
    }
}

impl From<at_risk::StudentAtRisk> for StudentAtRisk {
    fn from(found: at_risk::StudentAtRisk) -> Self {
        Self {
            student_id: found.student_id.0,
            student_number: found.student_number,
            first_name: found.first_name,
            last_name: found.last_name,
            course_id: found.course_id.0,
            course_code: found.course_code,
            academic_year: found.academic_year.to_string(),
            semester: found.semester.into(),
            grade: figure(found.grade),
            missed: found.missed,
            outcomes_assessed: found.outcomes_assessed,
            outcomes_unmet: found.outcomes_unmet,
            reasons: found.reasons.list().into_iter().map(Into::into).collect(),
            as_of: found.as_of,
        }
    }
}
