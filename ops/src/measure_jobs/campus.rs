//! Courses with students in them and marks, made by SQL: what a computation has to work on. Nothing of it is measured.

use super::site::Site;
use crate::failure::Result;
use acurate_shared::ids::{InstitutionId, UserId};

/// Courses that each student takes.
const COURSES: i64 = 5;

/// Assessments of a course.
const ASSESSMENTS: i64 = 6;

/// Learning outcomes of a course; each assessment measures two of them.
const OUTCOMES: i64 = 4;

/// Program outcomes; each learning outcome serves two of them.
const PROGRAM_OUTCOMES: i64 = 10;

/// What there is.
#[derive(Debug)]
pub(crate) struct Campus {
    /// Whose it is.
    pub(crate) institution_id: InstitutionId,
    /// Students that take all courses.
    pub(crate) students: Vec<UserId>,
    /// Assessments, each in one of the courses.
    pub(crate) assessments: Vec<i64>,
}

/// A new institution with nobody in it.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn institution(site: &Site) -> Result<InstitutionId> {
    site.value(
        "INSERT INTO institutions (name) VALUES ('Measurement ' || gen_random_uuid()) RETURNING id",
        [],
    )
    .await
}

/// Makes students who take all courses and have a mark in each assessment.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn found(site: &Site, institution_id: InstitutionId, students: usize) -> Result<Campus> {
    let id = || institution_id.into();
    let program: i64 = site.value(PROGRAM, [id()]).await?;
    site.execute(
        LEARNING,
        [id(), program.into(), COURSES.into(), OUTCOMES.into(), PROGRAM_OUTCOMES.into()],
    )
    .await?;
    site.execute(MEASURING, [id(), ASSESSMENTS.into()]).await?;
    let count = i64::try_from(students).unwrap_or(i64::MAX);
    site.execute(STUDENTS, [id(), program.into(), count.into()]).await?;
    site.execute(ENROLLMENTS, [id()]).await?;
    site.execute(MARKS, [id()]).await?;
    for table in [
        "users",
        "enrollments",
        "grades",
        "assessments",
        "assessment_lo",
        "learning_outcomes",
        "lo_po",
    ] {
        site.execute(&format!("VACUUM (ANALYZE) {table}"), []).await?;
    }
    let students = "SELECT array_agg(id ORDER BY id) FROM users WHERE institution_id = $1 AND role = 'student'";
    let students: Vec<i64> = site.value(students, [id()]).await?;
    let assessments = "SELECT array_agg(id ORDER BY id) FROM assessments WHERE institution_id = $1";
    Ok(Campus {
        institution_id,
        students: students.into_iter().map(UserId).collect(),
        assessments: site.value(assessments, [id()]).await?,
    })
}

const PROGRAM: &str = "
    WITH d AS (INSERT INTO departments (institution_id, code, name) VALUES ($1, 'M', 'Measurement') RETURNING id)
    INSERT INTO programs (institution_id, department_id, code, name) SELECT $1, id, 'M-BSC', 'BSc Measurement' FROM d RETURNING id";

const LEARNING: &str = "
    WITH po AS (
        INSERT INTO program_outcomes (institution_id, program_id, code, title)
        SELECT $1, $2, 'PO' || n, 'Program outcome ' || n FROM generate_series(1, $5) AS n RETURNING id, code
    ), course AS (
        INSERT INTO courses (institution_id, department_id, code, title, credits, academic_year, semester)
        SELECT $1, p.department_id, 'M' || n, 'Course ' || n, 5, (extract(year FROM now()))::smallint, 'fall'
        FROM programs p, generate_series(1, $3) AS n WHERE p.id = $2 RETURNING id, code
    ), outcome AS (
        INSERT INTO learning_outcomes (institution_id, course_id, code, title)
        SELECT $1, course.id, 'LO' || n, 'Learning outcome ' || n FROM course, generate_series(1, $4) AS n RETURNING id, code, course_id
    )
    INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
    SELECT DISTINCT $1, outcome.id, po.id, 1.0
    FROM outcome CROSS JOIN generate_series(0, 1) AS turn
    JOIN po ON po.code = 'PO' || ((outcome.course_id * 3 + substr(outcome.code, 3)::int + turn) % $5 + 1)";

const MEASURING: &str = "
    WITH assessment AS (
        INSERT INTO assessments (institution_id, course_id, academic_year, title, assessment_type, weight, max_score)
        SELECT $1, c.id, c.academic_year, 'Assessment ' || n, 'quiz', 10, 100 FROM courses c, generate_series(1, $2) AS n
        WHERE c.institution_id = $1 RETURNING id, course_id, title
    ), outcome AS (
        SELECT id, course_id, row_number() OVER (PARTITION BY course_id ORDER BY id) - 1 AS place, count(*) OVER (PARTITION BY course_id) AS total
        FROM learning_outcomes WHERE institution_id = $1
    )
    INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
    SELECT a.course_id, a.id, o.id, 1.0 FROM assessment a CROSS JOIN generate_series(0, 1) AS turn
    JOIN outcome o ON o.course_id = a.course_id AND o.place = (substr(a.title, 12)::int + turn) % o.total";

const STUDENTS: &str = "
    INSERT INTO users (institution_id, role, email, first_name, last_name, password_hash, student_number, department_id, program_id)
    SELECT $1, 'student', 's' || n || '@' || gen_random_uuid() || '.example.org', 'Ada', 'Er', '-', lpad(n::text, 8, '0'), p.department_id, p.id
    FROM programs p, generate_series(1, $3) AS n WHERE p.id = $2";

const ENROLLMENTS: &str = "
    INSERT INTO enrollments (institution_id, student_id, course_id)
    SELECT $1, u.id, c.id FROM users u, courses c WHERE u.institution_id = $1 AND u.role = 'student' AND c.institution_id = $1";

const MARKS: &str = "
    INSERT INTO grades (institution_id, academic_year, course_id, student_id, assessment_id, status, score)
    SELECT $1, a.academic_year, a.course_id, e.student_id, a.id, 'scored', (e.student_id * 7 + a.id * 13) % 101
    FROM enrollments e JOIN assessments a ON a.course_id = e.course_id WHERE e.institution_id = $1";
