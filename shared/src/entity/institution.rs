//! An institution: the tenant.

use crate::ids::InstitutionId;
use crate::kinds::Locale;
use sea_orm::entity::prelude::*;

/// A row of `institutions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "institutions")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: InstitutionId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub locale: Locale,
    #[sea_orm(column_type = "Text")]
    pub time_zone: String,
    pub is_active: bool,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
