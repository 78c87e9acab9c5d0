//! Bulk imports.

mod bodies;
mod errors_csv;

use super::Tag;
use super::paging::{PageOf, wanted};
use super::words::{ImportMode, OnExisting};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{Problem, ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::error::{Error, FieldError};
use acurate_shared::ids::ImportId;
use acurate_shared::imports::request::{self, StudentImportOrder};
use acurate_shared::imports::view;
use acurate_shared::jobs::view as job_view;
use bodies::{AcceptedImport, Import, ImportError};
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::multipart::Upload;
use poem_openapi::{ApiResponse, Multipart, OpenApi};

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

/// Rejected records.
#[derive(ApiResponse)]
enum ErrorsAnswer {
    /// A page of them.
    #[oai(status = 200)]
    Page(Json<PageOf<ImportError>>),
    /// All of them, UTF-8 with byte-order mark so that spreadsheets show Turkish letters; cells that look like formulas begin with `'`.
    #[oai(status = 200, content_type = "text/csv; charset=utf-8")]
    Csv(Binary<poem::Body>, #[oai(header = "Content-Disposition")] String),
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
        if form.file.size() == 0 {
            return Err(Error::Invalid(vec![FieldError::new("file", "required", "is empty")]).into());
        }
        let (name, content_type) = (
            form.file.file_name().map(str::to_owned),
            form.file.content_type().map(str::to_owned),
        );
        let reader = form.file.into_async_read();
        let mut work = state.begin(&context).await?;
        let accepted = request::students(&mut work, actor, order, name, content_type, reader).await?;
        let body = AcceptedImport {
            import: view::find(work.tx(), actor, accepted.import_id).await?.into(),
            job: job_view::find(work.tx(), actor, accepted.job_id).await?.into(),
        };
        let location = format!("/api/jobs/{}", accepted.job_id);
        state.commit_answer(&context, work, StatusCode::ACCEPTED, &location, &body).await?;
        Ok(Accepted::Accepted(Json(body), location))
    }

    /// List imports, newest first
    #[oai(path = "/", method = "get", operation_id = "listImports")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Import>>, ReadProblem> {
        let page = view::list(state.database.orm(), &user.0.actor, wanted(page.0, page_size.0)).await?;
        Ok(Json(page.into()))
    }

    /// Read an import: its state and counts
    #[oai(path = "/:id", method = "get", operation_id = "getImport")]
    async fn get(&self, state: Data<&AppState>, user: SignedIn, id: Path<i64>) -> Result<Json<Import>, ReadProblem> {
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
                Ok(ErrorsAnswer::Page(Json(page.into())))
            }
            "csv" => {
                view::find(state.database.orm(), actor, id).await?;
                let body = errors_csv::body(state.0.clone(), id);
                Ok(ErrorsAnswer::Csv(
                    Binary(body),
                    format!("attachment; filename=\"import-{id}-errors.csv\""),
                ))
            }
            _ => Err(Problem::new(StatusCode::BAD_REQUEST, "unknown_format", "format must be json or csv.").into()),
        }
    }
}
