//! The weight of an assessment on a learning outcome.

use crate::ids::{AssessmentId, CourseId, LearningOutcomeId};
use sea_orm::entity::prelude::*;

/// A row of `assessment_lo`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment_lo")]
pub struct Model {
    pub course_id: CourseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub assessment_id: AssessmentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub learning_outcome_id: LearningOutcomeId,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub weight: Decimal,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
