//! A course as taught in one semester.

use crate::academic_year::AcademicYear;
use crate::ids::{CourseId, DepartmentId, InstitutionId, UserId};
use crate::kinds::Semester;
use sea_orm::entity::prelude::*;

/// A row of `courses`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "courses")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: CourseId,
    pub institution_id: InstitutionId,
    pub department_id: DepartmentId,
    pub teacher_id: Option<UserId>,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    pub credits: i16,
    pub academic_year: AcademicYear,
    pub semester: Semester,
    #[sea_orm(column_type = "Text")]
    pub section: String,
    pub is_active: bool,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
