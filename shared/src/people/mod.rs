//! Institutions and the people in them: making accounts, finding them, changing them.
//!
//! A new account gets a credential nonce and a welcome mail, never a password; signing in is `identity`. Many students
//! at once come by an import. Nothing here shows a credential: each use case returns what may be read, not the row.

mod accounts;
pub mod institutions;
mod placement;
mod resend_welcome;
pub mod students;
pub mod teachers;

pub use accounts::NewPerson;
pub use resend_welcome::{Newcomer, resend_welcome};

use crate::db::sql;
use crate::error::{Error, Result};
use sea_orm::{ConnectionTrait, Value};

/// Whether a user's name contains the text `$2`, case and dots of `i` aside: `İ`, `I`, `ı` and `i` are one letter, so that
/// a Turkish and an English keyboard find the same people. Spelled out, not left to the server's locale.
const NAME_CONTAINS_2: &str = r#"
    strpos(lower(translate(first_name || ' ' || last_name, 'İIı', 'iii') COLLATE "und-x-icu"),
           lower(translate($2, 'İIı', 'iii') COLLATE "und-x-icu")) > 0"#;

/// Rows of a `FROM … WHERE …`.
async fn count<const N: usize>(db: &impl ConnectionTrait, matching: &str, values: [Value; N]) -> Result<u64> {
    let row = db
        .query_one_raw(sql(&format!("SELECT count(*) AS total {matching}"), values))
        .await?
        .ok_or_else(|| Error::internal("a count has no row"))?;
    Ok(row.try_get::<i64>("", "total")?.unsigned_abs())
}
