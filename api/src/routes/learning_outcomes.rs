//! Learning outcomes (LO): what a course teaches.

use super::Tag;
use super::answers::Created;
use super::numbers::number;
use super::outcomes::{NewOutcome, OutcomeChange};
use super::paging::{PageOf, wanted};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::learning_outcomes;
use acurate_shared::entity::learning_outcome;
use acurate_shared::ids::{CourseId, LearningOutcomeId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct LearningOutcomesApi;

/// A learning outcome.
#[derive(Debug, Object)]
struct LearningOutcome {
    /// Its id.
    id: i64,
    /// Its course.
    course_id: i64,
    /// Unique within the course.
    code: String,
    /// What is taught.
    title: String,
    /// In more words.
    description: Option<String>,
    /// From which percentage it counts as met, 0 to 100.
    target_percentage: f64,
    /// Whether results are computed for it.
    is_active: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(tag = "Tag::Courses")]
impl LearningOutcomesApi {
    /// Make an outcome of a course
    ///
    /// For the course's teacher and administrators. The outcomes of the course's students are computed anew.
    #[oai(path = "/courses/:id/learning-outcomes", method = "post", operation_id = "createLearningOutcome")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<NewOutcome>,
    ) -> Result<Created<LearningOutcome>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let row = learning_outcomes::create(&mut work, &user.0.actor, CourseId(id.0), body.0.into()).await?;
        let location = format!("/api/learning-outcomes/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List the outcomes of a course by code
    ///
    /// For staff, and for students who take the course.
    #[oai(path = "/courses/:id/learning-outcomes", method = "get", operation_id = "listLearningOutcomes")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<LearningOutcome>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let found = learning_outcomes::list(state.database.orm(), &user.0.actor, CourseId(id.0), request).await?;
        Ok(Json(found.into()))
    }

    /// Get a learning outcome
    #[oai(path = "/learning-outcomes/:id", method = "get", operation_id = "getLearningOutcome")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the outcome.
        id: Path<i64>,
    ) -> Result<Json<LearningOutcome>, ReadProblem> {
        let row = learning_outcomes::find(state.database.orm(), &user.0.actor, LearningOutcomeId(id.0)).await?;
        Ok(Json(row.into()))
    }

    /// Change a learning outcome
    ///
    /// For the course's teacher and administrators. After a change of target or `is_active` the outcomes of the course's students
    /// are computed anew.
    #[oai(path = "/learning-outcomes/:id", method = "patch", operation_id = "updateLearningOutcome")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the outcome.
        id: Path<i64>,
        body: Json<OutcomeChange>,
    ) -> Result<Json<LearningOutcome>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let row = learning_outcomes::update(&mut work, &user.0.actor, LearningOutcomeId(id.0), body.0.into()).await?;
        state.commit(work).await?;
        Ok(Json(row.into()))
    }
}

impl From<learning_outcome::Model> for LearningOutcome {
    fn from(row: learning_outcome::Model) -> Self {
        Self {
            id: row.id.0,
            course_id: row.course_id.0,
            code: row.code,
            title: row.title,
            description: row.description,
            target_percentage: number(row.target_percentage),
            is_active: row.is_active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
