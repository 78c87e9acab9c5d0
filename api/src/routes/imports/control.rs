//! What is done with an import: ending it early, and applying a dry run.

use super::super::Tag;
use super::Accepted;
use super::bodies::Import;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::WriteProblem;
use crate::state::AppState;
use acurate_shared::ids::ImportId;
use acurate_shared::imports::{control, view};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

/// The operations.
#[derive(Debug)]
pub struct ImportControlApi;

#[OpenApi(prefix_path = "/imports", tag = "Tag::Imports")]
impl ImportControlApi {
    /// Cancel an import
    ///
    /// For who may ask for such an import. One that waits ends at once, one that runs ends behind the batch that it is at; what was
    /// committed stays and is counted. 409 `import_ended` when there is nothing to cancel.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelImport")]
    async fn cancel(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the import.
        id: Path<i64>,
    ) -> Result<Json<Import>, WriteProblem> {
        let (actor, id) = (&user.0.actor, ImportId(id.0));
        let work = state.begin(&context).await?;
        control::cancel(&work, actor, id).await?;
        let import = view::find(work.tx(), actor, id).await?;
        state.commit(work).await?;
        Ok(Json(import.into()))
    }

    /// Apply a dry run
    ///
    /// For who may ask for such an import. Makes a new import of the same file with the same options that writes; no new upload is
    /// needed. 409 when the import is no dry run, has not read its whole file, or the file was removed.
    #[oai(path = "/:id/apply", method = "post", operation_id = "applyImport")]
    async fn apply(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the dry run.
        id: Path<i64>,
    ) -> Result<Accepted, WriteProblem> {
        let actor = &user.0.actor;
        let mut work = state.begin(&context).await?;
        let accepted = control::apply(&mut work, actor, ImportId(id.0)).await?;
        Ok(Accepted::commit(&state, &context, work, actor, accepted).await?)
    }
}
