//! The administrators of an institution.

use super::super::Tag;
use super::super::answers::Created;
use super::super::paging::{PageOf, wanted};
use super::bodies::{Administrator, NewAdministrator};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::ids::{InstitutionId, UserId};
use acurate_shared::platform::administrators;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct AdministratorsApi;

/// What can be changed of an administrator.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct AdministratorChange {
    /// Whether the administrator may sign in; `false` ends all sessions.
    is_active: bool,
}

#[OpenApi(prefix_path = "/institutions", tag = "Tag::Institutions")]
impl AdministratorsApi {
    /// List the administrators of an institution by name
    ///
    /// For super admins.
    #[oai(path = "/:id/admins", method = "get", operation_id = "listInstitutionAdmins")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Administrator>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let found = administrators::list(state.database.orm(), &user.0.actor, InstitutionId(id.0), request).await?;
        Ok(Json(found.into()))
    }

    /// Give an institution another administrator
    ///
    /// For super admins. The administrator is sent a temporary password.
    #[oai(path = "/:id/admins", method = "post", operation_id = "createInstitutionAdmin")]
    async fn add(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        body: Json<NewAdministrator>,
    ) -> Result<Created<Administrator>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let institution_id = InstitutionId(id.0);
        let admin = administrators::add(&mut work, &user.0.actor, &state.identity, institution_id, body.0.into()).await?;
        let location = format!("/api/institutions/{institution_id}/admins/{}", admin.id);
        Ok(state.create(&context, work, location, admin).await?)
    }

    /// Get an administrator of an institution
    ///
    /// For super admins.
    #[oai(path = "/:id/admins/:user_id", method = "get", operation_id = "getInstitutionAdmin")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        /// Id of the user.
        user_id: Path<i64>,
    ) -> Result<Json<Administrator>, ReadProblem> {
        let (institution_id, admin) = (InstitutionId(id.0), UserId(user_id.0));
        let found = administrators::find(state.database.orm(), &user.0.actor, institution_id, admin).await?;
        Ok(Json(found.into()))
    }

    /// Let an administrator sign in, or not any more
    ///
    /// For super admins. The only active administrator of an institution stays active.
    #[oai(path = "/:id/admins/:user_id", method = "patch", operation_id = "updateInstitutionAdmin")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        /// Id of the user.
        user_id: Path<i64>,
        body: Json<AdministratorChange>,
    ) -> Result<Json<Administrator>, WriteProblem> {
        let work = state.begin(&context).await?;
        let (institution_id, admin) = (InstitutionId(id.0), UserId(user_id.0));
        let changed = administrators::set_active(&work, &user.0.actor, institution_id, admin, body.0.is_active).await?;
        state.commit(work).await?;
        Ok(Json(changed.into()))
    }

    /// Send an administrator a new temporary password
    ///
    /// For super admins, when an administrator cannot sign in any more. The password so far and all sessions end.
    #[oai(
        path = "/:id/admins/:user_id/reset-access",
        method = "post",
        operation_id = "resetInstitutionAdminAccess"
    )]
    async fn reset_access(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the institution.
        id: Path<i64>,
        /// Id of the user.
        user_id: Path<i64>,
    ) -> Result<Json<Administrator>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let (institution_id, admin) = (InstitutionId(id.0), UserId(user_id.0));
        let reset = administrators::reset_access(&mut work, &user.0.actor, &state.identity, institution_id, admin).await?;
        state.commit(work).await?;
        Ok(Json(reset.into()))
    }
}
