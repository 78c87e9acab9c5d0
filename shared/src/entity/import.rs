//! A bulk import and its counts.

use crate::ids::{CourseId, ImportId, InstitutionId, JobId, UploadId, UserId};
use crate::kinds::{GradeLayout, ImportKind, ImportMode, ImportState, OnExisting};
use sea_orm::entity::prelude::*;

/// A row of `imports`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ImportId,
    pub institution_id: InstitutionId,
    pub kind: ImportKind,
    pub course_id: Option<CourseId>,
    pub layout: Option<GradeLayout>,
    pub rehearsal_id: Option<ImportId>,
    pub upload_id: Option<UploadId>,
    pub job_id: JobId,
    pub created_by: Option<UserId>,
    pub mode: ImportMode,
    pub on_existing: OnExisting,
    pub send_welcome: bool,
    pub state: ImportState,
    #[sea_orm(column_type = "Text", nullable)]
    pub encoding: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub delimiter: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub mapping: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub warnings: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub failure: Option<Json>,
    pub records_total: Option<i64>,
    pub records_read: i64,
    pub created_count: i64,
    pub updated_count: i64,
    pub unchanged_count: i64,
    pub rejected_count: i64,
    pub last_record: i64,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
