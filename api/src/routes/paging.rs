//! Pages of lists on the wire.

use acurate_shared::db::Page;
use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON};

/// One page of a list.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Page")]
pub struct PageOf<T: ParseFromJSON + ToJSON> {
    /// What is on it.
    pub items: Vec<T>,
    /// Which page it is, from 1.
    pub page: u64,
    /// How many items a page has, 1 to 100.
    pub page_size: u64,
    /// How many items there are on all pages.
    pub total: u64,
}

impl<T: ParseFromJSON + ToJSON, U: Into<T>> From<Page<U>> for PageOf<T> {
    fn from(page: Page<U>) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            page: page.request.page,
            page_size: page.request.page_size,
            total: page.total,
        }
    }
}

/// The page that is meant when none is named.
#[must_use]
pub fn first() -> u64 {
    1
}

/// Its size when none is named.
#[must_use]
pub fn size() -> u64 {
    20
}
