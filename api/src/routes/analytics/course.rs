//! The analytics of one course, and its comparison with the offering before.

use super::figures::{AssessmentFigures, CourseFigures, Freshness, OutcomeFigures, figure};
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::routes::Tag;
use crate::state::AppState;
use acurate_shared::analytics::course;
use acurate_shared::ids::CourseId;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operation.
#[derive(Debug)]
pub(in crate::routes) struct CourseAnalyticsApi;

/// Everything about a course.
#[derive(Clone, Debug, Object)]
struct CourseAnalytics {
    /// Its grades.
    figures: CourseFigures,
    /// Of the learning outcomes.
    freshness: Freshness,
    /// The grade so far of the student who asks, 0 to 100, two places; `null` for everybody else.
    own_grade: Option<f64>,
    /// Its active assessments by due date.
    assessments: Vec<AssessmentFigures>,
    /// Its active learning outcomes by code.
    learning_outcomes: Vec<ComparedOutcome>,
    /// The latest active offering of the same code in an earlier term; `null` when there is none.
    previous: Option<PreviousOffering>,
}

/// A learning outcome and its forerunner.
#[derive(Clone, Debug, Object)]
struct ComparedOutcome {
    /// Now.
    outcome: OutcomeFigures,
    /// That of the same code in the previous offering.
    previous: Option<OutcomeFigures>,
}

/// The previous offering of a course.
#[derive(Clone, Debug, Object)]
struct PreviousOffering {
    /// Its grades.
    figures: CourseFigures,
    /// By how many percentage points the mean grade rose since, two places; `null` when one of them is missing.
    mean_change: Option<f64>,
    /// By how many percentage points the pass rate rose since, two places; `null` when one of them is missing.
    pass_rate_change: Option<f64>,
}

#[OpenApi(prefix_path = "/courses", tag = "Tag::Analytics")]
impl CourseAnalyticsApi {
    /// Read the analytics of a course
    ///
    /// For institution admins, its teacher, and students who take it. Students see figures of a group from 5 values on;
    /// smaller ones are withheld. An inactive course has none: 404.
    #[oai(path = "/:id/analytics", method = "get", operation_id = "getCourseAnalytics")]
    async fn of_course(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
    ) -> Result<Json<CourseAnalytics>, ReadProblem> {
        let found = course::of(state.database.orm(), &user.0.actor, CourseId(id.0)).await?;
        Ok(Json(found.into()))
    }
}

impl From<course::CourseAnalytics> for CourseAnalytics {
    fn from(found: course::CourseAnalytics) -> Self {
        let compared = |compared: course::ComparedOutcome| ComparedOutcome {
            outcome: compared.outcome.into(),
            previous: compared.previous.map(Into::into),
        };
        let previous = |previous: course::PreviousOffering| PreviousOffering {
            figures: previous.figures.into(),
            mean_change: figure(previous.mean_change),
            pass_rate_change: figure(previous.pass_rate_change),
        };
        Self {
            figures: found.figures.into(),
            freshness: found.freshness.into(),
            own_grade: figure(found.own_grade),
            assessments: found.assessments.into_iter().map(Into::into).collect(),
            learning_outcomes: found.learning_outcomes.into_iter().map(compared).collect(),
            previous: found.previous.map(previous),
        }
    }
}
