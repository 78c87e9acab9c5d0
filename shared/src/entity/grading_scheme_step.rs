//! A letter of a grading scheme.

use crate::ids::GradingSchemeId;
use sea_orm::entity::prelude::*;

/// A row of `grading_scheme_steps`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grading_scheme_steps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub scheme_id: GradingSchemeId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub letter: String,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub lower_edge: Decimal,
    #[sea_orm(column_type = "Decimal(Some((3, 2)))")]
    pub points: Decimal,
    pub is_passing: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
