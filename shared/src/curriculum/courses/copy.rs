//! Teaching a course again: its outcomes, assessments, weights and feedback ranges in another semester, without its students.

use super::{SECTION_LIMIT, check_teacher, check_year, require_partition, teacher_of_new};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::{CODE_LIMIT, TITLE_LIMIT};
use crate::db::{Work, sql};
use crate::entity::course::{self, Model};
use crate::entity::user;
use crate::error::{Error, Result};
use crate::ids::{CourseId, UserId};
use crate::kinds::{Role, Semester};
use crate::validation::Checks;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

/// A copy to be made. What is absent is as in the original.
#[derive(Clone, Debug)]
pub struct CopyOrder {
    /// Two years in a row, `2025-2026`; [`super::prepare`] comes first.
    pub academic_year: String,
    /// Part of the year.
    pub semester: Semester,
    /// 1 to 10 characters.
    pub section: Option<String>,
    /// 1 to 20 characters.
    pub code: Option<String>,
    /// 1 to 200 characters.
    pub title: Option<String>,
    /// An active teacher of the institution. Absent: the original's, while the account is open; a teacher's copy is its own.
    pub teacher_id: Option<UserId>,
    /// What becomes of the days on which assessments are due.
    pub due_dates: DueDates,
}

/// What becomes of the days on which assessments are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueDates {
    /// They move by the months from one semester to the other, to the same day of the month and time of day at the institution.
    Shift,
    /// They are to be set anew.
    Clear,
}

/// Outcomes and assessments are known by code and title, which are unique within a course; these join the weights.
const COPIES: [&str; 4] = [
    "
    INSERT INTO learning_outcomes (institution_id, course_id, code, title, description, target_percentage, is_active)
    SELECT institution_id, $2, code, title, description, target_percentage, is_active
    FROM learning_outcomes WHERE course_id = $1 ORDER BY id",
    "
    INSERT INTO assessments (institution_id, course_id, academic_year, title, description, assessment_type, weight, max_score, due_date,
        feedback_ranges, feedback_complete, is_active)
    SELECT a.institution_id, c.id, c.academic_year, a.title, a.description, a.assessment_type, a.weight, a.max_score,
        (a.due_date AT TIME ZONE i.time_zone + make_interval(months => $3)) AT TIME ZONE i.time_zone,
        a.feedback_ranges, a.feedback_complete, a.is_active
    FROM assessments a JOIN courses c ON c.id = $2 JOIN institutions i ON i.id = c.institution_id
    WHERE a.course_id = $1 ORDER BY a.id",
    "
    INSERT INTO assessment_lo (course_id, assessment_id, learning_outcome_id, weight)
    SELECT $2, a2.id, o2.id, m.weight
    FROM assessment_lo m
    JOIN assessments a ON a.id = m.assessment_id JOIN assessments a2 ON a2.course_id = $2 AND a2.title = a.title
    JOIN learning_outcomes o ON o.id = m.learning_outcome_id JOIN learning_outcomes o2 ON o2.course_id = $2 AND o2.code = o.code
    WHERE m.course_id = $1",
    "
    INSERT INTO lo_po (institution_id, learning_outcome_id, program_outcome_id, weight)
    SELECT m.institution_id, o2.id, m.program_outcome_id, m.weight
    FROM lo_po m
    JOIN learning_outcomes o ON o.id = m.learning_outcome_id AND o.course_id = $1
    JOIN learning_outcomes o2 ON o2.course_id = $2 AND o2.code = o.code",
];

/// Makes a course like another one of the institution, in a number of statements that does not depend on its size. It has no
/// students, so that no result moves.
///
/// # Errors
/// `Invalid`, naming every fault; `Forbidden` for a teacher who makes somebody else's; `NotFound`; `Conflict` `course_exists`
/// when there is such a course.
pub async fn copy(work: &Work, actor: &Actor, id: CourseId, order: CopyOrder) -> Result<Model> {
    let original = original(work, actor, id).await?;
    let shift = order.due_dates;
    let copy = insert(work, actor, &original, order).await?;
    let months = match shift {
        DueDates::Shift => Some(months(&copy) - months(&original)),
        // The sum with no number of months is no day.
        DueDates::Clear => None,
    };
    let [outcomes, assessments, measured, served] = COPIES;
    let ids = [id.into(), copy.id.into()];
    work.tx().execute_raw(sql(outcomes, ids.clone())).await?;
    let [from, to] = ids.clone();
    work.tx().execute_raw(sql(assessments, [from, to, months.into()])).await?;
    work.tx().execute_raw(sql(measured, ids.clone())).await?;
    work.tx().execute_raw(sql(served, ids)).await?;
    let deed = Deed::new("course.copied", "course", copy.id.0).with(json!({ "from": id }));
    activity::record(work, actor, deed).await?;
    Ok(copy)
}

/// The course, kept from being written until the end of the transaction: outcomes, assessments and weights are of one moment.
async fn original(work: &Work, actor: &Actor, id: CourseId) -> Result<Model> {
    course::Entity::find_by_id(id)
        .filter(course::Column::InstitutionId.eq(actor.require_staff()?))
        .lock(LockType::Share)
        .one(work.tx())
        .await?
        .ok_or(Error::NotFound("course"))
}

async fn insert(work: &Work, actor: &Actor, original: &Model, order: CopyOrder) -> Result<Model> {
    let mut checks = Checks::default();
    let year = check_year(&mut checks, &order.academic_year);
    let teacher_id = teacher(work, actor, &mut checks, original, order.teacher_id).await?;
    let row = course::ActiveModel {
        institution_id: Set(original.institution_id),
        department_id: Set(original.department_id),
        teacher_id: Set(teacher_id),
        code: Set(checks.text("code", order.code.as_ref().unwrap_or(&original.code), CODE_LIMIT)),
        title: Set(checks.text("title", order.title.as_ref().unwrap_or(&original.title), TITLE_LIMIT)),
        description: Set(original.description.clone()),
        credits: Set(original.credits),
        academic_year: year.map_or(NotSet, Set),
        semester: Set(order.semester),
        section: Set(checks.text("section", order.section.as_ref().unwrap_or(&original.section), SECTION_LIMIT)),
        ..Default::default()
    };
    checks.finish()?;
    if let Some(year) = year {
        require_partition(work, year).await?;
    }
    Ok(row.insert(work.tx()).await?)
}

/// Who teaches the copy: a teacher's own is its, else the one who is named, else the original's unless the account is closed.
async fn teacher(work: &Work, actor: &Actor, checks: &mut Checks, original: &Model, wanted: Option<UserId>) -> Result<Option<UserId>> {
    let wanted = teacher_of_new(actor, wanted)?;
    if wanted.is_some() {
        check_teacher(work.tx(), checks, original.institution_id, wanted).await?;
        return Ok(wanted);
    }
    let Some(before) = original.teacher_id else { return Ok(None) };
    let open = user::Entity::find_by_id(before)
        .filter(user::Column::Role.eq(Role::Teacher))
        .filter(user::Column::IsActive.eq(true));
    Ok((open.count(work.tx()).await? > 0).then_some(before))
}

/// Months from the beginning of the calendar to that of the semester: fall begins in September, spring in February, summer in June.
fn months(course: &Model) -> i32 {
    let within = match course.semester {
        Semester::Fall => 8,
        Semester::Spring => 13,
        Semester::Summer => 17,
    };
    i32::from(course.academic_year.first()) * 12 + within
}
