//! Which courses and results a view is about.

use crate::academic_year::AcademicYear;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{CourseId, DepartmentId, InstitutionId, UserId};
use crate::kinds::Semester;
use crate::validation::Checks;
use sea_orm::{ConnectionTrait, Value};

/// What a caller may narrow a view to; everything given must hold. A filter that nothing meets gives an empty view.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Courses of this department.
    pub department_id: Option<DepartmentId>,
    /// Courses of this year, `2024-2025`.
    pub academic_year: Option<String>,
    /// Courses of this part of the year.
    pub semester: Option<Semester>,
}

/// The active courses of one institution that a view is about, and whose results.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) institution_id: InstitutionId,
    pub(super) departments: Option<Vec<DepartmentId>>,
    pub(super) academic_year: Option<AcademicYear>,
    pub(super) semester: Option<Semester>,
    pub(super) teacher_id: Option<UserId>,
    pub(super) courses: Option<Vec<CourseId>>,
    pub(super) student_id: Option<UserId>,
}

/// Parameters that [`Scope::values`] fills; those of a view begin after them.
pub(super) const PARAMETERS: usize = 7;

/// `scope`, the courses, and `seat`, their active enrollments: the beginning of a `WITH` part.
pub(super) const SEATS: &str = "
    WITH scope AS MATERIALIZED (
        SELECT c.id AS course_id, c.institution_id, c.department_id, c.teacher_id, c.code, c.title, c.credits,
            c.academic_year, c.semester, c.section, array_position(ARRAY['fall', 'spring', 'summer'], c.semester) AS term
        FROM courses c
        WHERE c.institution_id = $1 AND c.is_active
            AND ($2::bigint[] IS NULL OR c.department_id = ANY($2))
            AND ($3::smallint IS NULL OR c.academic_year = $3)
            AND ($4::text IS NULL OR c.semester = $4)
            AND ($5::bigint IS NULL OR c.teacher_id = $5)
            AND ($6::bigint[] IS NULL OR c.id = ANY($6))
    ), seat AS MATERIALIZED (
        SELECT e.student_id, s.course_id, s.institution_id, s.academic_year
        FROM scope s JOIN enrollments e ON e.course_id = s.course_id AND e.is_active
        WHERE $7::bigint IS NULL OR e.student_id = $7
    )";

impl Scope {
    /// Everything of an institution.
    pub(super) fn of(institution_id: InstitutionId) -> Self {
        Self {
            institution_id,
            departments: None,
            academic_year: None,
            semester: None,
            teacher_id: None,
            courses: None,
            student_id: None,
        }
    }

    /// What the caller asks for.
    ///
    /// # Errors
    /// `Invalid` for a text that is no academic year.
    pub(super) fn filtered(institution_id: InstitutionId, filter: &Filter) -> Result<Self> {
        Self::checked(Checks::default(), institution_id, filter)
    }

    /// The same, telling of faults that were found before, too.
    ///
    /// # Errors
    /// `Invalid`, naming every fault.
    pub(super) fn checked(mut checks: Checks, institution_id: InstitutionId, filter: &Filter) -> Result<Self> {
        let academic_year = check_year(&mut checks, filter.academic_year.as_deref());
        checks.finish()?;
        Ok(Self {
            departments: filter.department_id.map(|id| vec![id]),
            academic_year,
            semester: filter.semester,
            ..Self::of(institution_id)
        })
    }

    /// The same for the courses of one teacher only; `None` leaves it.
    pub(super) fn taught_by(self, teacher_id: Option<UserId>) -> Self {
        Self { teacher_id, ..self }
    }

    /// Some courses.
    pub(super) fn of_courses(institution_id: InstitutionId, courses: Vec<CourseId>) -> Self {
        Self {
            courses: Some(courses),
            ..Self::of(institution_id)
        }
    }

    /// The same for one student only.
    pub(super) fn taken_by(self, student_id: UserId) -> Self {
        Self {
            student_id: Some(student_id),
            ..self
        }
    }

    /// Narrowed to the newest academic year in which anybody takes one of the courses, where the caller named none.
    /// Without such a year it stays as it is, and holds no result.
    pub(super) async fn in_newest_year(self, db: &impl ConnectionTrait) -> Result<Self> {
        if self.academic_year.is_some() {
            return Ok(self);
        }
        let select = format!("{SEATS} SELECT max(academic_year) AS year FROM seat");
        let row = db.query_one_raw(sql(&select, self.values())).await?;
        let academic_year = row.map(|row| row.try_get("", "year")).transpose()?.flatten();
        Ok(Self { academic_year, ..self })
    }

    /// The parameters of [`SEATS`].
    pub(super) fn values(&self) -> [Value; PARAMETERS] {
        let departments = self.departments.as_ref().map(|ids| ids.iter().map(|id| id.0).collect::<Vec<i64>>());
        let courses = self.courses.as_ref().map(|ids| ids.iter().map(|id| id.0).collect::<Vec<i64>>());
        [
            self.institution_id.into(),
            departments.into(),
            self.academic_year.into(),
            self.semester.map(|semester| semester.as_str().to_owned()).into(),
            self.teacher_id.into(),
            courses.into(),
            self.student_id.into(),
        ]
    }
}

/// Reads an academic year that a caller filters by.
///
/// # Errors
/// `Invalid` for a text that is none.
pub(super) fn year(text: Option<&str>) -> Result<Option<AcademicYear>> {
    let mut checks = Checks::default();
    let year = check_year(&mut checks, text);
    checks.finish()?;
    Ok(year)
}

fn check_year(checks: &mut Checks, text: Option<&str>) -> Option<AcademicYear> {
    match text?.trim().parse() {
        Ok(year) => Some(year),
        Err(fault) => {
            checks.fault("academic_year", "invalid_academic_year", format!("{fault}"));
            None
        }
    }
}
