//! The migrated schema itself: its indexes, its words, its entities, and its way up and down.

mod entities;
mod indexes;
mod migrations;
mod words;

use acurate_shared::db::{Database, sql};
use sea_orm::{ConnectionTrait, TryGetable};

/// The rows of a statement, as pairs.
async fn pairs<A: TryGetable, B: TryGetable>(database: &Database, text: &str) -> Vec<(A, B)> {
    let rows = database.orm().query_all_raw(sql(text, [])).await.expect(text);
    let pair = |row: &sea_orm::QueryResult| (row.try_get_by_index(0).expect(text), row.try_get_by_index(1).expect(text));
    rows.iter().map(pair).collect()
}
