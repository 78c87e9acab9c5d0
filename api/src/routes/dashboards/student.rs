//! The dashboard of a student on the wire.

use crate::routes::analytics::figures::{CourseReference, Freshness, Standing, figure};
use crate::routes::numbers::number;
use crate::routes::words::{AssessmentType, GradeStatus, Semester};
use acurate_shared::analytics::{grade_points, student};
use chrono::{DateTime, Utc};
use poem_openapi::Object;

/// Everything about a student.
#[derive(Clone, Debug, Object)]
pub(super) struct StudentDashboard {
    /// Whose it is.
    student: StudentReference,
    /// Of the outcomes.
    freshness: Freshness,
    /// The grade point average. Of several offerings of one course code the latest counts.
    points: GradePoints,
    /// The same by term, from the oldest.
    terms: Vec<TermGradePoints>,
    /// Active courses that the student takes, the newest first.
    courses: Vec<CourseResult>,
    /// The 10 newest marks, the newest first.
    recent: Vec<RecentGrade>,
    /// By course and code.
    learning_outcomes: Vec<OutcomeResult>,
    /// By code.
    program_outcomes: Vec<OutcomeResult>,
    /// The 5 outcomes furthest above their target.
    strengths: Vec<Highlight>,
    /// The 5 outcomes furthest below their target.
    weaknesses: Vec<Highlight>,
}

/// A student and where it belongs.
#[derive(Clone, Debug, Object)]
struct StudentReference {
    /// The student.
    id: i64,
    /// Its number.
    student_number: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Its department.
    department_id: Option<i64>,
    /// Its program.
    program_id: Option<i64>,
    /// Name of the program.
    program_name: Option<String>,
    /// 1 to 6.
    year_of_study: Option<i16>,
}

/// A grade point average: Σ(points × credits) ÷ Σ credits, rounded half up to two places.
#[derive(Clone, Copy, Debug, Object)]
struct GradePoints {
    /// Active enrollments.
    courses: i64,
    /// Over complete courses, 0 to 4; `null` when there are none.
    average: Option<f64>,
    /// Complete courses in it.
    counted_courses: i64,
    /// Their credits.
    counted_credits: i64,
    /// Over all courses with a grade so far, 0 to 4; `null` when there are none.
    average_to_date: Option<f64>,
    /// Courses in it.
    courses_to_date: i64,
    /// Their credits.
    credits_to_date: i64,
    /// Credits of complete courses that are passed.
    earned_credits: i64,
}

/// The average of one part of one year.
#[derive(Clone, Debug, Object)]
struct TermGradePoints {
    /// The year, `2024-2025`.
    academic_year: String,
    /// Its part.
    semester: Semester,
    /// The average.
    points: GradePoints,
}

/// A course that the student takes.
#[derive(Clone, Debug, Object)]
struct CourseResult {
    /// Which.
    course: CourseReference,
    /// The grade so far, 0 to 100, two places; `null` without a mark that counts.
    grade: Option<f64>,
    /// Its letter; `null` without a grade, or a grading scheme for the year.
    letter: Option<String>,
    /// The letter's points, 0 to 4.
    points: Option<f64>,
    /// Whether it passes as things stand; `null` without a grade.
    passed: Option<bool>,
    /// Whether every assessment that counts is settled.
    is_complete: bool,
    /// Active assessments.
    assessments: i64,
    /// Those with a score.
    scored: i64,
    /// Those marked absent.
    absent: i64,
    /// Those excused.
    excused: i64,
    /// Everybody in the class.
    class_size: i64,
    /// Those of the class with a grade.
    class_graded: i64,
    /// Their mean grade, 0 to 100, two places; `null` of fewer than 5.
    class_average: Option<f64>,
}

/// A mark and the assessment that it is for.
#[derive(Clone, Debug, Object)]
struct RecentGrade {
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
    /// Its course.
    course_id: i64,
    /// Code of the course.
    course_code: String,
    /// Whether there is a score, and if not, why.
    status: GradeStatus,
    /// The score.
    score: Option<f64>,
    /// Score ÷ maximum × 100, two places.
    percentage: Option<f64>,
    /// Words of the teacher.
    feedback: Option<String>,
    /// When it was last given.
    graded_at: DateTime<Utc>,
    /// Scores of the class.
    class_graded: i64,
    /// Mean percentage of the class, two places; `null` of fewer than 5.
    class_average: Option<f64>,
}

