//! A mail, however often it was tried.

use crate::ids::{EmailDeliveryId, InstitutionId, JobId, UserId};
use crate::kinds::{DeliveryState, MailKind};
use sea_orm::entity::prelude::*;

/// A row of `email_deliveries`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "email_deliveries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: EmailDeliveryId,
    pub institution_id: Option<InstitutionId>,
    pub user_id: UserId,
    pub job_id: Option<JobId>,
    pub kind: MailKind,
    #[sea_orm(column_type = "Text")]
    pub message_id: String,
    pub state: DeliveryState,
    pub attempts: i32,
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
