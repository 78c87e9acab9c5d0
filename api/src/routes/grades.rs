//! The grade book of a course: many cells at once, one cell, and reading it.

use super::Tag;
use super::answers::NoContent;
use super::numbers::number;
use super::paging::{PageOf, wanted};
use super::words::GradeStatus;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::entity::grade;
use acurate_shared::grading::{self, list, single};
use acurate_shared::ids::{AssessmentId, CourseId, UserId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct GradesApi;

/// What to put into one cell: exactly one of `score` and `status`.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct GradeEntry {
    /// From 0 to the assessment's maximum, at most two decimal places. Zero is a mark.
    score: Option<f64>,
    /// Why there is no score: `absent`, `excused` or `non_attendance`.
    status: Option<GradeStatus>,
    /// Words for the student, at most 5000 characters. Absent: those that a person wrote stay, else the words of the assessment's
    /// range are filled in and follow it; empty: there are none.
    feedback: Option<String>,
}

impl poem_openapi::types::Example for GradeEntry {
    fn example() -> Self {
        Self {
            score: Some(72.5),
            status: None,
            feedback: Some("Good structure; the last proof is incomplete.".to_owned()),
        }
    }
}

/// One cell of a request: exactly one of `student_id` and `student_number`, and exactly one of `score`, `status` and `clear`.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields)]
struct CellEntry {
    /// An active assessment of the course.
    assessment_id: i64,
    /// A student who is actively enrolled.
    student_id: Option<i64>,
    /// The same by number; leading zeros count.
    student_number: Option<String>,
    /// From 0 to the assessment's maximum, at most two decimal places. Zero is a mark.
    score: Option<f64>,
    /// Why there is no score: `absent`, `excused` or `non_attendance`.
    status: Option<GradeStatus>,
    /// `true` empties the cell: not graded.
    clear: Option<bool>,
    /// Words for the student, at most 5000 characters. Absent: those that a person wrote stay, else the words of the assessment's
    /// range are filled in and follow it; empty: there are none.
    feedback: Option<String>,
}

/// Cells to put.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct CellEntries {
    /// 1 to 5000 cells, each place at most once.
    cells: Vec<CellEntry>,
}

impl poem_openapi::types::Example for CellEntries {
    fn example() -> Self {
        let cell = |student_number: &str, score, status| CellEntry {
            assessment_id: 7,
            student_id: None,
            student_number: Some(student_number.to_owned()),
            score,
            status,
            clear: None,
            feedback: None,
        };
        Self {
            cells: vec![
                cell("20240001", Some(87.5), None),
                cell("20240002", None, Some(GradeStatus::Absent)),
            ],
        }
    }
}

/// What became of the cells; the first four add up to their number.
#[derive(Clone, Copy, Debug, Object)]
struct CellCounts {
    /// Were empty.
    created: u64,
    /// Held something else.
    updated: u64,
    /// Held this already, or were to be cleared and were empty.
    unchanged: u64,
    /// Were emptied.
    cleared: u64,
    /// Students whose outcomes are computed anew.
    students_marked: u64,
}

/// A cell that is not empty.
#[derive(Clone, Debug, Object)]
struct Grade {
    /// The student.
    student_id: i64,
    /// The assessment.
    assessment_id: i64,
    /// Whether there is a score, and if not, why.
    status: GradeStatus,
    /// From 0 to the assessment's maximum.
    score: Option<f64>,
    /// Words for the student.
    feedback: Option<String>,
    /// Nobody wrote words: they are those of the assessment's feedback range, if one matches, and follow it.
    feedback_by_range: bool,
    /// Who wrote it last.
    graded_by: Option<i64>,
    /// When.
    graded_at: DateTime<Utc>,
    /// Rises with each change.
    version: i32,
}

/// A student's line of the grade book.
#[derive(Clone, Debug, Object)]
struct GradeLine {
    /// The student.
    student_id: i64,
    /// Its number.
    student_number: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Whether the enrollment still counts; the marks stay either way.
    is_active: bool,
    /// Its cells by assessment; an assessment that is not graded yet is not among them.
    grades: Vec<Grade>,
}

