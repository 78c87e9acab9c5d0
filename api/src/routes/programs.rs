//! Programs of study.

use super::Tag;
use super::answers::{Created, NoContent};
use super::paging::{PageOf, wanted};
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::programs;
use acurate_shared::entity::program;
use acurate_shared::ids::{DepartmentId, ProgramId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct ProgramsApi;

/// A program to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewProgram {
    /// A department of the institution.
    department_id: i64,
    /// Unique within the institution; 1 to 20 characters; stays as it is, because imports name programs by it.
    code: String,
    /// 1 to 150 characters.
    name: String,
}

impl Example for NewProgram {
    fn example() -> Self {
        Self {
            department_id: 3,
            code: "CENG-BSC".to_owned(),
            name: "BSc Computer Engineering".to_owned(),
        }
    }
}

/// A partial change: what is absent stays.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct ProgramChange {
    /// 1 to 150 characters.
    name: Option<String>,
    /// Whether it is offered. Its students and their results stay as they are.
    is_active: Option<bool>,
}

/// A program.
#[derive(Debug, Object)]
struct Program {
    /// Its id.
    id: i64,
    /// Its department.
    department_id: i64,
    /// Unique within the institution.
    code: String,
    /// Its name.
    name: String,
    /// Whether it is offered.
    is_active: bool,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/programs", tag = "Tag::Programs")]
impl ProgramsApi {
    /// Make a program
    ///
    /// For institution admins.
    #[oai(path = "/", method = "post", operation_id = "createProgram")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewProgram>,
    ) -> Result<Created<Program>, WriteProblem> {
        let work = state.begin(&context).await?;
        let row = programs::create(&work, &user.0.actor, body.0.into()).await?;
        let location = format!("/api/programs/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List programs
    ///
    /// For everybody of the institution.
    #[oai(path = "/", method = "get", operation_id = "listPrograms")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The beginning of the code, or a part of the name.
        search: Query<Option<String>>,
        /// Programs of this department only.
        department_id: Query<Option<i64>>,
        /// Only those that are offered, or only those that are not.
        is_active: Query<Option<bool>>,
        /// `code` (the default), `name`, `created_at`, several with commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Program>>, ReadProblem> {
        let filter = programs::ProgramFilter {
            search: search.0,
            department_id: department_id.0.map(DepartmentId),
            is_active: is_active.0,
            sort: sort.0,
        };
        let found = programs::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Get a program
    ///
    /// For everybody in the institution.
    #[oai(path = "/:id", method = "get", operation_id = "getProgram")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the program.
        id: Path<i64>,
    ) -> Result<Versioned<Program>, ReadProblem> {
        let row = programs::find(state.database.orm(), &user.0.actor, ProgramId(id.0)).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Change a program
    ///
    /// For institution admins.
    #[oai(path = "/:id", method = "patch", operation_id = "updateProgram")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the program.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<ProgramChange>,
    ) -> Result<Versioned<Program>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let change = programs::ProgramPatch {
            name: body.0.name,
            is_active: body.0.is_active,
        };
        let work = state.begin(&context).await?;
        let row = programs::update(&work, &user.0.actor, ProgramId(id.0), &expected, change).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete a program
    ///
    /// For institution admins. Students and outcomes of it stand against it; a program that is not offered any more is deactivated.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteProgram")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the program.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let work = state.begin(&context).await?;
        programs::delete(&work, &user.0.actor, ProgramId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<NewProgram> for programs::NewProgram {
    fn from(body: NewProgram) -> Self {
        Self {
            department_id: DepartmentId(body.department_id),
            code: body.code,
            name: body.name,
        }
    }
}

impl From<program::Model> for Program {
    fn from(row: program::Model) -> Self {
        Self {
            id: row.id.0,
            department_id: row.department_id.0,
            code: row.code,
            name: row.name,
            is_active: row.is_active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
