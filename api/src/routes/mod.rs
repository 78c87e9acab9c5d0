//! All operations, by resource. Each file: its request and response types, then its handlers.

mod academic_policy;
pub mod account;
pub mod achievements;
pub mod activity;
mod analytics;
pub mod answers;
pub mod assessments;
pub mod auth;
pub mod contact_requests;
mod course_copies;
pub mod courses;
mod dashboards;
pub mod departments;
pub mod enrollments;
pub mod grade_exports;
pub mod grades;
mod grading_schemes;
pub mod health;
pub mod imports;
pub mod institution;
pub mod institutions;
pub mod jobs;
pub mod learning_outcomes;
pub mod mails;
pub mod mappings;
mod matrices;
mod numbers;
mod offerings;
mod outcomes;
pub mod paging;
pub mod partial;
pub mod passwords;
pub mod pictures;
pub mod program_outcomes;
pub mod programs;
pub mod queues;
pub mod sign_ins;
pub mod students;
pub mod teachers;
pub mod versions;
pub mod welcome_mails;
pub mod words;
pub mod workers;

use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService, Tags};

/// Groups of operations in the document.
#[derive(Clone, Copy, Debug, Tags)]
pub enum Tag {
    /// Whether the server is alive and ready.
    Health,
    /// Signing in and out, passwords, the own account.
    Auth,
    /// Tenants and their administrators; for the owner of the platform. The own institution.
    Institutions,
    /// Contact requests, the log of what was done.
    Platform,
    /// Teachers and students.
    People,
    /// Departments, programs and their outcomes.
    Programs,
    /// Courses, learning outcomes, assessments, mappings, enrollments.
    Courses,
    /// Grades.
    Grades,
    /// Learning and program outcomes reached by students.
    Achievements,
    /// What each role sees first.
    Dashboards,
    /// Figures of institutions, courses and outcomes; grading schemes and thresholds behind them.
    Analytics,
    /// Bulk imports.
    Imports,
    /// Background work and its progress: following and steering it, its queues and workers.
    Jobs,
    /// What became of mails, and addresses that get none.
    Mail,
}

/// Every operation of the API.
#[must_use]
pub fn all() -> impl OpenApi {
    (
        health::HealthApi,
        accounts(),
        platform(),
        curriculum(),
        results(),
        figures(),
        background(),
    )
}

/// Sign-in, the own account, people.
fn accounts() -> impl OpenApi {
    (
        auth::AuthApi,
        passwords::PasswordsApi,
        sign_ins::SignInsApi,
        account::AccountApi,
        pictures::PicturesApi,
        teachers::TeachersApi,
        students::StudentsApi,
        welcome_mails::WelcomeMailsApi,
    )
}

/// Institutions, contact requests, the activity log.
fn platform() -> impl OpenApi {
    (
        institutions::InstitutionsApi,
        institutions::AdministratorsApi,
        institution::OwnInstitutionApi,
        contact_requests::ContactRequestsApi,
        activity::ActivityApi,
    )
}

/// What is taught.
fn curriculum() -> impl OpenApi {
    (
        (departments::DepartmentsApi, offerings::OfferingsApi),
        programs::ProgramsApi,
        program_outcomes::ProgramOutcomesApi,
        (courses::CoursesApi, course_copies::CourseCopiesApi),
        learning_outcomes::LearningOutcomesApi,
        assessments::AssessmentsApi,
        (mappings::MappingsApi, matrices::MatricesApi),
        enrollments::EnrollmentsApi,
    )
}

/// What is reached.
fn results() -> impl OpenApi {
    (grades::GradesApi, grade_exports::GradeExportsApi, achievements::AchievementsApi)
}

/// What results say.
fn figures() -> impl OpenApi {
    (
        dashboards::DashboardsApi,
        analytics::AnalyticsApi,
        analytics::course::CourseAnalyticsApi,
        analytics::outcome_graph::OutcomeGraphApi,
        grading_schemes::GradingSchemesApi,
        academic_policy::AcademicPolicyApi,
    )
}

/// Imports, jobs and mails.
fn background() -> impl OpenApi {
    (
        imports::ImportsApi,
        imports::grades::GradeImportsApi,
        imports::control::ImportControlApi,
        imports::templates::ImportTemplatesApi,
        (jobs::JobsApi, jobs::control::JobControlApi),
        (queues::QueuesApi, workers::WorkersApi),
        mails::MailsApi,
    )
}

/// The service that routes requests and describes itself.
#[must_use]
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(all(), "AcuRate API", env!("CARGO_PKG_VERSION"))
        .description("Outcome-based education: institutions, courses, grades, and how far each outcome is reached.")
        .contact(ContactObject::new().name("AcuRate"))
        .license(LicenseObject::new("MIT").url("https://opensource.org/license/mit"))
        .server("/api")
}