#[OpenApi(tag = "Tag::Grades")]
impl GradesApi {
    /// Put many grades of a course
    ///
    /// All or none: when a cell is wrong, nothing is written and every wrong one is named, as `cells[17].score`.
    /// For the course's teacher and administrators.
    #[oai(path = "/courses/:id/grades", method = "put", operation_id = "putGrades")]
    async fn put_many(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<CellEntries>,
    ) -> Result<Json<CellCounts>, WriteProblem> {
        let cells: Vec<_> = body.0.cells.into_iter().map(grading::NewCell::from).collect();
        let mut work = state.begin(&context).await?;
        let written = grading::put(&mut work, &user.0.actor, CourseId(id.0), &cells).await?;
        state.commit(work).await?;
        Ok(Json(written.into()))
    }

    /// Read the grade book of a course
    ///
    /// By pages of students, in the order of their numbers. A student reads the own line only.
    #[oai(path = "/courses/:id/grades", method = "get", operation_id = "listGrades")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// Cells of this assessment only.
        assessment_id: Query<Option<i64>>,
        /// This student only.
        student_id: Query<Option<i64>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// Students a page, 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<GradeLine>>, ReadProblem> {
        let filter = list::Filter {
            assessment_id: assessment_id.0.map(AssessmentId),
            student_id: student_id.0.map(UserId),
        };
        let request = wanted(page.0, page_size.0);
        let found = list::list(state.database.orm(), &user.0.actor, CourseId(id.0), filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Put one grade
    ///
    /// For the course's teacher and administrators.
    #[oai(path = "/assessments/:id/grades/:student_id", method = "put", operation_id = "putGrade")]
    async fn put_one(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
        /// Id of the student.
        student_id: Path<i64>,
        body: Json<GradeEntry>,
    ) -> Result<Json<Grade>, WriteProblem> {
        let (assessment, student) = (AssessmentId(id.0), UserId(student_id.0));
        let mut work = state.begin(&context).await?;
        let grade = single::put(&mut work, &user.0.actor, assessment, student, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Json(grade.into()))
    }

    /// Clear one grade
    ///
    /// The cell is empty afterwards: not graded, which is not zero.
    #[oai(path = "/assessments/:id/grades/:student_id", method = "delete", operation_id = "clearGrade")]
    async fn clear_one(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
        /// Id of the student.
        student_id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let mut work = state.begin(&context).await?;
        single::clear(&mut work, &user.0.actor, AssessmentId(id.0), UserId(student_id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<GradeEntry> for grading::Entry {
    fn from(body: GradeEntry) -> Self {
        Self {
            score: body.score,
            status: body.status.map(Into::into),
            clear: false,
            feedback: body.feedback,
        }
    }
}

impl From<CellEntry> for grading::NewCell {
    fn from(cell: CellEntry) -> Self {
        Self {
            assessment_id: AssessmentId(cell.assessment_id),
            student_id: cell.student_id.map(UserId),
            student_number: cell.student_number,
            entry: grading::Entry {
                score: cell.score,
                status: cell.status.map(Into::into),
                clear: cell.clear.unwrap_or(false),
                feedback: cell.feedback,
            },
        }
    }
}

impl From<grading::Written> for CellCounts {
    fn from(written: grading::Written) -> Self {
        Self {
            created: written.created as u64,
            updated: written.updated as u64,
            unchanged: written.unchanged as u64,
            cleared: written.cleared as u64,
            students_marked: written.students_marked as u64,
        }
    }
}

impl From<grade::Model> for Grade {
    fn from(row: grade::Model) -> Self {
        Self {
            student_id: row.student_id.0,
            assessment_id: row.assessment_id.0,
            status: row.status.into(),
            score: row.score.map(number),
            feedback: row.feedback,
            feedback_by_range: row.feedback_by_range,
            graded_by: row.graded_by.map(|id| id.0),
            graded_at: row.graded_at,
            version: row.version,
        }
    }
}

impl From<list::Grade> for Grade {
    fn from(row: list::Grade) -> Self {
        Self {
            student_id: row.student_id.0,
            assessment_id: row.assessment_id.0,
            status: row.status.into(),
            score: row.score.map(number),
            feedback: row.feedback,
            feedback_by_range: row.feedback_by_range,
            graded_by: row.graded_by.map(|id| id.0),
            graded_at: row.graded_at,
            version: row.version,
        }
    }
}

impl From<list::Line> for GradeLine {
    fn from(line: list::Line) -> Self {
        Self {
            student_id: line.student.student_id.0,
            student_number: line.student.student_number,
            first_name: line.student.first_name,
            last_name: line.student.last_name,
            is_active: line.student.is_active,
            grades: line.grades.into_iter().map(Grade::from).collect(),
        }
    }
}
