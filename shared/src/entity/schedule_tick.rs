//! The latest tick of a schedule.

use crate::ids::JobId;
use sea_orm::entity::prelude::*;

/// A row of `schedule_ticks`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "schedule_ticks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    pub tick: DateTimeUtc,
    pub fired_at: DateTimeUtc,
    pub job_id: Option<JobId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
