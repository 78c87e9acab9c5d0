//! Pages of lists.

use super::sql;
use crate::error::{Error, Result};
use sea_orm::{ConnectionTrait, Value};

/// Which page of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub page: u64,
    /// Items a page, 1 to 100.
    pub page_size: u64,
}

impl PageRequest {
    /// The most items that a page can have.
    pub const MAX_SIZE: u64 = 100;

    /// A request within its bounds, whatever was asked.
    #[must_use]
    pub fn new(page: u64, page_size: u64) -> Self {
        Self {
            page: page.clamp(1, 1_000_000),
            page_size: page_size.clamp(1, Self::MAX_SIZE),
        }
    }

    /// Items before this page.
    #[must_use]
    pub fn offset(self) -> u64 {
        (self.page - 1) * self.page_size
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Which one it is.
    pub request: PageRequest,
    /// Items on all pages.
    pub total: u64,
}

impl<T> Page<T> {
    /// The same page with other items.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            request: self.request,
            total: self.total,
        }
    }
}

/// Rows of a `FROM … WHERE …`.
pub(crate) async fn count<const N: usize>(db: &impl ConnectionTrait, matching: &str, values: [Value; N]) -> Result<u64> {
    let row = db
        .query_one_raw(sql(&format!("SELECT count(*) AS total {matching}"), values))
        .await?
        .ok_or_else(|| Error::internal("a count has no row"))?;
    Ok(row.try_get::<i64>("", "total")?.unsigned_abs())
}
