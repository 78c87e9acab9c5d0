//! How far a student reached a learning outcome.

use crate::ids::{CourseId, InstitutionId, LearningOutcomeId, UserId};
use sea_orm::entity::prelude::*;

/// A row of `student_lo_achievements`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "student_lo_achievements")]
pub struct Model {
    pub institution_id: InstitutionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub learning_outcome_id: LearningOutcomeId,
    pub course_id: CourseId,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))", nullable)]
    pub percentage: Option<Decimal>,
    pub is_met: Option<bool>,
    pub graded_count: i32,
    pub total_count: i32,
    pub computed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
