//! One page of a list, in two queries: the items and their number.

use crate::db::{Page, PageRequest};
use crate::error::Result;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, Select};

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
