//! Teaching a course again in another semester.

use super::Tag;
use super::answers::Created;
use super::courses::Course;
use super::words::Semester;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::WriteProblem;
use crate::state::AppState;
use acurate_shared::curriculum::courses;
use acurate_shared::ids::{CourseId, UserId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub(super) struct CourseCopiesApi;

/// What becomes of the days on which assessments are due.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
enum DueDates {
    /// They move by the months between the two semesters; day of the month and time of day at the institution stay.
    Shift,
    /// They are to be set anew.
    Clear,
}

/// A copy to be made.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct CourseCopy {
    /// Two years in a row, `2025-2026`.
    academic_year: String,
    /// Part of the year.
    semester: Semester,
    /// 1 to 10 characters; default that of the original.
    section: Option<String>,
    /// 1 to 20 characters; default that of the original.
    code: Option<String>,
    /// 1 to 200 characters; default that of the original.
    title: Option<String>,
    /// An active teacher of the institution; default the original's, if the account is open. A teacher's copy is its own.
    teacher_id: Option<i64>,
    /// What becomes of the days on which assessments are due.
    due_dates: DueDates,
}

impl Example for CourseCopy {
    fn example() -> Self {
        Self {
            academic_year: "2025-2026".to_owned(),
            semester: Semester::Fall,
            section: None,
            code: None,
            title: None,
            teacher_id: Some(12),
            due_dates: DueDates::Shift,
        }
    }
}

#[OpenApi(tag = "Tag::Courses")]
impl CourseCopiesApi {
    /// Copy a course to another semester
    ///
    /// With its outcomes, assessments, weights and feedback ranges, and without students and grades. For teachers and
    /// institution admins; any course of the institution can be copied.
    #[oai(path = "/courses/:id/copy", method = "post", operation_id = "copyCourse")]
    async fn copy(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the original.
        id: Path<i64>,
        body: Json<CourseCopy>,
    ) -> Result<Created<Course>, WriteProblem> {
        let (actor, order) = (&user.0.actor, courses::CopyOrder::from(body.0));
        courses::prepare(state.database.orm(), actor, &order.academic_year).await?;
        let work = state.begin(&context).await?;
        let row = courses::copy(&work, actor, CourseId(id.0), order).await?;
        let location = format!("/api/courses/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }
}

impl From<CourseCopy> for courses::CopyOrder {
    fn from(body: CourseCopy) -> Self {
        Self {
            academic_year: body.academic_year,
            semester: body.semester.into(),
            section: body.section,
            code: body.code,
            title: body.title,
            teacher_id: body.teacher_id.map(UserId),
            due_dates: match body.due_dates {
                DueDates::Shift => courses::DueDates::Shift,
                DueDates::Clear => courses::DueDates::Clear,
            },
        }
    }
}
