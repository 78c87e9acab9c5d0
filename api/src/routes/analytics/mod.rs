//! Analytics: of an institution, of one course, and of one student in one course. Dashboards stand beside, in
//! [`super::dashboards`]; what is computed and how, in `acurate_shared::analytics`.

mod alerts;
pub(super) mod course;
pub(super) mod figures;
mod institution;
pub(super) mod outcome_graph;

use super::Tag;
use super::paging::{PageOf, wanted};
use super::words::Semester;
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::state::AppState;
use acurate_shared::analytics::{
    Filter, alerts as alert_list, at_risk, course_figures, departments, grade_distribution, program_outcome_trend,
};
use acurate_shared::ids::{DepartmentId, ProgramId};
use alerts::{Alert, AlertKind, AlertSeverity};
use figures::{CourseFigures, StudentAtRisk};
use institution::{DepartmentFigures, GradeDistribution, ProgramOutcomeTrend};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

/// The operations about an institution.
#[derive(Debug)]
pub(super) struct AnalyticsApi;

#[OpenApi(prefix_path = "/analytics", tag = "Tag::Analytics")]
impl AnalyticsApi {
    /// List departments with their figures
    ///
    /// By code, for institution admins. Year and part of the year narrow courses and grades, not people and outcomes.
    #[oai(path = "/departments", method = "get", operation_id = "listDepartmentFigures")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn departments(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// This department only.
        department_id: Query<Option<i64>>,
        /// Courses of this year only, as `2024-2025`.
        academic_year: Query<Option<String>>,
        /// Courses of this part of the year only.
        semester: Query<Option<Semester>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<DepartmentFigures>>, ReadProblem> {
        let filter = filter(department_id.0, academic_year.0, semester.0);
        let found = departments::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Read how far the outcomes of a program were reached year by year
    ///
    /// For institution admins. A year's value of a student rests on the courses of that year alone.
    #[oai(path = "/program-outcome-trend", method = "get", operation_id = "getProgramOutcomeTrend")]
    async fn program_outcome_trend(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// A program of the institution.
        program_id: Query<i64>,
    ) -> Result<Json<ProgramOutcomeTrend>, ReadProblem> {
        let found = program_outcome_trend::of(state.database.orm(), &user.0.actor, ProgramId(program_id.0)).await?;
        Ok(Json(found.into()))
    }

    /// Read the distribution of grades
    ///
    /// Of all active courses of the institution or of some, by tenths of the scale and by letter. For institution admins.
    #[oai(path = "/grade-distribution", method = "get", operation_id = "getGradeDistribution")]
    async fn grade_distribution(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Courses of this department only.
        department_id: Query<Option<i64>>,
        /// Courses of this year only, as `2024-2025`.
        academic_year: Query<Option<String>>,
        /// Courses of this part of the year only.
        semester: Query<Option<Semester>>,
    ) -> Result<Json<GradeDistribution>, ReadProblem> {
        let filter = filter(department_id.0, academic_year.0, semester.0);
        let found = grade_distribution::of(state.database.orm(), &user.0.actor, &filter).await?;
        Ok(Json(found.into()))
    }

    /// List courses with their grades and pass rates
    ///
    /// The highest pass rate first unless `sort` says otherwise. All active courses for institution admins, their own for
    /// teachers.
    #[oai(path = "/course-success", method = "get", operation_id = "listCourseSuccess")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn course_success(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Courses of this department only.
        department_id: Query<Option<i64>>,
        /// Courses of this year only, as `2024-2025`.
        academic_year: Query<Option<String>>,
        /// Courses of this part of the year only.
        semester: Query<Option<Semester>>,
        /// `pass_rate`, `average`, `outcome_mean`, `students`, `academic_year`, `code`, `title`, several with commas,
        /// descending with a leading minus. Courses without a value come last in either direction.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<CourseFigures>>, ReadProblem> {
        let filter = filter(department_id.0, academic_year.0, semester.0);
        let (database, request) = (state.database.orm(), wanted(page.0, page_size.0));
        let found = course_figures::list(database, &user.0.actor, &filter, sort.0.as_deref(), request).await?;
        Ok(Json(found.into()))
    }

    /// List alerts
    ///
    /// Outcomes below target, courses below the pass rate, students at risk: critical ones first, then by kind, then the
    /// furthest from the threshold. For institution admins; see the academic policy for the thresholds.
    #[oai(path = "/alerts", method = "get", operation_id = "listAlerts")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn alerts(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// About this only.
        kind: Query<Option<AlertKind>>,
        /// Of this severity only.
        severity: Query<Option<AlertSeverity>>,
        /// Courses of this department only.
        department_id: Query<Option<i64>>,
        /// Courses of this year, as `2024-2025`; default: the newest in which anybody takes a course.
        academic_year: Query<Option<String>>,
        /// Courses of this part of the year only.
        semester: Query<Option<Semester>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Alert>>, ReadProblem> {
        let filter = alert_list::AlertFilter {
            courses: filter(department_id.0, academic_year.0, semester.0),
            kind: kind.0.map(Into::into),
            severity: severity.0.map(Into::into),
        };
        let found = alert_list::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// List students at risk
    ///
    /// Most reasons first, then the lowest grade; once for each course. Of the institution for its admins, of their own courses
    /// for teachers.
    #[oai(path = "/students-at-risk", method = "get", operation_id = "listStudentsAtRisk")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn students_at_risk(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Courses of this department only.
        department_id: Query<Option<i64>>,
        /// Courses of this year, as `2024-2025`; default: the newest in which anybody takes one of the courses.
        academic_year: Query<Option<String>>,
        /// Courses of this part of the year only.
        semester: Query<Option<Semester>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<StudentAtRisk>>, ReadProblem> {
        let filter = filter(department_id.0, academic_year.0, semester.0);
        let found = at_risk::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }
}

fn filter(department_id: Option<i64>, academic_year: Option<String>, semester: Option<Semester>) -> Filter {
    Filter {
        department_id: department_id.map(DepartmentId),
        academic_year,
        semester: semester.map(Into::into),
    }
}
