//! One cell of a grade book; partitioned by academic year.

use crate::ids::{AssessmentId, CourseId, InstitutionId, UserId};
use crate::kinds::GradeStatus;
use sea_orm::entity::prelude::*;

/// A row of `grades`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "grades")]
pub struct Model {
    pub institution_id: InstitutionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub academic_year: i16,
    pub course_id: CourseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub assessment_id: AssessmentId,
    pub status: GradeStatus,
    #[sea_orm(column_type = "Decimal(Some((6, 2)))", nullable)]
    pub score: Option<Decimal>,
    #[sea_orm(column_type = "Text", nullable)]
    pub feedback: Option<String>,
    pub graded_by: Option<UserId>,
    pub graded_at: DateTimeUtc,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// Nobody wrote words here: they are the range's, if one matches. False: a person wrote them, or took them away.
    pub feedback_by_range: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
