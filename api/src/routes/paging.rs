//! Pages of lists on the wire.

use acurate_shared::db::{Page, PageRequest};
use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};

/// One page of a list.
#[derive(Clone, Debug, Object)]
pub struct PageOf<T: ParseFromJSON + ToJSON + Type + Send + Sync> {
    /// What is on the page.
    items: Vec<T>,
    /// Number of the page, from 1.
    page: u64,
    /// Items a page, 1 to 100.
    page_size: u64,
    /// Items on all pages.
    total: u64,
}

impl<R, T: ParseFromJSON + ToJSON + Type + Send + Sync + From<R>> From<Page<R>> for PageOf<T> {
    fn from(page: Page<R>) -> Self {
        Self {
            page: page.request.page,
            page_size: page.request.page_size,
            total: page.total,
            items: page.items.into_iter().map(T::from).collect(),
        }
    }
}

/// The wanted page, within its bounds whatever was asked: page 1 of 20 items by default.
#[must_use]
pub fn wanted(page: Option<u64>, page_size: Option<u64>) -> PageRequest {
    PageRequest::new(page.unwrap_or(1), page_size.unwrap_or(20))
}
