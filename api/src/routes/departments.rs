//! Departments of an institution.

use super::Tag;
use super::answers::Created;
use super::paging::{PageOf, wanted};
use super::partial::patch;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::departments;
use acurate_shared::entity::department;
use acurate_shared::ids::DepartmentId;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct DepartmentsApi;

/// A department to be made.
#[derive(Debug, Object)]
struct NewDepartment {
    /// 1 to 20 characters, unique in the institution.
    code: String,
    /// 1 to 150 characters, unique in the institution.
    name: String,
    /// At most 2000 characters.
    description: Option<String>,
    /// Address for questions.
    contact_email: Option<String>,
    /// Telephone for questions.
    contact_phone: Option<String>,
}

/// What changes; absent fields stay, `null` empties.
#[derive(Debug, Object)]
struct DepartmentChange {
    /// As for a new department.
    code: Option<String>,
    /// As for a new department.
    name: Option<String>,
    /// As for a new department.
    description: MaybeUndefined<String>,
    /// As for a new department.
    contact_email: MaybeUndefined<String>,
    /// As for a new department.
    contact_phone: MaybeUndefined<String>,
}

/// A department.
#[derive(Debug, Object)]
struct Department {
    /// Its id.
    id: i64,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// What it is.
    description: Option<String>,
    /// Address for questions.
    contact_email: Option<String>,
    /// Telephone for questions.
    contact_phone: Option<String>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/departments", tag = "Tag::Programs")]
impl DepartmentsApi {
    /// Make a department
    ///
    /// For institution admins.
    #[oai(path = "/", method = "post", operation_id = "createDepartment")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewDepartment>,
    ) -> Result<Created<Department>, WriteProblem> {
        let work = state.begin(&context).await?;
        let department = departments::create(&work, &user.0.actor, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Created::at(format!("/api/departments/{}", department.id), department))
    }

    /// List departments
    #[oai(path = "/", method = "get", operation_id = "listDepartments")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Department>>, ReadProblem> {
        let found = departments::list(state.database.orm(), &user.0.actor, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Get a department
    #[oai(path = "/:id", method = "get", operation_id = "getDepartment")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the department.
        id: Path<i64>,
    ) -> Result<Json<Department>, ReadProblem> {
        let found = departments::find(state.database.orm(), &user.0.actor, DepartmentId(id.0)).await?;
        Ok(Json(found.into()))
    }

    /// Change a department
    ///
    /// For institution admins.
    #[oai(path = "/:id", method = "patch", operation_id = "updateDepartment")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the department.
        id: Path<i64>,
        body: Json<DepartmentChange>,
    ) -> Result<Json<Department>, WriteProblem> {
        let work = state.begin(&context).await?;
        let department = departments::update(&work, &user.0.actor, DepartmentId(id.0), body.0.into()).await?;
        state.commit(work).await?;
        Ok(Json(department.into()))
    }
}

impl From<NewDepartment> for departments::NewDepartment {
    fn from(body: NewDepartment) -> Self {
        Self {
            code: body.code,
            name: body.name,
            description: body.description,
            contact_email: body.contact_email,
            contact_phone: body.contact_phone,
        }
    }
}

impl From<DepartmentChange> for departments::DepartmentPatch {
    fn from(body: DepartmentChange) -> Self {
        Self {
            code: body.code,
            name: body.name,
            description: patch(body.description, identity),
            contact_email: patch(body.contact_email, identity),
            contact_phone: patch(body.contact_phone, identity),
        }
    }
}

impl From<department::Model> for Department {
    fn from(row: department::Model) -> Self {
        Self {
            id: row.id.0,
            code: row.code,
            name: row.name,
            description: row.description,
            contact_email: row.contact_email,
            contact_phone: row.contact_phone,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
