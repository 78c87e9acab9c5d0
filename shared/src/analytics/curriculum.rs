//! What a department teaches in one academic year, by part of the year.

use super::access;
use super::course_figures::CourseLabel;
use super::reading::{all, snapshot};
use super::scope::{self, SEATS, Scope};
use crate::academic_year::AcademicYear;
use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId};
use crate::kinds::Semester;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, FromQueryResult};
use std::collections::BTreeMap;

/// The curriculum of a department.
#[derive(Clone, Debug, PartialEq)]
pub struct Curriculum {
    /// The department.
    pub department_id: DepartmentId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The year; `None` for a department without courses.
    pub academic_year: Option<AcademicYear>,
    /// Years with active courses of the department, the newest first.
    pub years: Vec<AcademicYear>,
    /// Its parts, in their order, as far as there are courses.
    pub terms: Vec<CurriculumTerm>,
}

impl Curriculum {
    /// Credits of the year.
    #[must_use]
    pub fn credits(&self) -> i64 {
        self.terms.iter().map(CurriculumTerm::credits).sum()
    }
}

/// A part of the year.
#[derive(Clone, Debug, PartialEq)]
pub struct CurriculumTerm {
    /// Which.
    pub semester: Semester,
    /// Its courses by code and section.
    pub courses: Vec<TaughtCourse>,
}

impl CurriculumTerm {
    /// Credits of the courses; sections of one code count once.
    #[must_use]
    pub fn credits(&self) -> i64 {
        let by_code: BTreeMap<&str, i16> = self
            .courses
            .iter()
            .map(|taught| (taught.course.code.as_str(), taught.course.credits))
            .collect();
        by_code.values().copied().map(i64::from).sum()
    }
}

/// A course of the curriculum.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct TaughtCourse {
    /// Which.
    #[sea_orm(nested)]
    pub course: CourseLabel,
    /// Active enrollments.
    pub students: i64,
}

#[derive(FromQueryResult)]
struct Department {
    code: String,
    name: String,
}

/// The curriculum of a department in the given year, or in the newest one with courses of it; for administrators and teachers.
///
/// # Errors
/// `Forbidden` for everybody else; `Invalid` for an impossible year; `NotFound`, also for another institution's department.
pub async fn of(db: &DatabaseConnection, actor: &Actor, id: DepartmentId, academic_year: Option<&str>) -> Result<Curriculum> {
    let institution_id = access::staff(actor)?;
    let wanted = scope::year(academic_year)?;
    let snapshot = snapshot(db).await?;
    let department = department(&snapshot, institution_id, id).await?;
    let years = years(&snapshot, institution_id, id).await?;
    let academic_year = wanted.or_else(|| years.first().copied());
    let scope = Scope {
        departments: Some(vec![id]),
        academic_year,
        ..Scope::of(institution_id)
    };
    let terms = terms(&snapshot, &scope).await?;
    snapshot.commit().await?;
    Ok(Curriculum {
        department_id: id,
        code: department.code,
        name: department.name,
        academic_year,
        years,
        terms,
    })
}

async fn department(db: &DatabaseTransaction, institution_id: InstitutionId, id: DepartmentId) -> Result<Department> {
    let select = "SELECT code, name FROM departments WHERE institution_id = $1 AND id = $2";
    let found = Department::find_by_statement(sql(select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    found.ok_or(Error::NotFound("department"))
}

async fn years(db: &DatabaseTransaction, institution_id: InstitutionId, id: DepartmentId) -> Result<Vec<AcademicYear>> {
    let select = "
        SELECT DISTINCT academic_year FROM courses WHERE institution_id = $1 AND department_id = $2 AND is_active
        ORDER BY academic_year DESC";
    let rows = db.query_all_raw(sql(select, [institution_id.into(), id.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "academic_year")).collect::<Result<_, _>>()?)
}

async fn terms(db: &DatabaseTransaction, scope: &Scope) -> Result<Vec<CurriculumTerm>> {
    let select = format!(
        "{SEATS}
        SELECT c.*, t.first_name || ' ' || t.last_name AS teacher_name,
            COALESCE(n.students, 0) AS students
        FROM scope c
        LEFT JOIN users t ON t.id = c.teacher_id
        LEFT JOIN (SELECT course_id, count(*) AS students FROM seat GROUP BY course_id) n ON n.course_id = c.course_id
        ORDER BY c.term, c.code, c.section, c.course_id"
    );
    let mut terms: Vec<CurriculumTerm> = Vec::new();
    for taught in all::<TaughtCourse>(db, sql(&select, scope.values())).await? {
        match terms.last_mut() {
            Some(term) if term.semester == taught.course.semester => term.courses.push(taught),
            _ => terms.push(CurriculumTerm {
                semester: taught.course.semester,
                courses: vec![taught],
            }),
        }
    }
    Ok(terms)
}
