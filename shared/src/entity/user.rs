//! A person who signs in, of any role.

use crate::ids::{DepartmentId, InstitutionId, ProgramId, UploadId, UserId};
use crate::kinds::Role;
use sea_orm::entity::prelude::*;

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UserId,
    pub institution_id: Option<InstitutionId>,
    pub role: Role,
    #[sea_orm(column_type = "Text")]
    pub email: String,
    #[sea_orm(column_type = "Text")]
    pub first_name: String,
    #[sea_orm(column_type = "Text")]
    pub last_name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub phone: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub student_number: Option<String>,
    pub department_id: Option<DepartmentId>,
    pub program_id: Option<ProgramId>,
    pub year_of_study: Option<i16>,
    pub entry_year: Option<i16>,
    pub is_active: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub password_hash: Option<String>,
    pub credential_nonce: Option<Vec<u8>>,
    pub credential_expires_at: Option<DateTimeUtc>,
    pub password_changed_at: Option<DateTimeUtc>,
    pub last_sign_in_at: Option<DateTimeUtc>,
    pub created_by: Option<UserId>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub picture_upload_id: Option<UploadId>,
    pub mail_grades: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub earlier_email: Option<String>,
    pub email_changed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
