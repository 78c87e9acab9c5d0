//! Grading schemes: which letter and how many points a percentage is worth, and in which academic years.

use super::Tag;
use super::answers::Created;
use super::numbers::number;
use super::paging::{PageOf, wanted};
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::analytics::grading_schemes;
use acurate_shared::ids::GradingSchemeId;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub(super) struct GradingSchemesApi;

/// A letter and from where on it is given. Each reaches up to the step before, the first one to 100.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields)]
struct GradingStep {
    /// 1 to 5 characters, once in the scheme.
    letter: String,
    /// 0 to 4, at most two decimal places; never more than the step before.
    points: f64,
    /// The lowest percentage with this letter, inclusive: 0 to 100, at most two decimal places, below the step before.
    lower_edge: f64,
    /// Whether it passes; below a step that does not, none does.
    is_passing: bool,
}

/// A grading scheme as it is to be.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewGradingScheme {
    /// 1 to 100 characters.
    name: String,
    /// The first year in which it is valid, `2024-2025`.
    valid_from: String,
    /// The last one, inclusive; absent or `null`: until further notice.
    valid_until: Option<String>,
    /// From the best to the last, 1 to 30; the last one begins at 0.
    steps: Vec<GradingStep>,
}

impl Example for NewGradingScheme {
    fn example() -> Self {
        let step = |letter: &str, points, lower_edge, is_passing| GradingStep {
            letter: letter.to_owned(),
            points,
            lower_edge,
            is_passing,
        };
        Self {
            name: "Letters of the faculty".to_owned(),
            valid_from: "2024-2025".to_owned(),
            valid_until: None,
            steps: vec![
                step("AA", 4.0, 90.0, true),
                step("BB", 3.0, 75.0, true),
                step("CC", 2.0, 60.0, true),
                step("FF", 0.0, 0.0, false),
            ],
        }
    }
}

/// A grading scheme.
#[derive(Clone, Debug, Object)]
struct GradingScheme {
    /// Its id.
    id: i64,
    /// Its name.
    name: String,
    /// The first year in which it is valid, `2024-2025`.
    valid_from: String,
    /// The last one, inclusive; `null`: until further notice.
    valid_until: Option<String>,
    /// From the best to the last.
    steps: Vec<GradingStep>,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/grading-schemes", tag = "Tag::Analytics")]
impl GradingSchemesApi {
    /// Make a grading scheme
    ///
    /// For institution admins. In each year at most one is valid: another one in the same years is a conflict.
    #[oai(path = "/", method = "post", operation_id = "createGradingScheme")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewGradingScheme>,
    ) -> Result<Created<GradingScheme>, WriteProblem> {
        let work = state.begin(&context).await?;
        let made = grading_schemes::create(&work, &user.0.actor, body.0.into()).await?;
        let location = format!("/api/grading-schemes/{}", made.scheme.id);
        Ok(state.create(&context, work, location, made).await?)
    }

    /// List grading schemes
    ///
    /// Of the own institution, the newest first; for everybody of it.
    #[oai(path = "/", method = "get", operation_id = "listGradingSchemes")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<GradingScheme>>, ReadProblem> {
        let found = grading_schemes::list(state.database.orm(), &user.0.actor, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Get a grading scheme
    ///
    /// For everybody of the institution. The `ETag` is for changing it.
    #[oai(path = "/:id", method = "get", operation_id = "getGradingScheme")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the grading scheme.
        id: Path<i64>,
    ) -> Result<Versioned<GradingScheme>, ReadProblem> {
        let found = grading_schemes::find(state.database.orm(), &user.0.actor, GradingSchemeId(id.0)).await?;
        Ok(Versioned::of(found.scheme.version, found))
    }

    /// Replace a grading scheme
    ///
    /// As a whole; for institution admins. Letters and averages of all its years follow at once.
    #[oai(path = "/:id", method = "put", operation_id = "putGradingScheme")]
    async fn replace(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the grading scheme.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<NewGradingScheme>,
    ) -> Result<Versioned<GradingScheme>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let made = grading_schemes::replace(&work, &user.0.actor, GradingSchemeId(id.0), &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(made.scheme.version, made))
    }
}

impl From<NewGradingScheme> for grading_schemes::NewScheme {
    fn from(body: NewGradingScheme) -> Self {
        let step = |step: GradingStep| grading_schemes::NewStep {
            letter: step.letter,
            points: step.points,
            lower_edge: step.lower_edge,
            is_passing: step.is_passing,
        };
        Self {
            name: body.name,
            valid_from: body.valid_from,
            valid_until: body.valid_until,
            steps: body.steps.into_iter().map(step).collect(),
        }
    }
}

impl From<grading_schemes::Scheme> for GradingScheme {
    fn from(found: grading_schemes::Scheme) -> Self {
        let step = |step: grading_schemes::Step| GradingStep {
            letter: step.letter,
            points: number(step.points),
            lower_edge: number(step.lower_edge),
            is_passing: step.is_passing,
        };
        Self {
            id: found.scheme.id.0,
            name: found.scheme.name,
            valid_from: found.scheme.valid_from.to_string(),
            valid_until: found.scheme.valid_until.map(|year| year.to_string()),
            steps: found.steps.into_iter().map(step).collect(),
            version: found.scheme.version,
            created_at: found.scheme.created_at,
            updated_at: found.scheme.updated_at,
        }
    }
}