/// An outcome of either kind.
#[derive(Clone, Debug, Object)]
struct OutcomeResult {
    /// The learning outcome, if it is one.
    learning_outcome_id: Option<i64>,
    /// The program outcome, if it is one.
    program_outcome_id: Option<i64>,
    /// Course of the learning outcome.
    course_id: Option<i64>,
    /// Code of that course.
    course_code: Option<String>,
    /// Code of the outcome.
    code: String,
    /// What is to be learnt, or is promised.
    title: String,
    /// 0 to 100, two places; `null`: not assessed.
    percentage: Option<f64>,
    /// What is to be reached, 0 to 100.
    target_percentage: f64,
    /// Whether it was, compared before rounding; `null`: not assessed.
    met: Option<bool>,
    /// How it stands to the target.
    standing: Standing,
    /// How many of `total_count` have a value.
    graded_count: i32,
    /// Assessments of a learning outcome; learning outcomes of a program outcome.
    total_count: i32,
    /// Students for whom the outcome is assessed.
    class_assessed: i64,
    /// Their mean, 0 to 100, two places; `null` of fewer than 5.
    class_average: Option<f64>,
}

/// An outcome that stands out.
#[derive(Clone, Debug, Object)]
struct Highlight {
    /// Which.
    outcome: OutcomeResult,
    /// Percentage points above the target, below it when negative.
    margin: f64,
}

impl From<student::StudentDashboard> for StudentDashboard {
    fn from(found: student::StudentDashboard) -> Self {
        Self {
            student: found.student.into(),
            freshness: found.freshness.into(),
            points: found.points.into(),
            terms: found.terms.into_iter().map(Into::into).collect(),
            courses: found.courses.into_iter().map(Into::into).collect(),
            recent: found.recent.into_iter().map(Into::into).collect(),
            learning_outcomes: found.learning_outcomes.into_iter().map(Into::into).collect(),
            program_outcomes: found.program_outcomes.into_iter().map(Into::into).collect(),
            strengths: found.strengths.into_iter().map(Into::into).collect(),
            weaknesses: found.weaknesses.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<student::StudentLabel> for StudentReference {
    fn from(found: student::StudentLabel) -> Self {
        Self {
            id: found.student_id.0,
            student_number: found.student_number,
            first_name: found.first_name,
            last_name: found.last_name,
            department_id: found.department_id.map(|id| id.0),
            program_id: found.program_id.map(|id| id.0),
            program_name: found.program_name,
            year_of_study: found.year_of_study,
        }
    }
}

impl From<grade_points::GradePoints> for GradePoints {
    fn from(found: grade_points::GradePoints) -> Self {
        Self {
            courses: found.courses,
            average: figure(found.average),
            counted_courses: found.counted_courses,
            counted_credits: found.counted_credits,
            average_to_date: figure(found.average_to_date),
            courses_to_date: found.courses_to_date,
            credits_to_date: found.credits_to_date,
            earned_credits: found.earned_credits,
        }
    }
}

impl From<grade_points::TermGradePoints> for TermGradePoints {
    fn from(found: grade_points::TermGradePoints) -> Self {
        Self {
            academic_year: found.academic_year.to_string(),
            semester: found.semester.into(),
            points: found.points.into(),
        }
    }
}

impl From<student::CourseResult> for CourseResult {
    fn from(found: student::CourseResult) -> Self {
        Self {
            course: found.course.into(),
            grade: figure(found.grade),
            letter: found.letter,
            points: figure(found.points),
            passed: found.passed,
            is_complete: found.is_complete,
            assessments: found.assessments,
            scored: found.scored,
            absent: found.absent,
            excused: found.excused,
            class_size: found.class_size,
            class_graded: found.class_graded,
            class_average: figure(found.class_average),
        }
    }
}

impl From<student::RecentGrade> for RecentGrade {
    fn from(found: student::RecentGrade) -> Self {
        Self {
            assessment_id: found.assessment_id.0,
            title: found.title,
            assessment_type: found.assessment_type.into(),
            weight: number(found.weight),
            max_score: number(found.max_score),
            course_id: found.course_id.0,
            course_code: found.course_code,
            status: found.status.into(),
            score: figure(found.score),
            percentage: figure(found.percentage),
            feedback: found.feedback,
            graded_at: found.graded_at,
            class_graded: found.class_graded,
            class_average: figure(found.class_average),
        }
    }
}

impl From<student::OutcomeResult> for OutcomeResult {
    fn from(found: student::OutcomeResult) -> Self {
        Self {
            standing: found.standing().into(),
            learning_outcome_id: found.learning_outcome_id.map(|id| id.0),
            program_outcome_id: found.program_outcome_id.map(|id| id.0),
            course_id: found.course_id.map(|id| id.0),
            course_code: found.course_code,
            code: found.code,
            title: found.title,
            percentage: figure(found.percentage),
            target_percentage: number(found.target_percentage),
            met: found.met,
            graded_count: found.graded_count,
            total_count: found.total_count,
            class_assessed: found.class_assessed,
            class_average: figure(found.class_average),
        }
    }
}

impl From<student::Highlight> for Highlight {
    fn from(found: student::Highlight) -> Self {
        Self {
            outcome: found.outcome.into(),
            margin: number(found.margin),
        }
    }
}
