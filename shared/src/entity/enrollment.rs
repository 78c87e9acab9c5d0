//! A student in a course.

use crate::ids::{CourseId, EnrollmentId, InstitutionId, UserId};
use sea_orm::entity::prelude::*;

/// A row of `enrollments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enrollments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: EnrollmentId,
    pub institution_id: InstitutionId,
    pub student_id: UserId,
    pub course_id: CourseId,
    pub is_active: bool,
    pub enrolled_at: DateTimeUtc,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
