//! What a department offered: its courses by academic year and semester, a page of years at a time; staff only.
//!
//! The year is the course's own and is guessed from no code. A course that is taught in several sections of a semester counts
//! its credits once.

use super::{departments, programs};
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, sql};
use crate::error::{Error, Result};
use crate::ids::{CourseId, DepartmentId, ProgramId, UserId};
use crate::kinds::Semester;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::BTreeMap;

/// Courses of one academic year.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedYear {
    /// The year.
    pub academic_year: AcademicYear,
    /// Its semesters in their order; those without courses are left out.
    pub semesters: Vec<OfferedSemester>,
}

/// Courses of one semester.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedSemester {
    /// Part of the year.
    pub semester: Semester,
    /// Sum over the codes of active courses, each once, whatever the number of its sections.
    pub credits: i32,
    /// By code and section, active or not.
    pub courses: Vec<OfferedCourse>,
}

/// A course as taught.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct OfferedCourse {
    /// Its id.
    pub id: CourseId,
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its section.
    pub section: String,
    /// 1 to 30.
    pub credits: i16,
    /// Whether it counts in results.
    pub is_active: bool,
    /// Its teacher.
    pub teacher_id: Option<UserId>,
    /// Given and family name of the teacher.
    pub teacher_name: Option<String>,
    /// How many students take it.
    pub enrollment_count: i64,
    academic_year: AcademicYear,
    semester: Semester,
}

/// The courses that are meant: of the department `$2` and, where one is named, with an outcome that serves the program `$3`.
const MEANT: &str = "
    c.institution_id = $1 AND c.department_id = $2 AND ($3::bigint IS NULL OR EXISTS (
        SELECT FROM learning_outcomes o
        JOIN lo_po m ON m.learning_outcome_id = o.id
        JOIN program_outcomes p ON p.id = m.program_outcome_id
        WHERE o.course_id = c.id AND p.program_id = $3))";

/// Courses of a department, the newest year first, or of these only the ones that serve outcomes of a program.
///
/// # Errors
/// `Forbidden` for students; `NotFound` for a department or program that is none of the institution.
pub async fn of_department(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: DepartmentId,
    program_id: Option<ProgramId>,
    request: PageRequest,
) -> Result<Page<OfferedYear>> {
    let institution_id = actor.require_staff()?;
    departments::find(db, actor, id).await?;
    if let Some(program_id) = program_id {
        programs::find(db, actor, program_id).await?;
    }
    let values: [Value; 3] = [institution_id.into(), id.into(), program_id.into()];
    let count = format!("SELECT count(DISTINCT c.academic_year) AS total FROM courses c WHERE {MEANT}");
    let total: i64 = match db.query_one_raw(sql(&count, values.clone())).await? {
        Some(row) => row.try_get("", "total")?,
        None => return Err(Error::internal("a count has no row")),
    };
    let select = format!(
        "SELECT c.id, c.code, c.title, c.section, c.credits, c.is_active, c.academic_year, c.semester,
            c.teacher_id, t.first_name || ' ' || t.last_name AS teacher_name,
            (SELECT count(*) FROM enrollments e WHERE e.course_id = c.id AND e.is_active) AS enrollment_count
         FROM courses c LEFT JOIN users t ON t.id = c.teacher_id
         WHERE {MEANT} AND c.academic_year IN (
            SELECT c.academic_year FROM courses c WHERE {MEANT} GROUP BY c.academic_year
            ORDER BY c.academic_year DESC LIMIT $4 OFFSET $5)
         ORDER BY c.code, c.section"
    );
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let courses = OfferedCourse::find_by_statement(sql(&select, values.into_iter().chain(bounds)));
    Ok(Page {
        items: grouped(courses.all(db).await?),
        request,
        total: total.unsigned_abs(),
    })
}

/// By year, the newest first, and semester; within one the order stays.
fn grouped(courses: Vec<OfferedCourse>) -> Vec<OfferedYear> {
    let mut years: BTreeMap<AcademicYear, BTreeMap<Semester, Vec<OfferedCourse>>> = BTreeMap::new();
    for course in courses {
        let semesters = years.entry(course.academic_year).or_default();
        semesters.entry(course.semester).or_default().push(course);
    }
    let semester = |(semester, courses): (Semester, Vec<OfferedCourse>)| OfferedSemester {
        semester,
        credits: credits(&courses),
        courses,
    };
    let year = |(academic_year, semesters): (AcademicYear, BTreeMap<_, _>)| OfferedYear {
        academic_year,
        semesters: semesters.into_iter().map(semester).collect(),
    };
    years.into_iter().rev().map(year).collect()
}

/// Of sections with different credits the highest counts.
fn credits(courses: &[OfferedCourse]) -> i32 {
    let mut by_code: BTreeMap<&str, i16> = BTreeMap::new();
    for course in courses.iter().filter(|course| course.is_active) {
        let credits = by_code.entry(&course.code).or_default();
        *credits = course.credits.max(*credits);
    }
    by_code.into_values().map(i32::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(code: &str, section: &str, credits: i16, year: i16, semester: Semester) -> OfferedCourse {
        OfferedCourse {
            id: CourseId(1),
            code: code.into(),
            title: code.into(),
            section: section.into(),
            credits,
            is_active: true,
            teacher_id: None,
            teacher_name: None,
            enrollment_count: 0,
            academic_year: year.try_into().unwrap(),
            semester,
        }
    }

    #[test]
    fn sections_of_a_course_count_their_credits_once() {
        let mut retired = course("C", "1", 9, 2024, Semester::Fall);
        retired.is_active = false;
        let courses = [
            course("A", "1", 4, 2024, Semester::Fall),
            course("A", "2", 5, 2024, Semester::Fall),
            course("B", "1", 3, 2024, Semester::Fall),
            retired,
        ];
        assert_eq!(credits(&courses), 8);
    }

    #[test]
    fn years_go_backwards_and_semesters_forwards() {
        let years = grouped(vec![
            course("A", "1", 4, 2023, Semester::Spring),
            course("A", "1", 4, 2024, Semester::Summer),
            course("B", "1", 4, 2024, Semester::Fall),
            course("C", "1", 4, 2024, Semester::Summer),
        ]);
        let text = |year: &OfferedYear| {
            let semester = |part: &OfferedSemester| {
                let codes: Vec<_> = part.courses.iter().map(|course| course.code.as_str()).collect();
                format!("{} {}", part.semester, codes.join(" "))
            };
            (year.academic_year.first(), year.semesters.iter().map(semester).collect::<Vec<_>>())
        };
        assert_eq!(
            years.iter().map(text).collect::<Vec<_>>(),
            [
                (2024, vec!["fall B".to_owned(), "summer A C".to_owned()]),
                (2023, vec!["spring A".to_owned()]),
            ]
        );
    }
}
