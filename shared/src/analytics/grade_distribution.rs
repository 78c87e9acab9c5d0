//! How the grades of an institution are distributed: by tenths of the scale and by letter.

use super::access;
use super::reading::all;
use super::results::{percentage_of, with_results};
use super::scope::{Filter, Scope};
use super::statistics::{self, Statistics};
use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// The distribution of course grades; a student counts once for each course.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeDistribution {
    /// Active enrollments, with and without a grade.
    pub results: i64,
    /// Passing among those with a grade, 0 to 100.
    pub pass_rate: Option<Decimal>,
    /// The grades.
    pub grades: Statistics,
    /// Letters that were given, the most points first.
    pub letters: Vec<LetterCount>,
    /// Grades of years without a grading scheme.
    pub without_letter: i64,
}

/// How often a letter was given.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterCount {
    /// The letter.
    pub letter: String,
    /// How often.
    pub count: i64,
}

#[derive(FromQueryResult)]
struct Row {
    is_total: bool,
    letter: Option<String>,
    results: i64,
    pass_rate: Option<Decimal>,
    #[sea_orm(nested)]
    grades: Statistics,
}

/// The distribution of the grades of an institution, for administrators.
///
/// # Errors
/// `Forbidden` for everybody else; `Invalid` for an impossible year.
pub async fn of(db: &impl ConnectionTrait, actor: &Actor, filter: &Filter) -> Result<GradeDistribution> {
    let scope = Scope::filtered(access::institution(actor)?, filter)?;
    let select = format!(
        "{results}
        SELECT GROUPING(letter) = 1 AS is_total, letter, count(*) AS results, {pass_rate} AS pass_rate, {statistics}
        FROM result
        GROUP BY GROUPING SETS ((), (letter))
        ORDER BY is_total DESC, max(points) DESC NULLS LAST, min(grade) DESC NULLS LAST, letter",
        results = with_results(),
        pass_rate = percentage_of("count(*) FILTER (WHERE passed)", "count(grade)"),
        statistics = statistics::columns("grade"),
    );
    let rows: Vec<Row> = all(db, sql(&select, scope.values())).await?;
    let (totals, letters): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.is_total);
    let total = totals.into_iter().next().ok_or_else(|| Error::internal("a total gave no row"))?;
    let counted = |row: &Row| {
        Some(LetterCount {
            letter: row.letter.clone()?,
            count: row.grades.n,
        })
    };
    let letters: Vec<LetterCount> = letters.iter().filter_map(counted).collect();
    Ok(GradeDistribution {
        results: total.results,
        pass_rate: total.pass_rate,
        without_letter: total.grades.n - letters.iter().map(|letter| letter.count).sum::<i64>(),
        grades: total.grades,
        letters,
    })
}
