//! A queue that is paused.

use crate::ids::UserId;
use sea_orm::entity::prelude::*;

/// A row of `queue_controls`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "queue_controls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub queue: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub paused_by: Option<UserId>,
    pub paused_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
