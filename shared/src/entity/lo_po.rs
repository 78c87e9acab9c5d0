//! The weight of a learning outcome on a program outcome.

use crate::ids::{InstitutionId, LearningOutcomeId, ProgramOutcomeId};
use sea_orm::entity::prelude::*;

/// A row of `lo_po`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lo_po")]
pub struct Model {
    pub institution_id: InstitutionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub learning_outcome_id: LearningOutcomeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub program_outcome_id: ProgramOutcomeId,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub weight: Decimal,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
