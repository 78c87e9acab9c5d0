//! Courses as taught in one semester.

use super::Tag;
use super::answers::Created;
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::versions::{Versioned, expected};
use super::words::Semester;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::courses;
use acurate_shared::entity::course;
use acurate_shared::ids::{CourseId, DepartmentId, UserId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct CoursesApi;

/// A course to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewCourse {
    /// 1 to 20 characters; unique in the institution together with year, semester and section.
    code: String,
    /// 1 to 200 characters.
    title: String,
    /// At most 5000 characters.
    description: Option<String>,
    /// A department of the institution.
    department_id: i64,
    /// An active teacher of the institution. A teacher who makes a course is its teacher.
    teacher_id: Option<i64>,
    /// 1 to 30.
    credits: i16,
    /// Two years in a row, `2024-2025`.
    academic_year: String,
    /// Part of the year.
    semester: Semester,
    /// 1 to 10 characters; default `1`.
    section: Option<String>,
}

impl Example for NewCourse {
    fn example() -> Self {
        Self {
            code: "CENG301".to_owned(),
            title: "Database Systems".to_owned(),
            description: None,
            department_id: 3,
            teacher_id: Some(12),
            credits: 4,
            academic_year: "2024-2025".to_owned(),
            semester: Semester::Fall,
            section: Some("1".to_owned()),
        }
    }
}

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct CourseChange {
    /// As for a new course.
    code: Option<String>,
    /// As for a new course.
    title: Option<String>,
    /// As for a new course.
    description: MaybeUndefined<String>,
    /// As for a new course.
    department_id: Option<i64>,
    /// As for a new course; changed by administrators only.
    teacher_id: MaybeUndefined<i64>,
    /// As for a new course.
    credits: Option<i16>,
    /// As for a new course; stays once there are assessments.
    academic_year: Option<String>,
    /// Stays once there are assessments.
    semester: Option<Semester>,
    /// As for a new course.
    section: Option<String>,
    /// Whether the course counts in results.
    is_active: Option<bool>,
}

/// What belongs to a course, and goes with it.
#[derive(Clone, Copy, Debug, Object)]
struct CourseDeletion {
    /// Whether the course is gone; `false` for a dry run.
    is_deleted: bool,
    /// Learning outcomes.
    learning_outcomes: i64,
    /// Assessments.
    assessments: i64,
    /// Weights between assessments and learning outcomes.
    assessment_weights: i64,
    /// Weights between learning outcomes and program outcomes.
    program_weights: i64,
    /// Enrollments, active and former ones.
    enrollments: i64,
    /// Cells of the grade book. Where there are some, the course stays.
    grades: i64,
}

/// A course.
#[derive(Debug, Object)]
pub(super) struct Course {
    /// Its id.
    id: i64,
    /// Unique together with year, semester and section.
    code: String,
    /// Its title.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// Its department.
    department_id: i64,
    /// Its teacher.
    teacher_id: Option<i64>,
    /// 1 to 30.
    credits: i16,
    /// `2024-2025`.
    academic_year: String,
    /// Part of the year.
    semester: Semester,
    /// Its section.
    section: String,
    /// Whether the course counts in results.
    is_active: bool,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(prefix_path = "/courses", tag = "Tag::Courses")]
