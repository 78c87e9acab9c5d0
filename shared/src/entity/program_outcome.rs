//! A program outcome (PO).

use crate::ids::{InstitutionId, ProgramId, ProgramOutcomeId};
use sea_orm::entity::prelude::*;

/// A row of `program_outcomes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "program_outcomes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ProgramOutcomeId,
    pub institution_id: InstitutionId,
    pub program_id: ProgramId,
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
