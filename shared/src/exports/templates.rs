//! Empty tables to fill in and import.

use super::{Cell, CsvFormat};
use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::imports::{Column, Delimiter};
use crate::kinds::Locale;
use sea_orm::ConnectionTrait;

/// The header of a file of students, as CSV in the format of the actor's institution.
///
/// # Errors
/// `Forbidden` for everybody but institution admins, who import students.
pub async fn students(db: &impl ConnectionTrait, actor: &Actor, delimiter: Option<Delimiter>) -> Result<String> {
    let institution_id = actor.require_admin()?;
    let select = "SELECT locale FROM institutions WHERE id = $1";
    let row = db.query_one_raw(sql(select, [institution_id.into()])).await?;
    let locale: Locale = row.ok_or(Error::NotFound("institution"))?.try_get("", "locale")?;
    let mut text = String::from(CsvFormat::BYTE_ORDER_MARK);
    CsvFormat::new(locale, delimiter).line(&Column::ALL.map(|column| Cell::text(column.name())), &mut text);
    Ok(text)
}
