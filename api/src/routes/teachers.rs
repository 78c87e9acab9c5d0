//! Teachers, managed by their institution's administrators.

use super::Tag;
use super::answers::Created;
use super::paging::{PageOf, wanted};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::ids::{DepartmentId, UserId};
use acurate_shared::people::{self, teachers};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct TeachersApi;

/// A teacher to be made.
#[derive(Debug, Object)]
pub struct NewTeacher {
    /// Address to sign in with, at most 254 characters.
    email: String,
    /// Given names, 1 to 150 characters.
    first_name: String,
    /// Family name, 1 to 150 characters.
    last_name: String,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    phone: Option<String>,
    /// A department of the institution.
    department_id: Option<i64>,
}

/// A teacher.
#[derive(Debug, Object)]
pub struct Teacher {
    /// Id of the user.
    id: i64,
    /// Address, in lower case.
    email: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Telephone.
    phone: Option<String>,
    /// Department.
    department_id: Option<i64>,
    /// Whether the teacher may sign in.
    is_active: bool,
    /// The last sign-in with a password.
    last_sign_in_at: Option<DateTime<Utc>>,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/teachers", tag = "Tag::People")]
impl TeachersApi {
    /// Make a teacher
    ///
    /// For institution admins. The teacher is sent a temporary password.
    #[oai(path = "/", method = "post", operation_id = "createTeacher")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewTeacher>,
    ) -> Result<Created<Teacher>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let teacher = teachers::create(&mut work, &user.0.actor, &state.identity, body.0.into()).await?;
        let location = format!("/api/teachers/{}", teacher.id);
        Ok(state.create(&context, work, location, teacher).await?)
    }

    /// List teachers by name
    ///
    /// For institution admins.
    #[oai(path = "/", method = "get", operation_id = "listTeachers")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The beginning of the address, or a part of the name.
        search: Query<Option<String>>,
        /// Teachers of this department only.
        department_id: Query<Option<i64>>,
        /// Only those who may sign in, or only those who may not.
        is_active: Query<Option<bool>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Teacher>>, ReadProblem> {
        let filter = teachers::TeacherFilter {
            search: search.0,
            department_id: department_id.0.map(DepartmentId),
            is_active: is_active.0,
        };
        let request = wanted(page.0, page_size.0);
        let found = teachers::list(state.database.orm(), &user.0.actor, &filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Get a teacher
    ///
    /// For institution admins.
    #[oai(path = "/:id", method = "get", operation_id = "getTeacher")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
    ) -> Result<Json<Teacher>, ReadProblem> {
        let found = teachers::find(state.database.orm(), &user.0.actor, UserId(id.0)).await?;
        Ok(Json(found.into()))
    }
}

impl From<NewTeacher> for teachers::NewTeacher {
    fn from(body: NewTeacher) -> Self {
        Self {
            person: people::NewPerson {
                email: body.email,
                first_name: body.first_name,
                last_name: body.last_name,
                phone: body.phone,
            },
            department_id: body.department_id.map(DepartmentId),
        }
    }
}

impl From<teachers::Teacher> for Teacher {
    fn from(row: teachers::Teacher) -> Self {
        Self {
            id: row.id.0,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            department_id: row.department_id.map(|id| id.0),
            is_active: row.is_active,
            last_sign_in_at: row.last_sign_in_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
