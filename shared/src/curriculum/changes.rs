//! Saving a partial change: writes the columns that differ, and remembers which they were.

use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::Work;
use crate::error::Result;
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable};
use serde_json::json;

/// A row after a change.
#[derive(Debug)]
pub(super) struct Saved<M> {
    /// As it is now.
    pub(super) row: M,
    /// The columns that were written.
    columns: Vec<&'static str>,
}

impl<M> Saved<M> {
    /// Whether one of these columns was written.
    pub(super) fn touched(&self, columns: &[&str]) -> bool {
        self.columns.iter().any(|column| columns.contains(column))
    }
}

/// Writes what differs from `before` and records the deed with the names of the columns. A change that changes nothing
/// writes nothing. The caller found `before` in the actor's institution and holds its lock.
pub(super) async fn save<A, M>(work: &Work, actor: &Actor, before: M, change: A, deed: Deed) -> Result<Saved<M>>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    A::Entity: EntityTrait<Model = M>,
    M: IntoActiveModel<A>,
{
    let columns: Vec<&'static str> = <A::Entity as EntityTrait>::Column::iter()
        .filter(|column| change.get(*column).is_set())
        .map(|column| column.as_str())
        .collect();
    if columns.is_empty() {
        return Ok(Saved { row: before, columns });
    }
    let row = change.update(work.tx()).await?;
    activity::record(work, actor, deed.with(json!({ "changed": columns }))).await?;
    Ok(Saved { row, columns })
}
