//! Bulk imports: of students here, of [`grades`], what is done with imports ([`control`]), and [`templates`].

mod bodies;
pub mod control;
mod errors_csv;
pub mod grades;
pub mod templates;

use super::Tag;
use super::paging::{PageOf, wanted};
use super::words::{ImportKind, ImportMode, ImportState, OnExisting};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{Problem, ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::actor::Actor;
use acurate_shared::db::Work;
use acurate_shared::error::{Error, FieldError};
use acurate_shared::ids::{CourseId, ImportId};
use acurate_shared::imports::request::{self, StudentImportOrder};
use acurate_shared::imports::view;
use acurate_shared::jobs::view as job_view;
use bodies::{AcceptedImport, Import, ImportError};
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::multipart::Upload;
use poem_openapi::{ApiResponse, Multipart, OpenApi, ResponseContent};

/// The operations.
#[derive(Debug)]
pub struct ImportsApi;

/// A file of students and what to do with it.
#[derive(Debug, Multipart)]
struct StudentImportForm {
    /// CSV with a header. Columns, in any order and case: `student_number`, `email`, `first_name`, `last_name` (required),
    /// `department_code`, `program_code`, `year_of_study` (1 to 6), `entry_year`, `phone`. Comma, semicolon or tab; UTF-8, UTF-16 with
    /// byte-order mark, or Windows-1254.
    file: Upload,
    /// `dry_run` (default) reports what would happen and changes nothing; `apply` does it.
    mode: Option<ImportMode>,
    /// What happens to students whose number exists: `skip` (default) or `update`.
    on_existing: Option<OnExisting>,
    /// Whether new students get a mail with a temporary password; default true.
    send_welcome: Option<bool>,
}

/// An import was accepted.
#[derive(ApiResponse)]
enum Accepted {
    /// Follow the job at `Location`.
    #[oai(status = 202)]
    Accepted(Json<AcceptedImport>, #[oai(header = "Location")] String),
}

impl Accepted {
    /// Commits an accepted import and answers with it and its job.
    async fn commit(
        state: &AppState,
        context: &RequestContext,
        work: Work,
        actor: &Actor,
        accepted: request::Accepted,
    ) -> Result<Self, Error> {
        let body = AcceptedImport {
            import: view::find(work.tx(), actor, accepted.import_id).await?.into(),
            job: job_view::find(work.tx(), actor, accepted.job_id).await?.into(),
        };
        let location = format!("/api/jobs/{}", accepted.job_id);
        state.commit_answer(context, work, StatusCode::ACCEPTED, &location, &body).await?;
        Ok(Self::Accepted(Json(body), location))
    }
}

/// Refuses a file without a single byte before anything is stored.
fn refuse_empty(file: &Upload) -> Result<(), Error> {
    if file.size() == 0 {
        return Err(Error::Invalid(vec![FieldError::new("file", "required", "is empty")]));
    }
    Ok(())
}

/// Rejected records.
#[derive(ApiResponse)]
enum ErrorsAnswer {
    /// A page of them; or all of them as CSV, UTF-8 with byte-order mark so that spreadsheets show Turkish letters, where cells
    /// that look like formulas begin with `'`.
    #[oai(status = 200)]
    Found(
        ErrorsContent,
        /// Name of the file, with `format=csv`.
        #[oai(header = "Content-Disposition")]
        Option<String>,
    ),
}

/// Rejected records in the wanted format.
#[derive(ResponseContent)]
enum ErrorsContent {
    #[oai(content_type = "application/json; charset=utf-8")]
    Page(Json<PageOf<ImportError>>),
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(Binary<poem::Body>),
}

#[OpenApi(prefix_path = "/imports", tag = "Tag::Imports")]
impl ImportsApi {
    /// Import students from a file
    ///
    /// Answers at once; a worker reads the file. Every record ends as exactly one of created, updated, unchanged, rejected.
    #[oai(path = "/students", method = "post", operation_id = "importStudents")]
    async fn students(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        form: StudentImportForm,
    ) -> Result<Accepted, WriteProblem> {
        let actor = &user.0.actor;
        actor.require_admin()?;
        let order = StudentImportOrder {
            mode: form.mode.unwrap_or(ImportMode::DryRun).into(),
            on_existing: form.on_existing.unwrap_or(OnExisting::Skip).into(),
            send_welcome: form.send_welcome.unwrap_or(true),
        };
        refuse_empty(&form.file)?;
        let (name, content_type) = (
            form.file.file_name().map(str::to_owned),
            form.file.content_type().map(str::to_owned),
        );
        let reader = form.file.into_async_read();
        let mut work = state.begin(&context).await?;
        let accepted = request::students(&mut work, actor, order, name, content_type, reader).await?;
        Ok(Accepted::commit(&state, &context, work, actor, accepted).await?)
    }

    /// List imports, newest first
    ///
    /// For institution admins; teachers see the imports of grades that they asked for or that concern their courses.
    #[oai(path = "/", method = "get", operation_id = "listImports")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Imports of this kind only.
        kind: Query<Option<ImportKind>>,
        /// Imports in this state only.
        #[oai(name = "state")]
        in_state: Query<Option<ImportState>>,
        /// Imports of this course's grades only.
        course_id: Query<Option<i64>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Import>>, ReadProblem> {
        let filter = view::Filter {
            kind: kind.0.map(Into::into),
            state: in_state.0.map(Into::into),
            course_id: course_id.0.map(CourseId),
        };
        let page = view::list(state.database.orm(), &user.0.actor, filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(page.into()))
    }

    /// Read an import: its state and counts
    ///
    /// For who sees it in the list. The counts are true at every moment: they are committed with what they count.
    #[oai(path = "/:id", method = "get", operation_id = "getImport")]
    async fn get(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the import.
        id: Path<i64>,
    ) -> Result<Json<Import>, ReadProblem> {
        let import = view::find(state.database.orm(), &user.0.actor, ImportId(id.0)).await?;
        Ok(Json(import.into()))
    }

    /// List the rejected records of an import
    ///
    /// As pages, or with `format=csv` as one file of all of them.
    #[oai(path = "/:id/errors", method = "get", operation_id = "listImportErrors")]
    async fn errors(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the import.
        id: Path<i64>,
        /// `json` (default) or `csv`.
        format: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<ErrorsAnswer, ReadProblem> {
        let (id, actor) = (ImportId(id.0), &user.0.actor);
        match format.0.as_deref().unwrap_or("json") {
            "json" => {
                let page = view::errors(state.database.orm(), actor, id, wanted(page.0, page_size.0)).await?;
                Ok(ErrorsAnswer::Found(ErrorsContent::Page(Json(page.into())), None))
            }
            "csv" => {
                view::find(state.database.orm(), actor, id).await?;
                let body = errors_csv::body(state.0.clone(), id);
                let name = format!("attachment; filename=\"import-{id}-errors.csv\"");
                Ok(ErrorsAnswer::Found(ErrorsContent::Csv(Binary(body)), Some(name)))
            }
            _ => Err(Problem::new(StatusCode::BAD_REQUEST, "unknown_format", "format must be json or csv.").into()),
        }
    }
}
