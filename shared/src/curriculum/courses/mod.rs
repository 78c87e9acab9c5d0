//! Courses as taught in one semester. Administrators write all of them, teachers their own; a course that a teacher makes
//! is the teacher's. An inactive course counts in nobody's results, and its grades stay.

mod copy;
mod delete;
mod read;
mod update;

pub use copy::{CopyOrder, DueDates, copy};
pub use delete::{Belongings, delete, rehearse_delete};
pub use read::{CourseFilter, find, list};
pub use update::{CoursePatch, update};

use super::programs::check_department;
use super::{CODE_LIMIT, DESCRIPTION_LIMIT, TITLE_LIMIT};
use crate::academic_year::AcademicYear;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::entity::course::{self, Model};
use crate::entity::user;
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, UserId};
use crate::kinds::{Role, Semester};
use crate::validation::Checks;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Longest section, in characters.
const SECTION_LIMIT: usize = 10;

/// The most credits.
const CREDITS_LIMIT: i16 = 30;

/// A course to be made.
#[derive(Clone, Debug)]
pub struct NewCourse {
    /// 1 to 20 characters; unique in the institution together with year, semester and section.
    pub code: String,
    /// 1 to 200 characters.
    pub title: String,
    /// At most 5000 characters.
    pub description: Option<String>,
    /// A department of the institution.
    pub department_id: DepartmentId,
    /// An active teacher of the institution; a teacher who makes a course is it.
    pub teacher_id: Option<UserId>,
    /// 1 to 30.
    pub credits: i16,
    /// Two years in a row, `2024-2025`.
    pub academic_year: String,
    /// Part of the year.
    pub semester: Semester,
    /// 1 to 10 characters; `1` when absent.
    pub section: Option<String>,
}

/// Makes the place where grades of an academic year are kept. To be called before the unit of work in which a course of
/// the year is made or moved to it, and outside of any: it locks tables that every transaction uses.
///
/// A text that is no academic year prepares nothing; the use case that follows names the fault.
///
/// # Errors
/// `Forbidden` for who may not make courses.
pub async fn prepare(db: &impl ConnectionTrait, actor: &Actor, academic_year: &str) -> Result<()> {
    actor.require_staff()?;
    if let Ok(year) = academic_year.trim().parse::<AcademicYear>() {
        let ensure = "SELECT ensure_grades_partition($1)";
        db.query_one_raw(sql(ensure, [year.into()])).await?;
    }
    Ok(())
}

/// Makes a course; [`prepare`] comes first.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for a teacher who makes somebody else's; `Conflict` when there is such a course.
pub async fn create(work: &Work, actor: &Actor, order: NewCourse) -> Result<Model> {
    let institution_id = actor.require_staff()?;
    let teacher_id = teacher_of_new(actor, order.teacher_id)?;
    let mut checks = Checks::default();
    let year = check_year(&mut checks, &order.academic_year);
    check_department(work.tx(), &mut checks, institution_id, order.department_id).await?;
    check_teacher(work.tx(), &mut checks, institution_id, teacher_id).await?;
    let row = course::ActiveModel {
        institution_id: Set(institution_id),
        department_id: Set(order.department_id),
        teacher_id: Set(teacher_id),
        code: Set(checks.text("code", &order.code, CODE_LIMIT)),
        title: Set(checks.text("title", &order.title, TITLE_LIMIT)),
        description: Set(checks.optional_prose("description", order.description.as_deref(), DESCRIPTION_LIMIT)),
        credits: Set(checks.range("credits", order.credits, 1, CREDITS_LIMIT)),
        academic_year: year.map_or(NotSet, Set),
        semester: Set(order.semester),
        section: Set(checks.text("section", order.section.as_deref().unwrap_or("1"), SECTION_LIMIT)),
        ..Default::default()
    };
    checks.finish()?;
    if let Some(year) = year {
        require_partition(work, year).await?;
    }
    let row = row.insert(work.tx()).await?;
    activity::record(work, actor, Deed::new("course.created", "course", row.id.0)).await?;
    Ok(row)
}

fn teacher_of_new(actor: &Actor, wanted: Option<UserId>) -> Result<Option<UserId>> {
    match (actor.role, wanted) {
        (Role::Teacher, Some(id)) if id != actor.user_id => Err(Error::forbidden(
            "not_your_course",
            "Teachers make courses of their own only; an administrator assigns another teacher.",
        )),
        (Role::Teacher, _) => Ok(Some(actor.user_id)),
        (_, wanted) => Ok(wanted),
    }
}

fn check_year(checks: &mut Checks, text: &str) -> Option<AcademicYear> {
    match text.trim().parse() {
        Ok(year) => Some(year),
        Err(fault) => {
            checks.fault("academic_year", "invalid_academic_year", format!("{fault}"));
            None
        }
    }
}

/// Names who is no active teacher of the institution as a fault.
async fn check_teacher(db: &impl ConnectionTrait, checks: &mut Checks, institution_id: InstitutionId, id: Option<UserId>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let is_active: Option<bool> = user::Entity::find_by_id(id)
        .filter(user::Column::InstitutionId.eq(institution_id))
        .filter(user::Column::Role.eq(Role::Teacher))
        .select_only()
        .column(user::Column::IsActive)
        .into_tuple()
        .one(db)
        .await?;
    match is_active {
        Some(true) => {}
        Some(false) => checks.fault("teacher_id", "inactive_teacher", "names a teacher whose account is closed"),
        None => checks.fault("teacher_id", "unknown_teacher", "names no teacher of the institution"),
    }
    Ok(())
}

/// Making the partition here would hold its locks until the end of a transaction that has others.
async fn require_partition(work: &Work, year: AcademicYear) -> Result<()> {
    let name = format!("grades_{}", year.first());
    let select = sql("SELECT to_regclass($1) IS NOT NULL AS found", [name.clone().into()]);
    let row = work.tx().query_one_raw(select).await?;
    if row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or(false) {
        return Ok(());
    }
    Err(Error::internal(format!("{name} is missing: the year was not prepared")))
}
