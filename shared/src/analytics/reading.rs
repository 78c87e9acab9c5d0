//! How views are read: several statements in one snapshot, and pages of rows that are computed before they are ordered.

use crate::db::{Page, PageRequest};
use crate::error::{Error, Result};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, FromQueryResult, IsolationLevel, Statement, TransactionTrait,
};

/// A view of the database in which nothing moves: the statements of one answer agree with each other.
pub(super) async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let isolation = Some(IsolationLevel::RepeatableRead);
    Ok(db.begin_with_config(isolation, Some(AccessMode::ReadOnly)).await?)
}

/// A statement around `rows`, a name in its `WITH` part, for [`page`]: the wanted page in the given total order, and how
/// many rows there are. A page beyond the end is one row of nulls with the total.
pub(super) fn page_of(with: &str, rows: &str, order: &str, request: PageRequest) -> String {
    format!(
        "{with}
        SELECT counted.total, wanted.* FROM (SELECT count(*) AS total FROM {rows}) counted
        LEFT JOIN (
            SELECT row_number() OVER (ORDER BY {order}) AS position, {rows}.* FROM {rows}
            ORDER BY position LIMIT {} OFFSET {}
        ) wanted ON true
        ORDER BY wanted.position",
        request.page_size,
        request.offset()
    )
}

/// Reads what [`page_of`] asks for.
pub(super) async fn page<T: FromQueryResult>(db: &impl ConnectionTrait, statement: Statement, request: PageRequest) -> Result<Page<T>> {
    let rows = db.query_all_raw(statement).await?;
    let first = rows.first().ok_or_else(|| Error::internal("a count gave no row"))?;
    let total: i64 = first.try_get("", "total")?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.try_get::<Option<i64>>("", "position")?.is_some() {
            items.push(T::from_query_result(row, "")?);
        }
    }
    Ok(Page {
        items,
        request,
        total: u64::try_from(total).unwrap_or_default(),
    })
}

/// The one row of a statement that always gives one.
pub(super) async fn only<T: FromQueryResult>(db: &impl ConnectionTrait, statement: Statement) -> Result<T> {
    let row = db.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::internal("an aggregate gave no row"))?;
    Ok(T::from_query_result(&row, "")?)
}

/// All rows of a statement.
pub(super) async fn all<T: FromQueryResult>(db: &impl ConnectionTrait, statement: Statement) -> Result<Vec<T>> {
    let rows = db.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, _>>()?)
}
