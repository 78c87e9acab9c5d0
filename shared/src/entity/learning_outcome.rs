//! A learning outcome (LO) of a course.

use crate::ids::{CourseId, InstitutionId, LearningOutcomeId};
use sea_orm::entity::prelude::*;

/// A row of `learning_outcomes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "learning_outcomes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: LearningOutcomeId,
    pub institution_id: InstitutionId,
    pub course_id: CourseId,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub target_percentage: Decimal,
    pub is_active: bool,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
