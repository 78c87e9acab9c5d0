//! What would go with an institution, counted before anybody decides.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::InstitutionId;
use crate::kinds::Role;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How many rows of what an institution has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Contents {
    /// Its administrators.
    pub administrators: i64,
    /// Its teachers.
    pub teachers: i64,
    /// Its students.
    pub students: i64,
    /// Its departments.
    pub departments: i64,
    /// Its programs.
    pub programs: i64,
    /// What the programs promise.
    pub program_outcomes: i64,
    /// Its courses.
    pub courses: i64,
    /// What the courses teach.
    pub learning_outcomes: i64,
    /// The courses' assessments.
    pub assessments: i64,
    /// Students in courses.
    pub enrollments: i64,
    /// Cells of the grade books.
    pub grades: i64,
    /// Computed outcomes of students, of courses and of programs.
    pub achievements: i64,
    /// Imports.
    pub imports: i64,
    /// Records that imports rejected, fault by fault.
    pub import_errors: i64,
    /// Uploaded files.
    pub files: i64,
    /// What is known of mails.
    pub mails: i64,
    /// Jobs, of the past and waiting.
    pub jobs: i64,
}

impl Contents {
    /// All of it: what the progress of the deletion counts up to.
    #[must_use]
    pub fn total(&self) -> i64 {
        [
            self.administrators,
            self.teachers,
            self.students,
            self.departments,
            self.programs,
            self.program_outcomes,
            self.courses,
            self.learning_outcomes,
            self.assessments,
            self.enrollments,
            self.grades,
            self.achievements,
            self.imports,
            self.import_errors,
            self.files,
            self.mails,
            self.jobs,
        ]
        .iter()
        .sum()
    }
}

const COUNT: &str = "
    SELECT
        (SELECT count(*) FROM users WHERE institution_id = i.id AND role = 'institution_admin') AS administrators,
        (SELECT count(*) FROM users WHERE institution_id = i.id AND role = 'teacher') AS teachers,
        (SELECT count(*) FROM users WHERE institution_id = i.id AND role = 'student') AS students,
        (SELECT count(*) FROM departments WHERE institution_id = i.id) AS departments,
        (SELECT count(*) FROM programs WHERE institution_id = i.id) AS programs,
        (SELECT count(*) FROM program_outcomes WHERE institution_id = i.id) AS program_outcomes,
        (SELECT count(*) FROM courses WHERE institution_id = i.id) AS courses,
        (SELECT count(*) FROM learning_outcomes WHERE institution_id = i.id) AS learning_outcomes,
        (SELECT count(*) FROM assessments t JOIN courses c ON c.id = t.course_id WHERE c.institution_id = i.id) AS assessments,
        (SELECT count(*) FROM enrollments t JOIN courses c ON c.id = t.course_id WHERE c.institution_id = i.id) AS enrollments,
        (SELECT count(*) FROM grades t JOIN courses c ON c.id = t.course_id WHERE c.institution_id = i.id) AS grades,
        (SELECT count(*) FROM student_lo_achievements t JOIN users u ON u.id = t.student_id WHERE u.institution_id = i.id)
        + (SELECT count(*) FROM student_po_achievements t JOIN users u ON u.id = t.student_id WHERE u.institution_id = i.id)
            AS achievements,
        (SELECT count(*) FROM imports WHERE institution_id = i.id) AS imports,
        (SELECT count(*) FROM import_errors t JOIN imports o ON o.id = t.import_id WHERE o.institution_id = i.id) AS import_errors,
        (SELECT count(*) FROM uploads WHERE institution_id = i.id) AS files,
        (SELECT count(*) FROM email_deliveries WHERE institution_id = i.id) AS mails,
        (SELECT count(*) FROM jobs WHERE institution_id = i.id) AS jobs
    FROM institutions i WHERE i.id = $1";

/// Counts what would go, in one statement; super admins only. Nothing changes.
///
/// # Errors
/// `Forbidden`; `NotFound`.
pub async fn contents(db: &impl ConnectionTrait, actor: &Actor, id: InstitutionId) -> Result<Contents> {
    actor.require(&[Role::SuperAdmin])?;
    let counted = Contents::find_by_statement(sql(COUNT, [id.into()])).one(db).await?;
    counted.ok_or(Error::NotFound("institution"))
}
