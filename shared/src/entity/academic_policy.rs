//! The thresholds of an institution.

use crate::ids::InstitutionId;
use sea_orm::entity::prelude::*;

/// A row of `academic_policies`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "academic_policies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_id: InstitutionId,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub pass_percentage: Decimal,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub at_risk_percentage: Decimal,
    pub at_risk_missed: i16,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub at_risk_unmet_percentage: Decimal,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub course_pass_rate: Decimal,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
