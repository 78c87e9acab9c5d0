//! A run of a job that did not succeed.

use crate::ids::JobId;
use crate::kinds::AttemptOutcome;
use sea_orm::entity::prelude::*;

/// A row of `job_attempts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: JobId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub attempt: i32,
    #[sea_orm(column_type = "Text")]
    pub worker: String,
    pub started_at: DateTimeUtc,
    pub ended_at: DateTimeUtc,
    pub outcome: AttemptOutcome,
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
