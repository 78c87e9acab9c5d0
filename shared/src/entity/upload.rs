//! An uploaded file; its bytes are in `upload_chunk`.

use crate::ids::{InstitutionId, UploadId, UserId};
use crate::kinds::UploadPurpose;
use sea_orm::entity::prelude::*;

/// A row of `uploads`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UploadId,
    pub institution_id: Option<InstitutionId>,
    pub created_by: Option<UserId>,
    pub purpose: UploadPurpose,
    #[sea_orm(column_type = "Text")]
    pub file_name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub content_type: Option<String>,
    pub size_bytes: i64,
    pub sha256: Vec<u8>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
