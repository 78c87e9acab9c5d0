//! What would go with an institution, as a dry run of its deletion tells it.

use acurate_shared::platform::deletion;
use poem_openapi::Object;

/// What would go with an institution, in rows.
#[derive(Debug, Object)]
pub(super) struct InstitutionContents {
    /// Its administrators.
    administrators: i64,
    /// Its teachers.
    teachers: i64,
    /// Its students.
    students: i64,
    /// Its departments.
    departments: i64,
    /// Its programs.
    programs: i64,
    /// What the programs promise.
    program_outcomes: i64,
    /// Its courses.
    courses: i64,
    /// What the courses teach.
    learning_outcomes: i64,
    /// The courses' assessments.
    assessments: i64,
    /// Students in courses.
    enrollments: i64,
    /// Cells of the grade books.
    grades: i64,
    /// Computed outcomes of students, of courses and of programs.
    achievements: i64,
    /// Imports.
    imports: i64,
    /// Records that imports rejected, fault by fault.
    import_errors: i64,
    /// Uploaded files.
    files: i64,
    /// What is known of mails.
    mails: i64,
    /// Jobs, of the past and waiting.
    jobs: i64,
    /// All of it: what the progress of the deletion counts up to.
    total: i64,
}

impl From<deletion::Contents> for InstitutionContents {
    fn from(contents: deletion::Contents) -> Self {
        Self {
            administrators: contents.administrators,
            teachers: contents.teachers,
            students: contents.students,
            departments: contents.departments,
            programs: contents.programs,
            program_outcomes: contents.program_outcomes,
            courses: contents.courses,
            learning_outcomes: contents.learning_outcomes,
            assessments: contents.assessments,
            enrollments: contents.enrollments,
            grades: contents.grades,
            achievements: contents.achievements,
            imports: contents.imports,
            import_errors: contents.import_errors,
            files: contents.files,
            mails: contents.mails,
            jobs: contents.jobs,
            total: contents.total(),
        }
    }
}