impl CoursesApi {
    /// Make a course
    ///
    /// For teachers and institution admins.
    #[oai(path = "/", method = "post", operation_id = "createCourse")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        body: Json<NewCourse>,
    ) -> Result<Created<Course>, WriteProblem> {
        let (actor, order) = (&user.0.actor, courses::NewCourse::from(body.0));
        courses::prepare(state.database.orm(), actor, &order.academic_year).await?;
        let work = state.begin(&context).await?;
        let row = courses::create(&work, actor, order).await?;
        let location = format!("/api/courses/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List courses
    ///
    /// The newest year first, then by code and section. Students see those that they take.
    #[oai(path = "/", method = "get", operation_id = "listCourses")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// The beginning of the code, or a part of the title.
        search: Query<Option<String>>,
        /// Courses of this year only, as `2024-2025`.
        academic_year: Query<Option<String>>,
        /// Courses of this part of the year only.
        semester: Query<Option<Semester>>,
        /// Courses of this department only.
        department_id: Query<Option<i64>>,
        /// Courses of this teacher only.
        teacher_id: Query<Option<i64>>,
        /// Only active ones, or only inactive ones.
        is_active: Query<Option<bool>>,
        /// `academic_year`, `code`, `title`, `credits`, `created_at`, several with commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Course>>, ReadProblem> {
        let filter = courses::CourseFilter {
            search: search.0,
            academic_year: academic_year.0,
            semester: semester.0.map(Into::into),
            department_id: department_id.0.map(DepartmentId),
            teacher_id: teacher_id.0.map(UserId),
            is_active: is_active.0,
            sort: sort.0,
        };
        let found = courses::list(state.database.orm(), &user.0.actor, &filter, wanted(page.0, page_size.0)).await?;
        Ok(Json(found.into()))
    }

    /// Get a course
    ///
    /// For staff, and for students who take it. The `ETag` is for changing it.
    #[oai(path = "/:id", method = "get", operation_id = "getCourse")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
    ) -> Result<Versioned<Course>, ReadProblem> {
        let row = courses::find(state.database.orm(), &user.0.actor, CourseId(id.0)).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Change a course
    ///
    /// For the course's teacher and administrators. After a change of `is_active` the outcomes of its students are computed anew.
    #[oai(path = "/:id", method = "patch", operation_id = "updateCourse")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<CourseChange>,
    ) -> Result<Versioned<Course>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let (actor, change) = (&user.0.actor, courses::CoursePatch::from(body.0));
        if let Some(year) = &change.academic_year {
            courses::prepare(state.database.orm(), actor, year).await?;
        }
        let mut work = state.begin(&context).await?;
        let row = courses::update(&mut work, actor, CourseId(id.0), &expected, change).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete a course, or tell what would go with it
    ///
    /// For the course's teacher and administrators, while it has no grades; later it is deactivated. Its outcomes, assessments,
    /// weights and enrollments go with it, and the outcomes of its students are computed anew.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteCourse")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// `true` only tells what would go, also where there are grades; default `false`.
        dry_run: Query<Option<bool>>,
    ) -> Result<Json<CourseDeletion>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        if dry_run.0 == Some(true) {
            let found = courses::rehearse_delete(&work, &user.0.actor, CourseId(id.0)).await?;
            work.rollback().await?;
            return Ok(Json(CourseDeletion::of(false, found)));
        }
        let gone = courses::delete(&mut work, &user.0.actor, CourseId(id.0)).await?;
        state.commit(work).await?;
        Ok(Json(CourseDeletion::of(true, gone)))
    }
}

impl CourseDeletion {
    fn of(is_deleted: bool, found: courses::Belongings) -> Self {
        Self {
            is_deleted,
            learning_outcomes: found.learning_outcomes,
            assessments: found.assessments,
            assessment_weights: found.assessment_weights,
            program_weights: found.program_weights,
            enrollments: found.enrollments,
            grades: found.grades,
        }
    }
}

impl From<NewCourse> for courses::NewCourse {
    fn from(body: NewCourse) -> Self {
        Self {
            code: body.code,
            title: body.title,
            description: body.description,
            department_id: DepartmentId(body.department_id),
            teacher_id: body.teacher_id.map(UserId),
            credits: body.credits,
            academic_year: body.academic_year,
            semester: body.semester.into(),
            section: body.section,
        }
    }
}

impl From<CourseChange> for courses::CoursePatch {
    fn from(body: CourseChange) -> Self {
        Self {
            code: body.code,
            title: body.title,
            description: patch(body.description, identity),
            department_id: body.department_id.map(DepartmentId),
            teacher_id: patch(body.teacher_id, UserId),
            credits: body.credits,
            academic_year: body.academic_year,
            semester: body.semester.map(Into::into),
            section: body.section,
            is_active: body.is_active,
        }
    }
}

impl From<course::Model> for Course {
    fn from(row: course::Model) -> Self {
        Self {
            id: row.id.0,
            code: row.code,
            title: row.title,
            description: row.description,
            department_id: row.department_id.0,
            teacher_id: row.teacher_id.map(|id| id.0),
            credits: row.credits,
            academic_year: row.academic_year.to_string(),
            semester: row.semester.into(),
            section: row.section,
            is_active: row.is_active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
