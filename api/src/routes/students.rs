//! Students one by one; files full of them are imports.

use super::Tag;
use super::answers::{Created, NoContent};
use super::mails::MailState;
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::ids::{DepartmentId, ProgramId, UserId};
use acurate_shared::people::{self, students};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct StudentsApi;

/// A student to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct NewStudent {
    /// Unique within the institution: 1 to 20 letters, digits and `- _ . /`; leading zeros are kept.
    student_number: String,
    /// Address to sign in with, at most 254 characters.
    email: String,
    /// Given names, 1 to 150 characters.
    first_name: String,
    /// Family name, 1 to 150 characters.
    last_name: String,
    /// Telephone, at most 20 of digits, blanks and `+ ( ) -`.
    phone: Option<String>,
    /// A department of the institution; that of the program when absent.
    department_id: Option<i64>,
    /// A program of the department.
    program_id: Option<i64>,
    /// 1 to 6.
    year_of_study: Option<i16>,
    /// 1950 to 2100.
    entry_year: Option<i16>,
}

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
pub struct StudentChange {
    /// As for a new student.
    student_number: Option<String>,
    /// As for a new student. While no password was chosen, the new address is sent a new temporary one.
    email: Option<String>,
    /// As for a new student.
    first_name: Option<String>,
    /// As for a new student.
    last_name: Option<String>,
    /// As for a new student.
    phone: MaybeUndefined<String>,
    /// As for a new student; cannot be emptied while there is a program.
    department_id: MaybeUndefined<i64>,
    /// As for a new student; without `department_id` the student moves to the department of the program.
    program_id: MaybeUndefined<i64>,
    /// 1 to 6.
    year_of_study: MaybeUndefined<i16>,
    /// 1950 to 2100.
    entry_year: MaybeUndefined<i16>,
    /// Whether the student may sign in; `false` ends all sessions.
    is_active: Option<bool>,
}

/// A student.
#[derive(Debug, Object)]
pub struct Student {
    /// Id of the user.
    id: i64,
    /// Unique within the institution.
    student_number: String,
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
    /// Program of study.
    program_id: Option<i64>,
    /// 1 to 6.
    year_of_study: Option<i16>,
    /// Calendar year.
    entry_year: Option<i16>,
    /// Whether the student may sign in.
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

#[OpenApi(prefix_path = "/students", tag = "Tag::People")]
impl StudentsApi {
    /// Make a student
    ///
    /// For institution admins. The student is sent a temporary password.
    #[oai(path = "/", method = "post", operation_id = "createStudent")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewStudent>,
    ) -> Result<Created<Student>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let student = students::create(&mut work, &user.0.actor, &state.identity, body.0.into()).await?;
        let location = format!("/api/students/{}", student.id);
        Ok(state.create(&context, work, location, student).await?)
    }

    /// List students
    ///
    /// For institution admins and teachers; by number unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "listStudents")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The beginning of the number or of the address, or a part of the name.
        search: Query<Option<String>>,
        /// Students of this department only.
        department_id: Query<Option<i64>>,
        /// Students of this program only.
        program_id: Query<Option<i64>>,
        /// Only those who may sign in, or only those who may not.
        is_active: Query<Option<bool>>,
        /// Students of this year of study only, 1 to 6.
        year_of_study: Query<Option<i16>>,
        /// Students who began in this calendar year only.
        entry_year: Query<Option<i16>>,
        /// `student_number`, `last_name`, `first_name`, `email`, `year_of_study`, `entry_year`, `is_active`, `last_sign_in_at`,
        /// `created_at`, several with commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Student>>, ReadProblem> {
        let filter = students::StudentFilter {
            search: search.0,
            department_id: department_id.0.map(DepartmentId),
            program_id: program_id.0.map(ProgramId),
            is_active: is_active.0,
            year_of_study: year_of_study.0,
            entry_year: entry_year.0,
            sort: sort.0,
        };
        let request = wanted(page.0, page_size.0);
        let found = students::list(state.database.orm(), &user.0.actor, &filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Get a student
    ///
    /// Any of the institution for admins and teachers, the own record for students.
    #[oai(path = "/:id", method = "get", operation_id = "getStudent")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
    ) -> Result<Versioned<Student>, ReadProblem> {
        let found = students::find(state.database.orm(), &user.0.actor, UserId(id.0)).await?;
        Ok(Versioned::of(found.version, found))
    }

    /// Change a student
    ///
    /// For institution admins. A new program makes the student's outcomes be computed anew.
    #[oai(path = "/:id", method = "patch", operation_id = "updateStudent")]
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
        body: Json<StudentChange>,
    ) -> Result<Versioned<Student>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let mut work = state.begin(&context).await?;
        let (actor, id) = (&user.0.actor, UserId(id.0));
        let student = students::update(&mut work, actor, &state.identity, id, &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(student.version, student))
    }

    /// Delete a student without grades
    ///
    /// For institution admins. Removes the enrollments and the account. Refused with `student_has_grades` when there are
    /// grades, which would be lost: deactivate the student instead.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteStudent")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the user.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let work = state.begin(&context).await?;
        students::delete(&work, &user.0.actor, UserId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<NewStudent> for students::NewStudent {
    fn from(body: NewStudent) -> Self {
        Self {
            student_number: body.student_number,
            person: people::NewPerson {
                email: body.email,
                first_name: body.first_name,
                last_name: body.last_name,
                phone: body.phone,
            },
            department_id: body.department_id.map(DepartmentId),
            program_id: body.program_id.map(ProgramId),
            year_of_study: body.year_of_study,
            entry_year: body.entry_year,
        }
    }
}

impl From<StudentChange> for students::StudentPatch {
    fn from(body: StudentChange) -> Self {
        Self {
            student_number: body.student_number,
            email: body.email,
            first_name: body.first_name,
            last_name: body.last_name,
            phone: patch(body.phone, identity),
            department_id: patch(body.department_id, DepartmentId),
            program_id: patch(body.program_id, ProgramId),
            year_of_study: patch(body.year_of_study, identity),
            entry_year: patch(body.entry_year, identity),
            is_active: body.is_active,
        }
    }
}

impl From<students::Student> for Student {
    fn from(row: students::Student) -> Self {
        Self {
            id: row.id.0,
            student_number: row.student_number,
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            phone: row.phone,
            department_id: row.department_id.map(|id| id.0),
            program_id: row.program_id.map(|id| id.0),
            year_of_study: row.year_of_study,
            entry_year: row.entry_year,
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
