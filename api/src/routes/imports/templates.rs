//! Empty files to fill in and import.

use super::super::Tag;
use super::super::words::CsvDelimiter;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::exports::templates;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::payload::PlainText;
use poem_openapi::{ApiResponse, OpenApi};

/// The operation.
#[derive(Debug)]
pub struct ImportTemplatesApi;

/// A file of nothing but its header.
#[derive(ApiResponse)]
enum Template {
    /// UTF-8 with byte-order mark.
    #[oai(status = 200, content_type = "text/csv; charset=utf-8")]
    Csv(
        PlainText<String>,
        /// Name of the file.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

#[OpenApi(prefix_path = "/imports/templates", tag = "Tag::Imports")]
impl ImportTemplatesApi {
    /// Get an empty file of students
    ///
    /// For institution admins. It has every column that an import of students reads.
    #[oai(path = "/students", method = "get", operation_id = "getStudentTemplate")]
    async fn students(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Default: semicolon in Turkish institutions, comma in others.
        delimiter: Query<Option<CsvDelimiter>>,
    ) -> Result<Template, ReadProblem> {
        let text = templates::students(state.database.orm(), &user.0.actor, delimiter.0.map(Into::into)).await?;
        Ok(Template::Csv(
            PlainText(text),
            "attachment; filename=\"students-template.csv\"".to_owned(),
        ))
    }
}
