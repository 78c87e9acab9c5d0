//! Institutions: tenants, from the first day to the last, in the hands of the super admin.

mod admins;
pub(super) mod bodies;
mod contents;

pub use admins::AdministratorsApi;

use super::Tag;
use super::answers::Created;
use super::jobs::Job;
use super::paging::{PageOf, wanted};
use super::versions::{Versioned, expected};
use super::words::InstitutionType;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::ids::InstitutionId;
use acurate_shared::jobs::view as job_view;
use acurate_shared::platform::{deletion, institutions};
use bodies::{CreatedInstitution, Institution, InstitutionChange, InstitutionOverview, NewInstitution};
use contents::InstitutionContents;
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct InstitutionsApi;

/// What becomes of a wish to delete.
#[derive(ApiResponse)]
enum Deletion {
    /// A dry run: what would go. Nothing has changed.
    #[oai(status = 200)]
    Counted(Json<InstitutionContents>),
    /// A worker deletes it; follow the job at `Location`.
    #[oai(status = 202)]
    Accepted(
        Json<Job>,
        /// Path of the job.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(prefix_path = "/institutions", tag = "Tag::Institutions")]
impl InstitutionsApi {
    /// Make an institution and its first administrator
    ///
    /// For super admins. The administrator is sent a temporary password.
    #[oai(path = "/", method = "post", operation_id = "createInstitution")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewInstitution>,
    ) -> Result<Created<CreatedInstitution>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let created = institutions::create(&mut work, &user.0.actor, &state.identity, body.0.into()).await?;
        let location = format!("/api/institutions/{}", created.institution.id);
        Ok(state.create(&context, work, location, created).await?)
    }

    /// List institutions with their sizes
    ///
    /// For super admins.
    #[oai(path = "/", method = "get", operation_id = "listInstitutions")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// A part of the name or of the city, at most 255 characters.
        search: Query<Option<String>>,
        /// Only those whose people may sign in, or only suspended ones.
        is_active: Query<Option<bool>>,
        /// Institutions of this kind only.
        institution_type: Query<Option<InstitutionType>>,
        /// Institutions of this country only: two letters as in ISO 3166-1.
        country: Query<Option<String>>,
        /// `name` (the default), `institution_type`, `city`, `country`, `is_active`, `created_at`, `updated_at`, several with
        /// commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<InstitutionOverview>>, ReadProblem> {
        let filter = institutions::InstitutionFilter {
            search: search.0,
            is_active: is_active.0,
            institution_type: institution_type.0.map(Into::into),
            country: country.0,
            sort: sort.0,
        };
        let request = wanted(page.0, page_size.0);
        let found = institutions::list(state.database.orm(), &user.0.actor, &filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Get an institution with its sizes
    ///
    /// Any for super admins, its own for an institution admin.
    #[oai(path = "/:id", method = "get", operation_id = "getInstitution")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
    ) -> Result<Versioned<InstitutionOverview>, ReadProblem> {
        let found = institutions::find(state.database.orm(), &user.0.actor, InstitutionId(id.0)).await?;
        Ok(Versioned::of(found.institution.version, found))
    }

    /// Change an institution
    ///
    /// For super admins.
    #[oai(path = "/:id", method = "patch", operation_id = "updateInstitution")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<InstitutionChange>,
    ) -> Result<Versioned<Institution>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let row = institutions::update(&work, &user.0.actor, InstitutionId(id.0), &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Suspend an institution
    ///
    /// For super admins. Nobody of it can sign in or refresh any more; access tokens end with the next look at them, which an
    /// API server takes at most `ACURATE_ACTOR_CACHE_SECONDS` (2) later. Nothing is lost: jobs go on, and mails with temporary
    /// passwords wait for the resumption.
    #[oai(path = "/:id/suspend", method = "post", operation_id = "suspendInstitution")]
    async fn suspend(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
    ) -> Result<Versioned<Institution>, WriteProblem> {
        let work = state.begin(&context).await?;
        let row = institutions::suspend(&work, &user.0.actor, InstitutionId(id.0)).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Let a suspended institution go on
    ///
    /// For super admins. Whoever was signed in before goes on, too, while the refresh token lasts.
    #[oai(path = "/:id/resume", method = "post", operation_id = "resumeInstitution")]
    async fn resume(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
    ) -> Result<Versioned<Institution>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let row = institutions::resume(&mut work, &user.0.actor, &state.identity, InstitutionId(id.0)).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete an institution with everything in it
    ///
    /// For super admins. It has to be suspended, and `confirm` has to be its exact name. Answers at once; a worker deletes it
    /// in batches. This cannot be taken back: from now on the institution can only be deleted to its end, and asking again
    /// goes on with a deletion that failed. The activity log stays. With `dry_run` nothing changes: the answer counts what
    /// would go, whether suspended or not.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteInstitution")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        /// The exact name of the institution; not needed for a dry run.
        confirm: Query<Option<String>>,
        /// Whether only to count what would go; default false.
        dry_run: Query<Option<bool>>,
    ) -> Result<Deletion, WriteProblem> {
        let (actor, id) = (&user.0.actor, InstitutionId(id.0));
        if dry_run.0.unwrap_or(false) {
            let contents = deletion::contents(state.database.orm(), actor, id).await?;
            return Ok(Deletion::Counted(Json(contents.into())));
        }
        let mut work = state.begin(&context).await?;
        let job_id = deletion::request(&mut work, actor, id, confirm.0.as_deref()).await?;
        let job = job_view::find(work.tx(), actor, job_id).await?;
        state.commit(work).await?;
        Ok(Deletion::Accepted(Json(job.into()), format!("/api/jobs/{job_id}")))
    }
}
