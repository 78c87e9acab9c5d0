//! One page of a list, in two queries: the items and their number; and what finds items by words.

use crate::db::{Page, PageRequest};
use crate::error::Result;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, Select};

/// Case and dots of `i` aside: `İ`, `I`, `ı` and `i` are one letter. Spelled out, not left to the server's locale.
const BEGINS: &str =
    r#"starts_with(lower(translate($1, 'İIı', 'iii') COLLATE "und-x-icu"), lower(translate($2, 'İIı', 'iii') COLLATE "und-x-icu"))"#;

/// The same for a text anywhere within.
const CONTAINS: &str =
    r#"strpos(lower(translate($1, 'İIı', 'iii') COLLATE "und-x-icu"), lower(translate($2, 'İIı', 'iii') COLLATE "und-x-icu")) > 0"#;

/// The wanted page of an ordered query. The order must be total, or items could show up on two pages.
pub(super) async fn page<E>(db: &impl ConnectionTrait, query: Select<E>, request: PageRequest) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: Send + Sync,
{
    let pages = query.paginate(db, request.page_size);
    Ok(Page {
        items: pages.fetch_page(request.page - 1).await?,
        total: pages.num_items().await?,
        request,
    })
}

/// That the code begins with the text, or the title contains it.
pub(super) fn finds(code: impl ColumnTrait, title: impl ColumnTrait, text: &str) -> Expr {
    Expr::cust_with_exprs(BEGINS, [code.into_expr(), Expr::val(text)]).or(contains(title, text))
}

/// That the column contains the text.
pub(super) fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    Expr::cust_with_exprs(CONTAINS, [column.into_expr(), Expr::val(text)])
}
