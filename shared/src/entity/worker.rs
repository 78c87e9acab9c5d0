//! A worker process that said lately that it lives.

use sea_orm::entity::prelude::*;

/// A row of `workers`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub version: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub queues: Json,
    pub started_at: DateTimeUtc,
    pub seen_at: DateTimeUtc,
    pub stopping_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
