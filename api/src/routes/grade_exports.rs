//! The grade book of a course as a file.

use super::Tag;
use super::words::{CsvDelimiter, TableFormat, TableLayout};
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::exports::CsvFormat;
use acurate_shared::exports::grades::{Content, GradeTable};
use acurate_shared::ids::CourseId;
use futures::Stream;
use poem::Body;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, OpenApi, ResponseContent};
use std::io;

/// The operations.
#[derive(Debug)]
pub struct GradeExportsApi;

/// A table of grades.
#[derive(ApiResponse)]
enum TableFile {
    /// CSV, UTF-8 with byte-order mark and CRLF, where cells that look like formulas begin with `'`; or an Excel workbook of one
    /// sheet, where student numbers are texts and scores are numbers.
    #[oai(status = 200)]
    Found(
        TableContent,
        /// Name of the file.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

/// A table in the wanted format.
#[derive(ResponseContent)]
enum TableContent {
    #[oai(content_type = "text/csv; charset=utf-8")]
    Csv(Binary<Body>),
    #[oai(content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Workbook(Binary<Body>),
}

/// A table to fill in.
#[derive(ApiResponse)]
enum Template {
    /// CSV, UTF-8 with byte-order mark and CRLF.
    #[oai(status = 200, content_type = "text/csv; charset=utf-8")]
    Found(
        Binary<Body>,
        /// Name of the file.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Grades")]
impl GradeExportsApi {
    /// Export the grade book of a course
    ///
    /// For the course's teacher and institution admins. It has everybody who is or was enrolled and every assessment, and can be
    /// imported as it is: that changes nothing. Marks without a score are codes: `GR`, `MZ`, `DZ` in Turkish institutions; `absent`,
    /// `excused`, `non_attendance` in others. Feedback is in the long layout only.
    #[oai(path = "/courses/:id/grades/export", method = "get", operation_id = "exportGrades")]
    async fn export(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// Default `csv`.
        format: Query<Option<TableFormat>>,
        /// Default `wide`.
        layout: Query<Option<TableLayout>>,
        /// Of CSV. Default: semicolon, with decimal commas, in Turkish institutions; comma in others. Beside commas the decimal mark
        /// is a point.
        delimiter: Query<Option<CsvDelimiter>>,
    ) -> Result<TableFile, ReadProblem> {
        let content = match layout.0.unwrap_or(TableLayout::Wide) {
            TableLayout::Wide => Content::Wide,
            TableLayout::Long => Content::Long,
        };
        let table = GradeTable::open(state.database.orm(), &user.0.actor, CourseId(id.0), content).await?;
        let name = format!("course-{}-grades", id.0);
        match format.0.unwrap_or(TableFormat::Csv) {
            TableFormat::Csv => {
                let body = csv(&state, table, delimiter.0);
                Ok(TableFile::Found(TableContent::Csv(Binary(body)), attachment(&name, "csv")))
            }
            TableFormat::Xlsx => {
                let file = table.workbook(state.database.orm()).await?;
                let body = Body::from_async_read(tokio::fs::File::from_std(file));
                Ok(TableFile::Found(TableContent::Workbook(Binary(body)), attachment(&name, "xlsx")))
            }
        }
    }

    /// Get a file of a course's students to fill grades in
    ///
    /// For the course's teacher and institution admins. It has the active enrollments and assessments and blank cells, as CSV in the
    /// wide layout.
    #[oai(path = "/courses/:id/grades/template", method = "get", operation_id = "getGradeTemplate")]
    async fn template(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// Default: semicolon in Turkish institutions, comma in others.
        delimiter: Query<Option<CsvDelimiter>>,
    ) -> Result<Template, ReadProblem> {
        let table = GradeTable::open(state.database.orm(), &user.0.actor, CourseId(id.0), Content::Template).await?;
        let name = format!("course-{}-grades-template", id.0);
        Ok(Template::Found(Binary(csv(&state, table, delimiter.0)), attachment(&name, "csv")))
    }
}

fn csv(state: &AppState, table: GradeTable, delimiter: Option<CsvDelimiter>) -> Body {
    let format = CsvFormat::new(table.locale(), delimiter.map(Into::into));
    Body::from_bytes_stream(lines(state.clone(), table, format))
}

/// A portion of students at a time: memory does not grow with their number.
fn lines(state: AppState, mut table: GradeTable, format: CsvFormat) -> impl Stream<Item = io::Result<bytes::Bytes>> + Send {
    async_stream::try_stream! {
        let mut text = String::from(CsvFormat::BYTE_ORDER_MARK);
        format.line(&table.header(), &mut text);
        yield bytes::Bytes::from(text);
        while let Some(rows) = table.portion(state.database.orm()).await.map_err(io::Error::other)? {
            let mut text = String::new();
            rows.iter().for_each(|row| format.line(row, &mut text));
            yield bytes::Bytes::from(text);
        }
    }
}

fn attachment(name: &str, extension: &str) -> String {
    format!("attachment; filename=\"{name}.{extension}\"")
}
