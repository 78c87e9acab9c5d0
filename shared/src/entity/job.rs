//! A background job: the truth about it.

use crate::ids::{InstitutionId, JobId, UserId};
use crate::kinds::JobState;
use sea_orm::entity::prelude::*;

/// A row of `jobs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: JobId,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub queue: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    pub state: JobState,
    pub attempt: i32,
    pub failures: i32,
    pub lost_leases: i32,
    pub max_attempts: i32,
    pub run_at: DateTimeUtc,
    #[sea_orm(column_type = "Text", nullable)]
    pub dedupe_key: Option<String>,
    pub lease_until: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub worker: Option<String>,
    pub progress_done: i64,
    pub progress_total: Option<i64>,
    #[sea_orm(column_type = "JsonBinary")]
    pub result: Option<Json>,
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
    pub cancel_requested_at: Option<DateTimeUtc>,
    pub institution_id: Option<InstitutionId>,
    pub created_by: Option<UserId>,
    #[sea_orm(column_type = "Text", nullable)]
    pub trace_parent: Option<String>,
    pub dispatches: i32,
    pub dispatched_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub claimed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
