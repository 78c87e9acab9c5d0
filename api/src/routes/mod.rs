//! All operations, by resource. Each file: its request and response types, then its handlers.

pub mod achievements;
pub mod answers;
pub mod assessments;
pub mod auth;
pub mod courses;
pub mod departments;
pub mod enrollments;
pub mod grades;
pub mod health;
pub mod imports;
pub mod institutions;
pub mod jobs;
pub mod learning_outcomes;
pub mod mappings;
mod numbers;
mod outcomes;
pub mod paging;
pub mod partial;
pub mod program_outcomes;
pub mod programs;
pub mod students;
pub mod teachers;
pub mod versions;
pub mod words;

use poem_openapi::{OpenApi, OpenApiService, Tags};

/// Groups of operations in the document.
#[derive(Clone, Copy, Debug, Tags)]
pub enum Tag {
    /// Whether the server is alive and ready.
    Health,
    /// Signing in and out, passwords, the own account.
    Auth,
    /// Tenants; for the owner of the platform.
    Institutions,
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
    /// Bulk imports.
    Imports,
    /// Background work and its progress.
    Jobs,
}

/// Every operation of the API.
#[must_use]
pub fn all() -> impl OpenApi {
    (health::HealthApi, accounts(), curriculum(), results(), background())
}

/// Sign-in, institutions, people.
fn accounts() -> impl OpenApi {
    (
        auth::AuthApi,
        institutions::InstitutionsApi,
        teachers::TeachersApi,
        students::StudentsApi,
    )
}

/// What is taught.
fn curriculum() -> impl OpenApi {
    (
        departments::DepartmentsApi,
        programs::ProgramsApi,
        program_outcomes::ProgramOutcomesApi,
        courses::CoursesApi,
        learning_outcomes::LearningOutcomesApi,
        assessments::AssessmentsApi,
        mappings::MappingsApi,
        enrollments::EnrollmentsApi,
    )
}

/// What is reached.
fn results() -> impl OpenApi {
    (grades::GradesApi, achievements::AchievementsApi)
}

/// Imports and jobs.
fn background() -> impl OpenApi {
    (imports::ImportsApi, jobs::JobsApi)
}

/// The service that routes requests and describes itself.
#[must_use]
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(all(), "AcuRate API", env!("CARGO_PKG_VERSION"))
        .description("Outcome-based education: institutions, courses, grades, and how far each outcome is reached.")
        .server("/api")
}
