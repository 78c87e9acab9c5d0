//! Importing the grades of a course from a file.

use super::super::Tag;
use super::super::words::{GradeLayout, ImportMode};
use super::{Accepted, refuse_empty};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::WriteProblem;
use crate::state::AppState;
use acurate_shared::ids::CourseId;
use acurate_shared::imports::request::{self, File, GradeImportOrder};
use poem::web::Data;
use poem_openapi::types::multipart::Upload;
use poem_openapi::{Multipart, OpenApi};

/// The operation.
#[derive(Debug)]
pub struct GradeImportsApi;

/// A file of grades and what to do with it.
#[derive(Debug, Multipart)]
struct GradeImportForm {
    /// CSV with a header: comma, semicolon or tab; UTF-8, UTF-16 with byte-order mark, or Windows-1254. An Excel workbook must be
    /// saved as CSV. Wide: `student_number` and a column for each assessment, named by its title in any case, by `#id`, or as an
    /// export names it. Long: `student_number`, `assessment`, `score` and, if wanted, `feedback`. Columns `name`, `first_name`,
    /// `last_name` and `email` are there for people and ignored; any other column is refused.
    /// A mark is a score with decimal comma or point, `GR` or `absent`, `MZ` or `excused`, `DZ` or `non_attendance`; a blank one
    /// says nothing and deletes nothing.
    file: Upload,
    /// Id of the course.
    course_id: i64,
    /// `dry_run` (default) reports what would happen and changes nothing; `apply` does it.
    mode: Option<ImportMode>,
    /// How the file is laid out; default `auto`.
    layout: Option<GradeLayout>,
}

#[OpenApi(prefix_path = "/imports", tag = "Tag::Imports")]
impl GradeImportsApi {
    /// Import the grades of a course from a file
    ///
    /// For the course's teacher and institution admins. Answers at once; a worker reads the file. Every record ends as exactly one of
    /// created (filled empty cells only), updated (changed a mark), unchanged, and rejected; a record is rejected as a whole when one
    /// of its cells is wrong.
    #[oai(path = "/grades", method = "post", operation_id = "importGrades")]
    async fn grades(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        form: GradeImportForm,
    ) -> Result<Accepted, WriteProblem> {
        let actor = &user.0.actor;
        actor.require_staff()?;
        refuse_empty(&form.file)?;
        let order = GradeImportOrder {
            course_id: CourseId(form.course_id),
            mode: form.mode.unwrap_or(ImportMode::DryRun).into(),
            layout: form.layout.unwrap_or(GradeLayout::Auto).into(),
        };
        let file = File {
            name: form.file.file_name().map(str::to_owned),
            content_type: form.file.content_type().map(str::to_owned),
            reader: form.file.into_async_read(),
        };
        let mut work = state.begin(&context).await?;
        let accepted = request::grades(&mut work, actor, order, file).await?;
        Ok(Accepted::commit(&state, &context, work, actor, accepted).await?)
    }
}
