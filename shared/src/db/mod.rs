//! The connection to PostgreSQL, and the unit of work that use cases write in.

mod conditions;
mod connect;
mod expected;
mod fingerprint;
mod page;
mod patience;
mod sort;
mod text;
mod work;

pub(crate) use conditions::Conditions;
pub use connect::{Database, MIGRATIONS, pending_migrations};
pub use expected::Expected;
pub use fingerprint::{Fingerprint, NoFingerprint};
pub(crate) use page::count;
pub use page::{Page, PageRequest};
pub use patience::within;
pub use sort::Sort;
pub(crate) use text::contains;
pub use work::{Committed, Work};

use sea_orm::{DbBackend, Statement, Value};

/// A PostgreSQL statement with its parameters.
pub fn sql<I: IntoIterator<Item = Value>>(text: &str, values: I) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}
