//! A scheme of letter grades, and when it is valid.

use crate::academic_year::AcademicYear;
use crate::ids::{GradingSchemeId, InstitutionId};
use sea_orm::entity::prelude::*;

/// A row of `grading_schemes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grading_schemes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: GradingSchemeId,
    pub institution_id: InstitutionId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub valid_from: AcademicYear,
    #[sea_orm(nullable)]
    pub valid_until: Option<AcademicYear>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
