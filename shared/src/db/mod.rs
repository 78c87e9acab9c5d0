//! The connection to PostgreSQL, and the unit of work that use cases write in.

mod connect;
mod expected;
mod page;
mod sort;
mod work;

pub use connect::{Database, MIGRATIONS, pending_migrations};
pub use expected::Expected;
pub use page::{Page, PageRequest};
pub use sort::Sort;
pub use work::{Committed, Work};

use sea_orm::{DbBackend, Statement, Value};

/// A PostgreSQL statement with its parameters.
pub fn sql<I: IntoIterator<Item = Value>>(text: &str, values: I) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}
