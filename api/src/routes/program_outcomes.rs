//! Program outcomes (PO): what a program promises.

use super::Tag;
use super::answers::Created;
use super::numbers::number;
use super::outcomes::{NewOutcome, OutcomeChange};
use super::paging::{PageOf, wanted};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::program_outcomes;
use acurate_shared::entity::program_outcome;
use acurate_shared::ids::{ProgramId, ProgramOutcomeId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct ProgramOutcomesApi;

/// A program outcome.
#[derive(Debug, Object)]
struct ProgramOutcome {
    /// Its id.
    id: i64,
    /// Its program.
    program_id: i64,
    /// Unique within the program.
    code: String,
    /// What is promised.
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

#[OpenApi(tag = "Tag::Programs")]
impl ProgramOutcomesApi {
    /// Make an outcome of a program
    ///
    /// For institution admins. The outcomes of the program's students are computed anew.
    #[oai(path = "/programs/:id/outcomes", method = "post", operation_id = "createProgramOutcome")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the program.
        id: Path<i64>,
        body: Json<NewOutcome>,
    ) -> Result<Created<ProgramOutcome>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let row = program_outcomes::create(&mut work, &user.0.actor, ProgramId(id.0), body.0.into()).await?;
        let location = format!("/api/program-outcomes/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List the outcomes of a program by code
    ///
    /// For everybody of the institution.
    #[oai(path = "/programs/:id/outcomes", method = "get", operation_id = "listProgramOutcomes")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the program.
        id: Path<i64>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<ProgramOutcome>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let found = program_outcomes::list(state.database.orm(), &user.0.actor, ProgramId(id.0), request).await?;
        Ok(Json(found.into()))
    }

    /// Get a program outcome
    #[oai(path = "/program-outcomes/:id", method = "get", operation_id = "getProgramOutcome")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the outcome.
        id: Path<i64>,
    ) -> Result<Json<ProgramOutcome>, ReadProblem> {
        let row = program_outcomes::find(state.database.orm(), &user.0.actor, ProgramOutcomeId(id.0)).await?;
        Ok(Json(row.into()))
    }

    /// Change a program outcome
    ///
    /// For institution admins. After a change of target or `is_active` the outcomes of the program's students are computed anew.
    #[oai(path = "/program-outcomes/:id", method = "patch", operation_id = "updateProgramOutcome")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the outcome.
        id: Path<i64>,
        body: Json<OutcomeChange>,
    ) -> Result<Json<ProgramOutcome>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let row = program_outcomes::update(&mut work, &user.0.actor, ProgramOutcomeId(id.0), body.0.into()).await?;
        state.commit(work).await?;
        Ok(Json(row.into()))
    }
}

impl From<program_outcome::Model> for ProgramOutcome {
    fn from(row: program_outcome::Model) -> Self {
        Self {
            id: row.id.0,
            program_id: row.program_id.0,
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
