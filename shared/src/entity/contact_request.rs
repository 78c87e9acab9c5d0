//! A visitor who asks to be contacted.

use crate::ids::ContactRequestId;
use crate::kinds::{ContactRequestStatus, ContactRequestType, InstitutionType};
use sea_orm::entity::prelude::*;

/// A row of `contact_requests`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_requests")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ContactRequestId,
    #[sea_orm(column_type = "Text")]
    pub institution_name: String,
    pub institution_type: InstitutionType,
    #[sea_orm(column_type = "Text")]
    pub contact_name: String,
    #[sea_orm(column_type = "Text")]
    pub contact_email: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub contact_phone: Option<String>,
    pub request_type: ContactRequestType,
    #[sea_orm(column_type = "Text", nullable)]
    pub message: Option<String>,
    pub status: ContactRequestStatus,
    #[sea_orm(column_type = "Text", nullable)]
    pub notes: Option<String>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
