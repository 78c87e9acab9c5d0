//! A change that a student's achievements do not show yet.

use crate::ids::{AchievementMarkId, InstitutionId, UserId};
use sea_orm::entity::prelude::*;

/// A row of `achievement_marks`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "achievement_marks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: AchievementMarkId,
    pub institution_id: InstitutionId,
    pub student_id: UserId,
    pub marked_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
