//! Departments.

use super::Tag;
use super::answers::{Created, NoContent};
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::departments;
use acurate_shared::entity::department;
use acurate_shared::ids::DepartmentId;
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct DepartmentsApi;

/// A department to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewDepartment {
    /// Unique within the institution; 1 to 20 characters.
    code: String,
    /// Unique within the institution; 1 to 150 characters.
    name: String,
    /// At most 2000 characters.
    description: Option<String>,
    /// Address, at most 254 characters.
    contact_email: Option<String>,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    contact_phone: Option<String>,
}

impl Example for NewDepartment {
    fn example() -> Self {
        Self {
            code: "CENG".to_owned(),
            name: "Computer Engineering".to_owned(),
            description: None,
            contact_email: Some("ceng@university.example".to_owned()),
            contact_phone: Some("+90 312 555 0101".to_owned()),
        }
    }
}

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
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
    /// Unique within the institution.
    code: String,
    /// Its name.
    name: String,
    /// What it does.
    description: Option<String>,
    /// Address.
    contact_email: Option<String>,
    /// Telephone.
    contact_phone: Option<String>,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
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
        let row = departments::create(&work, &user.0.actor, body.0.into()).await?;
        let location = format!("/api/departments/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List departments
    ///
    /// For everybody of the institution.
    #[oai(path = "/", method = "get", operation_id = "listDepartments")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The beginning of the code, or a part of the name.
        search: Query<Option<String>>,
        /// `code` (the default), `name`, `created_at`, several with commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Department>>, ReadProblem> {
        let filter = departments::DepartmentFilter {
            search: search.0,
            sort: sort.0,
        };
        let found = departments::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Get a department
    ///
    /// For everybody in the institution.
    #[oai(path = "/:id", method = "get", operation_id = "getDepartment")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the department.
        id: Path<i64>,
    ) -> Result<Versioned<Department>, ReadProblem> {
        let row = departments::find(state.database.orm(), &user.0.actor, DepartmentId(id.0)).await?;
        Ok(Versioned::of(row.version, row))
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
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<DepartmentChange>,
    ) -> Result<Versioned<Department>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let work = state.begin(&context).await?;
        let row = departments::update(&work, &user.0.actor, DepartmentId(id.0), &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete a department
    ///
    /// For institution admins. Courses, programs and people that refer to it stand against it.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteDepartment")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the department.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let work = state.begin(&context).await?;
        departments::delete(&work, &user.0.actor, DepartmentId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
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
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
