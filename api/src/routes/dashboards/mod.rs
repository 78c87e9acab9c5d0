//! Dashboards: what each role sees first. Lists and details stand beside, in [`super::analytics`].

mod institution;
mod platform;
mod student;
mod teacher;

use super::Tag;
use super::paging::wanted;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::analytics;
use acurate_shared::ids::UserId;
use institution::InstitutionDashboard;
use platform::PlatformDashboard;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use student::StudentDashboard;
use teacher::TeacherDashboard;

/// The operations.
#[derive(Debug)]
pub(super) struct DashboardsApi;

#[OpenApi(tag = "Tag::Dashboards")]
impl DashboardsApi {
    /// Read the own dashboard as a student
    ///
    /// Courses and grades beside the class, grade point averages, outcomes against their targets. What it says of others is a
    /// mean of at least 5 values.
    #[oai(path = "/dashboards/student", method = "get", operation_id = "getOwnStudentDashboard")]
    async fn student(&self, state: Data<&AppState>, user: SignedIn) -> Result<Json<StudentDashboard>, ReadProblem> {
        let found = analytics::student::own(state.database.orm(), &user.0.actor).await?;
        Ok(Json(found.into()))
    }

    /// Read the dashboard of a student
    ///
    /// The same for institution admins, and for teachers of a course that the student takes; students see the own one.
    #[oai(path = "/students/:id/dashboard", method = "get", operation_id = "getStudentDashboard")]
    async fn of_student(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the student.
        id: Path<i64>,
    ) -> Result<Json<StudentDashboard>, ReadProblem> {
        let found = analytics::student::of_student(state.database.orm(), &user.0.actor, UserId(id.0)).await?;
        Ok(Json(found.into()))
    }

    /// Read the own dashboard as a teacher
    ///
    /// The courses of one academic year, what waits to be graded, and who is at risk.
    #[oai(path = "/dashboards/teacher", method = "get", operation_id = "getTeacherDashboard")]
    async fn teacher(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The year, as `2024-2025`; default: the newest in which anybody takes one of the teacher's courses.
        academic_year: Query<Option<String>>,
    ) -> Result<Json<TeacherDashboard>, ReadProblem> {
        let found = analytics::teacher::own(state.database.orm(), &user.0.actor, academic_year.0.as_deref()).await?;
        Ok(Json(found.into()))
    }

    /// Read the dashboard of the own institution
    ///
    /// Its size, how its newest academic year goes, and how far its program outcomes are reached. For institution admins.
    #[oai(path = "/dashboards/institution", method = "get", operation_id = "getInstitutionDashboard")]
    async fn institution(&self, state: Data<&AppState>, user: SignedIn) -> Result<Json<InstitutionDashboard>, ReadProblem> {
        let found = analytics::institution::own(state.database.orm(), &user.0.actor).await?;
        Ok(Json(found.into()))
    }

    /// Read the dashboard of the platform
    ///
    /// Institutions and their sizes, background work, activity; no grade and no name of a person. For the platform's owner.
    #[oai(path = "/dashboards/platform", method = "get", operation_id = "getPlatformDashboard")]
    async fn platform(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Page of the institutions, from 1.
        page: Query<Option<u64>>,
        /// Institutions a page, 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PlatformDashboard>, ReadProblem> {
        let found = analytics::platform::own(state.database.orm(), &user.0.actor, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }
}
