//! Changing courses.

use super::{CREDITS_LIMIT, SECTION_LIMIT, check_teacher, check_year, require_partition};
use crate::achievement::mark;
use crate::activity::Deed;
use crate::actor::Actor;
use crate::curriculum::programs::check_department;
use crate::curriculum::{CODE_LIMIT, DESCRIPTION_LIMIT, TITLE_LIMIT, access, changes};
use crate::db::{Expected, Work};
use crate::entity::assessment;
use crate::entity::course::{ActiveModel, Model};
use crate::error::{Error, Result};
use crate::ids::{CourseId, DepartmentId, UserId};
use crate::kinds::{Role, Semester};
use crate::validation::Checks;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

/// A partial change: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct CoursePatch {
    /// As in [`super::NewCourse`].
    pub code: Option<String>,
    /// As in [`super::NewCourse`].
    pub title: Option<String>,
    /// As in [`super::NewCourse`].
    pub description: Option<Option<String>>,
    /// As in [`super::NewCourse`].
    pub department_id: Option<DepartmentId>,
    /// As in [`super::NewCourse`]; for administrators.
    pub teacher_id: Option<Option<UserId>>,
    /// As in [`super::NewCourse`].
    pub credits: Option<i16>,
    /// As in [`super::NewCourse`]; [`super::prepare`] comes first. Only while there are no assessments.
    pub academic_year: Option<String>,
    /// Only while there are no assessments.
    pub semester: Option<Semester>,
    /// As in [`super::NewCourse`].
    pub section: Option<String>,
    /// Whether the course counts in results.
    pub is_active: Option<bool>,
}

/// Changes a course. One that comes or goes marks all its students.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for another teacher's course, and for a teacher who hands its own over;
/// `NotFound`; `Outdated`; `Conflict` `course_has_assessments` for another year or semester, `course_exists` when there is such a course.
pub async fn update(work: &mut Work, actor: &Actor, id: CourseId, expected: &Expected, patch: CoursePatch) -> Result<Model> {
    let before = access::locked_course(work, actor, id).await?;
    expected.check(before.version)?;
    if actor.role == Role::Teacher && patch.teacher_id.is_some_and(|teacher| teacher != before.teacher_id) {
        return Err(Error::forbidden(
            "not_your_course",
            "Teachers keep their courses; an administrator assigns another teacher.",
        ));
    }
    let mut checks = Checks::default();
    let change = merge(&mut checks, &before, &patch);
    check_references(work, &mut checks, &before, &patch).await?;
    checks.finish()?;
    if change.academic_year.is_set() || change.semester.is_set() {
        refuse_with_assessments(work, id).await?;
    }
    if let Some(year) = change.academic_year.try_as_ref().filter(|_| change.academic_year.is_set()) {
        require_partition(work, *year).await?;
    }
    let saved = changes::save(work, actor, before, change, Deed::new("course.updated", "course", id.0)).await?;
    if saved.touched(&["is_active"]) {
        mark::course(work, saved.row.institution_id, id).await?;
    }
    Ok(saved.row)
}

fn merge(checks: &mut Checks, before: &Model, patch: &CoursePatch) -> ActiveModel {
    let mut change = before.clone().into_active_model();
    if let Some(code) = &patch.code {
        change.code.set_if_not_equals(checks.text("code", code, CODE_LIMIT));
    }
    if let Some(title) = &patch.title {
        change.title.set_if_not_equals(checks.text("title", title, TITLE_LIMIT));
    }
    if let Some(text) = &patch.description {
        let text = checks.optional_prose("description", text.as_deref(), DESCRIPTION_LIMIT);
        change.description.set_if_not_equals(text);
    }
    if let Some(department_id) = patch.department_id {
        change.department_id.set_if_not_equals(department_id);
    }
    if let Some(teacher_id) = patch.teacher_id {
        change.teacher_id.set_if_not_equals(teacher_id);
    }
    if let Some(credits) = patch.credits {
        change.credits.set_if_not_equals(checks.range("credits", credits, 1, CREDITS_LIMIT));
    }
    if let Some(year) = patch.academic_year.as_deref().and_then(|text| check_year(checks, text)) {
        change.academic_year.set_if_not_equals(year);
    }
    if let Some(semester) = patch.semester {
        change.semester.set_if_not_equals(semester);
    }
    if let Some(section) = &patch.section {
        change.section.set_if_not_equals(checks.text("section", section, SECTION_LIMIT));
    }
    if let Some(is_active) = patch.is_active {
        change.is_active.set_if_not_equals(is_active);
    }
    change
}

/// Only what is new is checked: a teacher who has left since stays named until somebody else is.
async fn check_references(work: &Work, checks: &mut Checks, before: &Model, patch: &CoursePatch) -> Result<()> {
    if let Some(department_id) = patch.department_id {
        check_department(work.tx(), checks, before.institution_id, department_id).await?;
    }
    match patch.teacher_id {
        Some(teacher_id) if teacher_id != before.teacher_id => check_teacher(work.tx(), checks, before.institution_id, teacher_id).await,
        _ => Ok(()),
    }
}

/// Grades are kept by year, and an assessment carries the year of its course. The course's lock keeps new ones out.
async fn refuse_with_assessments(work: &Work, id: CourseId) -> Result<()> {
    let assessments = assessment::Entity::find().filter(assessment::Column::CourseId.eq(id));
    if assessments.count(work.tx()).await? == 0 {
        return Ok(());
    }
    Err(Error::conflict(
        "course_has_assessments",
        "Year and semester of a course with assessments stay; make another course instead.",
    ))
}
