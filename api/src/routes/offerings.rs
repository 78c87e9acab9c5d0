//! What a department offered, by academic year and semester.

use super::Tag;
use super::paging::{PageOf, wanted};
use super::words::Semester;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::curriculum::offerings;
use acurate_shared::ids::{DepartmentId, ProgramId};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub(super) struct OfferingsApi;

/// Courses of one academic year.
#[derive(Clone, Debug, Object)]
struct OfferedYear {
    /// The year, `2024-2025`.
    academic_year: String,
    /// Its semesters in their order; those without courses are left out.
    semesters: Vec<OfferedSemester>,
}

/// Courses of one semester.
#[derive(Clone, Debug, Object)]
struct OfferedSemester {
    /// Part of the year.
    semester: Semester,
    /// Credits of its active courses; a course that is taught in several sections counts once.
    credits: i32,
    /// By code and section, active or not.
    courses: Vec<OfferedCourse>,
}

/// A course as taught.
#[derive(Clone, Debug, Object)]
struct OfferedCourse {
    /// Its id.
    id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// Its section.
    section: String,
    /// 1 to 30.
    credits: i16,
    /// Whether it counts in results.
    is_active: bool,
    /// Its teacher.
    teacher_id: Option<i64>,
    /// Given and family name of the teacher.
    teacher_name: Option<String>,
    /// How many students take it.
    enrollment_count: i64,
}

#[OpenApi(tag = "Tag::Programs")]
impl OfferingsApi {
    /// Read the curriculum of a department
    ///
    /// Its courses by academic year and semester, the newest year first, a page of years at a time. For teachers and
    /// institution admins.
    #[oai(path = "/departments/:id/curriculum", method = "get", operation_id = "getDepartmentCurriculum")]
    async fn of_department(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the department.
        id: Path<i64>,
        /// Only courses with an outcome that serves this program.
        program_id: Query<Option<i64>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// Academic years a page, 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<OfferedYear>>, ReadProblem> {
        let (department, program) = (DepartmentId(id.0), program_id.0.map(ProgramId));
        let request = wanted(page.0, page_size.0);
        let found = offerings::of_department(state.database.orm(), &user.0.actor, department, program, request).await?;
        Ok(Json(found.into()))
    }
}

impl From<offerings::OfferedYear> for OfferedYear {
    fn from(year: offerings::OfferedYear) -> Self {
        Self {
            academic_year: year.academic_year.to_string(),
            semesters: year.semesters.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<offerings::OfferedSemester> for OfferedSemester {
    fn from(part: offerings::OfferedSemester) -> Self {
        Self {
            semester: part.semester.into(),
            credits: part.credits,
            courses: part.courses.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<offerings::OfferedCourse> for OfferedCourse {
    fn from(course: offerings::OfferedCourse) -> Self {
        Self {
            id: course.id.0,
            code: course.code,
            title: course.title,
            section: course.section,
            credits: course.credits,
            is_active: course.is_active,
            teacher_id: course.teacher_id.map(|id| id.0),
            teacher_name: course.teacher_name,
            enrollment_count: course.enrollment_count,
        }
    }
}
