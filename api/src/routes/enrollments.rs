//! Students in courses.

use super::Tag;
use super::answers::Created;
use super::paging::{PageOf, wanted};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::enrollments;
use acurate_shared::ids::{CourseId, EnrollmentId, UserId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct EnrollmentsApi;

/// A student to be enrolled.
#[derive(Debug, Object)]
struct NewEnrollment {
    /// An active student of the institution.
    student_id: i64,
}

/// Students to be enrolled.
#[derive(Debug, Object)]
struct StudentNumbers {
    /// 1 to 5000 numbers of active students; leading zeros count.
    student_numbers: Vec<String>,
}

/// What became of the students.
#[derive(Debug, Object)]
struct BulkEnrolled {
    /// Newly enrolled.
    enrolled: u64,
    /// Enrolled before, and now active again.
    reactivated: u64,
    /// Active already.
    already_enrolled: u64,
}

/// What changes.
#[derive(Debug, Object)]
struct EnrollmentChange {
    /// `false` takes the course out of the student's program outcomes; the marks stay.
    is_active: bool,
}

/// A student in a course.
#[derive(Debug, Object)]
struct Enrollment {
    /// Its id.
    id: i64,
    /// The course.
    course_id: i64,
    /// The student.
    student_id: i64,
    /// The student's number.
    student_number: String,
    /// The student's given names.
    first_name: String,
    /// The student's family name.
    last_name: String,
    /// Whether the student takes the course now.
    is_active: bool,
    /// Since when.
    enrolled_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(tag = "Tag::Courses")]
impl EnrollmentsApi {
    /// Enroll a student
    ///
    /// For institution admins and the course's teacher.
    #[oai(path = "/courses/:id/enrollments", method = "post", operation_id = "createEnrollment")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<NewEnrollment>,
    ) -> Result<Created<Enrollment>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let enrollment = enrollments::enroll(&mut work, &user.0.actor, CourseId(id.0), UserId(body.0.student_id)).await?;
        state.commit(work).await?;
        Ok(Created::at(format!("/api/courses/{}/enrollments", id.0), enrollment))
    }

    /// Enroll students by number
    ///
    /// All or nothing: each unknown number is named. For institution admins and the course's teacher.
    #[oai(path = "/courses/:id/enrollments/bulk", method = "post", operation_id = "enrollStudents")]
    async fn enroll(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<StudentNumbers>,
    ) -> Result<Json<BulkEnrolled>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let enrolled = enrollments::enroll_numbers(&mut work, &user.0.actor, CourseId(id.0), &body.0.student_numbers).await?;
        state.commit(work).await?;
        Ok(Json(BulkEnrolled {
            enrolled: enrolled.enrolled as u64,
            reactivated: enrolled.reactivated as u64,
            already_enrolled: enrolled.already_enrolled as u64,
        }))
    }

    /// List the students of a course
    ///
    /// For institution admins and teachers.
    #[oai(path = "/courses/:id/enrollments", method = "get", operation_id = "listEnrollments")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// Only those who take it now, or only those who left.
        is_active: Query<Option<bool>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Enrollment>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let found = enrollments::list(state.database.orm(), &user.0.actor, CourseId(id.0), is_active.0, request).await?;
        Ok(Json(found.into()))
    }

    /// Let a student leave a course, or come back
    ///
    /// For institution admins and the course's teacher.
    #[oai(path = "/enrollments/:id", method = "patch", operation_id = "updateEnrollment")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the enrollment.
        id: Path<i64>,
        body: Json<EnrollmentChange>,
    ) -> Result<Json<Enrollment>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let enrollment = enrollments::set_active(&mut work, &user.0.actor, EnrollmentId(id.0), body.0.is_active).await?;
        state.commit(work).await?;
        Ok(Json(enrollment.into()))
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
            updated_at: row.updated_at,
        }
    }
}
