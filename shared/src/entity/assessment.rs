//! An assessment of a course.

use crate::academic_year::AcademicYear;
use crate::ids::{AssessmentId, CourseId, InstitutionId};
use crate::kinds::AssessmentType;
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A row of `assessments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: AssessmentId,
    pub institution_id: InstitutionId,
    pub course_id: CourseId,
    pub academic_year: AcademicYear,
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
    pub feedback_ranges: FeedbackRanges,
    pub is_active: bool,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub feedback_complete: bool,
}

/// What a student reads who reaches a percentage from `min_percentage`, inclusive, to `max_percentage`, exclusive unless
/// it is 100, so that ranges that touch leave no percentage out. They may touch but not overlap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedbackRange {
    /// 0 to 100, at most two decimal places.
    pub min_percentage: f64,
    /// Above `min_percentage`, up to 100, at most two decimal places.
    pub max_percentage: f64,
    /// 1 to 1000 characters.
    pub feedback: String,
}

/// The ranges of one assessment, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct FeedbackRanges(pub Vec<FeedbackRange>);

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
