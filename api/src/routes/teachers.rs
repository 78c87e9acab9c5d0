//! Teachers, managed by their institution's administrators.

use super::Tag;
use super::answers::{Created, NoContent};
use super::mails::MailState;
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::ids::{DepartmentId, UserId};
use acurate_shared::people::{self, teachers};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct TeachersApi;

/// A teacher to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
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

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct TeacherChange {
    /// As for a new teacher. While no password was chosen, the new address is sent a new temporary one.
    email: Option<String>,
    /// As for a new teacher.
    first_name: Option<String>,
    /// As for a new teacher.
    last_name: Option<String>,
    /// As for a new teacher.
    phone: MaybeUndefined<String>,
    /// As for a new teacher.
    department_id: MaybeUndefined<i64>,
    /// Whether the teacher may sign in; `false` ends all sessions.
    is_active: Option<bool>,
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
    /// Whether mails go to the user.
    mail_state: MailState,
    /// What a mail server said when it refused the address for good.
    mail_failure: Option<String>,
    /// Since when nothing is sent to the address.
    mail_suppressed_at: Option<DateTime<Utc>>,
    /// Raised by each change, a sign-in included; in quotes it is the `ETag`.
    version: i32,
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

    /// List teachers
    ///
    /// For institution admins; by name unless `sort` says otherwise.
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
        /// `last_name`, `first_name`, `email`, `is_active`, `last_sign_in_at`, `created_at`, several with commas, descending with a
        /// leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Teacher>>, ReadProblem> {
        let filter = teachers::TeacherFilter {
            search: search.0,
            department_id: department_id.0.map(DepartmentId),
            is_active: is_active.0,
            sort: sort.0,
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
    ) -> Result<Versioned<Teacher>, ReadProblem> {
        let found = teachers::find(state.database.orm(), &user.0.actor, UserId(id.0)).await?;
        Ok(Versioned::of(found.version, found))
    }

    /// Change a teacher
    ///
    /// For institution admins. A teacher who is deactivated keeps its courses and cannot sign in.
    #[oai(path = "/:id", method = "patch", operation_id = "updateTeacher")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<TeacherChange>,
    ) -> Result<Versioned<Teacher>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let mut work = state.begin(&context).await?;
        let (actor, id) = (&user.0.actor, UserId(id.0));
        let teacher = teachers::update(&mut work, actor, &state.identity, id, &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(teacher.version, teacher))
    }

    /// Delete a teacher without courses
    ///
    /// For institution admins. Refused with `teacher_has_courses` while there is a course of whatever year: assign it to
    /// somebody else or deactivate the teacher. Marks that the teacher gave stay.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteTeacher")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let work = state.begin(&context).await?;
        teachers::delete(&work, &user.0.actor, UserId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
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

impl From<TeacherChange> for teachers::TeacherPatch {
    fn from(body: TeacherChange) -> Self {
        Self {
            email: body.email,
            first_name: body.first_name,
            last_name: body.last_name,
            phone: patch(body.phone, identity),
            department_id: patch(body.department_id, DepartmentId),
            is_active: body.is_active,
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
            mail_state: MailState::since(row.mail_suppressed_at),
            mail_failure: row.mail_failure,
            mail_suppressed_at: row.mail_suppressed_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
