//! Who is enrolled in a course.

use super::Tag;
use super::answers::{Created, NoContent};
use super::paging::{PageOf, wanted};
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::enrollments;
use acurate_shared::ids::{CourseId, EnrollmentId, UserId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct EnrollmentsApi;

/// A student to be enrolled.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields)]
struct NewEnrollment {
    /// An active student of the institution.
    student_id: i64,
}

/// Students to be enrolled.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct StudentNumbers {
    /// 1 to 5000 numbers of active students of the institution, each once; leading zeros count.
    student_numbers: Vec<String>,
}

impl Example for StudentNumbers {
    fn example() -> Self {
        Self {
            student_numbers: vec!["20240001".to_owned(), "20240002".to_owned()],
        }
    }
}

/// What became of the numbers; the three add up to their count.
#[derive(Clone, Copy, Debug, Object)]
struct EnrollmentCounts {
    /// New ones.
    enrolled: u64,
    /// Former ones that came back.
    reactivated: u64,
    /// Those that were there already.
    already_enrolled: u64,
}

/// Whether a student takes the course.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields)]
struct EnrollmentChange {
    /// `false` takes the course out of the student's results; the grades stay.
    is_active: bool,
}

/// A student in a course.
#[derive(Clone, Debug, Object)]
struct Enrollment {
    /// Its id.
    id: i64,
    /// The course.
    course_id: i64,
    /// The student.
    student_id: i64,
    /// Number of the student.
    student_number: String,
    /// Given names.
    first_name: String,
    /// Family name.
    last_name: String,
    /// Whether the student takes the course.
    is_active: bool,
    /// When the student first came.
    enrolled_at: DateTime<Utc>,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(tag = "Tag::Courses")]
impl EnrollmentsApi {
    /// Enroll a student
    ///
    /// Brings a former enrollment back where there is one. For the course's teacher and administrators.
    #[oai(path = "/courses/:id/enrollments", method = "post", operation_id = "createEnrollment")]
    async fn enroll(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<NewEnrollment>,
    ) -> Result<Created<Enrollment>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let row = enrollments::enroll(&mut work, &user.0.actor, CourseId(id.0), UserId(body.0.student_id)).await?;
        let location = format!("/api/enrollments/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// Enroll many students by number
    ///
    /// All or none: when a number is wrong, nobody is enrolled and every wrong one is named, as `student_numbers[17]`.
    /// For the course's teacher and administrators.
    #[oai(path = "/courses/:id/enrollments/bulk", method = "post", operation_id = "enrollStudents")]
    async fn enroll_many(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<StudentNumbers>,
    ) -> Result<Json<EnrollmentCounts>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let counts = enrollments::enroll_numbers(&mut work, &user.0.actor, CourseId(id.0), &body.0.student_numbers).await?;
        state.commit(work).await?;
        Ok(Json(counts.into()))
    }

    /// List the enrollments of a course
    ///
    /// For teachers and institution admins.
    #[oai(path = "/courses/:id/enrollments", method = "get", operation_id = "listEnrollments")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// The beginning of the student's number, or a part of the name.
        search: Query<Option<String>>,
        /// Only active ones, or only former ones.
        is_active: Query<Option<bool>>,
        /// `student_number` (the default), `first_name`, `last_name`, `enrolled_at`, several with commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Enrollment>>, ReadProblem> {
        let filter = enrollments::EnrollmentFilter {
            search: search.0,
            is_active: is_active.0,
            sort: sort.0,
        };
        let request = wanted(page.0, page_size.0);
        let found = enrollments::list(state.database.orm(), &user.0.actor, CourseId(id.0), &filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Get an enrollment
    ///
    /// For teachers and institution admins.
    #[oai(path = "/enrollments/:id", method = "get", operation_id = "getEnrollment")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the enrollment.
        id: Path<i64>,
    ) -> Result<Versioned<Enrollment>, ReadProblem> {
        let row = enrollments::find(state.database.orm(), &user.0.actor, EnrollmentId(id.0)).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// End an enrollment or bring it back
    ///
    /// For the course's teacher and administrators. The student's outcomes are computed anew.
    #[oai(path = "/enrollments/:id", method = "patch", operation_id = "updateEnrollment")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the enrollment.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<EnrollmentChange>,
    ) -> Result<Versioned<Enrollment>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let mut work = state.begin(&context).await?;
        let row = enrollments::set_active(&mut work, &user.0.actor, EnrollmentId(id.0), &expected, body.0.is_active).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete an enrollment
    ///
    /// For the course's teacher and administrators, while the student has no grades in the course; later it is ended instead. The
    /// student's outcomes are computed anew.
    #[oai(path = "/enrollments/:id", method = "delete", operation_id = "deleteEnrollment")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the enrollment.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let mut work = state.begin(&context).await?;
        enrollments::delete(&mut work, &user.0.actor, EnrollmentId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<enrollments::BulkEnrolled> for EnrollmentCounts {
    fn from(counts: enrollments::BulkEnrolled) -> Self {
        Self {
            enrolled: counts.enrolled as u64,
            reactivated: counts.reactivated as u64,
            already_enrolled: counts.already_enrolled as u64,
        }
    }
}

impl From<enrollments::Enrollment> for Enrollment {
    fn from(row: enrollments::Enrollment) -> Self {
        Self {
            id: row.id.0,
            course_id: row.course_id.0,
            student_id: row.student_id.0,
            student_number: row.student_number,
            first_name: row.first_name,
            last_name: row.last_name,
            is_active: row.is_active,
            enrolled_at: row.enrolled_at,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}
