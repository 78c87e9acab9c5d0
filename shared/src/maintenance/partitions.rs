//! Partitions ahead of time: months of the activity log, academic years of the grades.
//!
//! A month that is missing costs nothing but a slower log, whose default partition takes the rows; an academic year that is
//! missing is made by the first course of it. Here they are made before anybody needs them.

use crate::db::{Database, sql};
use crate::error::{Error, Result};
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, TransactionTrait, Value};

/// Months ahead of the one that runs.
const MONTHS_AHEAD: u32 = 3;

/// What was missing and was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Months, each by its first day.
    pub months: Vec<NaiveDate>,
    /// Academic years, each by the year in which it begins.
    pub years: Vec<i16>,
}

/// Makes what is missing at `now`: the month that runs and three more; the academic years that begin in the year before, in
/// this one and in the next, because the one before may still run. Each is a short transaction of its own. By everybody
/// at once without harm.
///
/// # Errors
/// When the database refuses, also because a partition stays locked for five seconds; those made before stay.
pub async fn ensure(database: &Database, now: DateTime<Utc>) -> Result<Made> {
    let mut made = Made::default();
    let out_of_range = || Error::internal("the calendar ends");
    let this_month = now.date_naive().with_day(1).ok_or_else(out_of_range)?;
    for ahead in 0..=MONTHS_AHEAD {
        let month = this_month.checked_add_months(Months::new(ahead)).ok_or_else(out_of_range)?;
        if make(database, "SELECT ensure_activity_partition($1) AS made", month.into()).await? {
            made.months.push(month);
        }
    }
    let this_year = i16::try_from(now.year()).map_err(|_| out_of_range())?;
    for year in this_year - 1..=this_year + 1 {
        if make(database, "SELECT ensure_grades_partition($1) AS made", year.into()).await? {
            made.years.push(year);
        }
    }
    Ok(made)
}

/// Attaching waits for whoever reads the table, and everybody after it waits for the attaching: better to give up soon and
/// to try again later.
async fn make(database: &Database, statement: &str, which: Value) -> Result<bool> {
    let tx = database.orm().begin().await?;
    tx.execute_unprepared("SET LOCAL lock_timeout = '5s'").await?;
    let row = tx.query_one_raw(sql(statement, [which])).await?;
    let made = row.ok_or_else(|| Error::internal("a function gave no row"))?.try_get("", "made")?;
    tx.commit().await?;
    Ok(made)
}
