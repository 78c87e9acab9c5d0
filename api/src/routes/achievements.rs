//! How far a student reached learning and program outcomes.

use super::Tag;
use super::numbers::number;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::achievement::read;
use acurate_shared::ids::UserId;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct AchievementsApi;

/// All outcomes of a student.
#[derive(Clone, Debug, Object)]
struct StudentAchievements {
    /// The student.
    student_id: i64,
    /// Whether a newer change, e.g. of a grade, is not in these numbers yet; it is being computed.
    stale: bool,
    /// When the numbers were computed; absent when there are none.
    computed_at: Option<DateTime<Utc>>,
    /// Of the courses that the student is actively enrolled in, by course and code.
    learning_outcomes: Vec<LearningOutcomeAchievement>,
    /// Of the student's program, by code.
    program_outcomes: Vec<ProgramOutcomeAchievement>,
}

/// How far a learning outcome was reached.
#[derive(Clone, Debug, Object)]
struct LearningOutcomeAchievement {
    /// The outcome.
    learning_outcome_id: i64,
    /// Its course.
    course_id: i64,
    /// Code of the course.
    course_code: String,
    /// Code of the outcome.
    code: String,
    /// What is to be learnt.
    title: String,
    /// 0 to 100, the weighted mean over graded assessments, rounded half up to two places; `null`: not assessed.
    percentage: Option<f64>,
    /// What is to be reached, 0 to 100.
    target_percentage: f64,
    /// Whether it was, compared before rounding; `null`: not assessed.
    met: Option<bool>,
    /// Assessments with a score.
    graded_count: i32,
    /// Active assessments of this outcome.
    total_count: i32,
    /// When this was computed.
    computed_at: DateTime<Utc>,
}

/// How far a program outcome was reached.
#[derive(Clone, Debug, Object)]
struct ProgramOutcomeAchievement {
    /// The outcome.
    program_outcome_id: i64,
    /// Code of the outcome.
    code: String,
    /// What is promised.
    title: String,
    /// 0 to 100, the weighted mean over assessed learning outcomes, rounded half up to two places; `null`: not assessed.
    percentage: Option<f64>,
    /// What is to be reached, 0 to 100.
    target_percentage: f64,
    /// Whether it was, compared before rounding; `null`: not assessed.
    met: Option<bool>,
    /// Learning outcomes with a value.
    graded_count: i32,
    /// Learning outcomes of the student's courses that serve this outcome.
    total_count: i32,
    /// When this was computed.
    computed_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/students", tag = "Tag::Achievements")]
impl AchievementsApi {
    /// Read how far a student reached the outcomes
    ///
    /// Any student of the institution for administrators and teachers, the own outcomes for students.
    #[oai(path = "/:id/achievements", method = "get", operation_id = "getStudentAchievements")]
    async fn of_student(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the student.
        id: Path<i64>,
    ) -> Result<Json<StudentAchievements>, ReadProblem> {
        let found = read::of_student(state.database.orm(), &user.0.actor, UserId(id.0)).await?;
        Ok(Json(found.into()))
    }
}

impl From<read::StudentAchievements> for StudentAchievements {
    fn from(all: read::StudentAchievements) -> Self {
        Self {
            student_id: all.student_id.0,
            stale: all.stale,
            computed_at: all.computed_at,
            learning_outcomes: all.learning_outcomes.into_iter().map(Into::into).collect(),
            program_outcomes: all.program_outcomes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<read::LearningOutcomeAchievement> for LearningOutcomeAchievement {
    fn from(outcome: read::LearningOutcomeAchievement) -> Self {
        Self {
            learning_outcome_id: outcome.learning_outcome_id.0,
            course_id: outcome.course_id.0,
            course_code: outcome.course_code,
            code: outcome.code,
            title: outcome.title,
            percentage: outcome.reached.percentage.map(number),
            target_percentage: number(outcome.reached.target_percentage),
            met: outcome.reached.met,
            graded_count: outcome.reached.graded_count,
            total_count: outcome.reached.total_count,
            computed_at: outcome.reached.computed_at,
        }
    }
}

impl From<read::ProgramOutcomeAchievement> for ProgramOutcomeAchievement {
    fn from(outcome: read::ProgramOutcomeAchievement) -> Self {
        Self {
            program_outcome_id: outcome.program_outcome_id.0,
            code: outcome.code,
            title: outcome.title,
            percentage: outcome.reached.percentage.map(number),
            target_percentage: number(outcome.reached.target_percentage),
            met: outcome.reached.met,
            graded_count: outcome.reached.graded_count,
            total_count: outcome.reached.total_count,
            computed_at: outcome.reached.computed_at,
        }
    }
}
