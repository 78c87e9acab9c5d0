//! An assessment of a course.

use crate::ids::{AssessmentId, CourseId, InstitutionId};
use crate::kinds::AssessmentType;
use sea_orm::entity::prelude::*;

/// A row of `assessments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: AssessmentId,
    pub institution_id: InstitutionId,
    pub course_id: CourseId,
    pub academic_year: i16,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    pub assessment_type: AssessmentType,
    #[sea_orm(column_type = "Decimal(Some((5, 2)))")]
    pub weight: Decimal,
    #[sea_orm(column_type = "Decimal(Some((6, 2)))")]
    pub max_score: Decimal,
    pub due_date: Option<DateTimeUtc>,
    #[sea_orm(column_type = "JsonBinary")]
    pub feedback_ranges: Json,
    pub is_active: bool,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
