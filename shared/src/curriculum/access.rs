//! Who may see and who may write what belongs to a course.
//!
//! Staff see every course of the institution, students those that they are actively enrolled in. Administrators write
//! every course, teachers their own.

use crate::actor::Actor;
use crate::db::Work;
use crate::entity::{course, enrollment};
use crate::error::{Error, Result};
use crate::ids::CourseId;
use crate::kinds::Role;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// That a column names a course which the actor may see. Does not check the institution.
pub(super) fn of_visible_course(actor: &Actor, course: impl ColumnTrait) -> Condition {
    if actor.role != Role::Student {
        return Condition::all();
    }
    let own = enrollment::Entity::find()
        .select_only()
        .column(enrollment::Column::CourseId)
        .filter(enrollment::Column::StudentId.eq(actor.user_id))
        .filter(enrollment::Column::IsActive.eq(true));
    Condition::all().add(course.in_subquery(own.into_query()))
}

/// A course that the actor may see.
pub(super) async fn visible_course(db: &impl ConnectionTrait, actor: &Actor, id: CourseId) -> Result<course::Model> {
    course::Entity::find_by_id(id)
        .filter(course::Column::InstitutionId.eq(actor.institution()?))
        .filter(of_visible_course(actor, course::Column::Id))
        .one(db)
        .await?
        .ok_or(Error::NotFound("course"))
}

/// A course that the actor may write, kept from changing until the end of the transaction.
pub(super) async fn writable_course(work: &Work, actor: &Actor, id: CourseId) -> Result<course::Model> {
    owned(work, actor, id, LockType::KeyShare).await
}

/// The same, for this transaction alone. Whoever marks all students of a course takes this lock before it changes anything: a new enrollment
/// refers to the course and waits for it, so that no student slips in between the change and the reading of the students,
/// computed without the change and not marked by it. Always the first lock of a transaction on the course's rows.
pub(super) async fn locked_course(work: &Work, actor: &Actor, id: CourseId) -> Result<course::Model> {
    owned(work, actor, id, LockType::Update).await
}

async fn owned(work: &Work, actor: &Actor, id: CourseId, lock: LockType) -> Result<course::Model> {
    let institution_id = actor.require_staff()?;
    let course = course::Entity::find_by_id(id)
        .filter(course::Column::InstitutionId.eq(institution_id))
        .lock(lock)
        .one(work.tx())
        .await?
        .ok_or(Error::NotFound("course"))?;
    if actor.role == Role::Teacher && course.teacher_id != Some(actor.user_id) {
        return Err(Error::forbidden(
            "not_your_course",
            "Teachers write their own courses only; ask the course's teacher or an administrator.",
        ));
    }
    Ok(course)
}
