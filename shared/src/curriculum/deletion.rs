//! What stands against a deletion: how many things refer to what shall go, and how that is said.

use crate::db::{Work, sql};
use crate::error::{Error, Result};
use sea_orm::{ConnectionTrait, Value};

/// The counts that a statement gives in the named columns of its one row.
pub(super) async fn count<const V: usize, const N: usize>(
    work: &Work,
    select: &str,
    values: [Value; V],
    names: [&'static str; N],
) -> Result<[(&'static str, i64); N]> {
    let row = work.tx().query_one_raw(sql(select, values)).await?;
    let row = row.ok_or_else(|| Error::internal("a count has no row"))?;
    let mut counts = names.map(|name| (name, 0));
    for (name, count) in &mut counts {
        *count = row.try_get("", name)?;
    }
    Ok(counts)
}

/// `courses (3) and people (40)`: what is there; nothing when all counts are zero.
pub(super) fn listed(counts: &[(&str, i64)]) -> Option<String> {
    let mut words: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    let last = words.pop()?;
    if words.is_empty() {
        return Some(last);
    }
    Some(format!("{} and {last}", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_is_listed() {
        assert_eq!(listed(&[("courses", 0), ("people", 0)]), None);
        assert_eq!(listed(&[("courses", 3), ("people", 0)]).unwrap(), "courses (3)");
        assert_eq!(
            listed(&[("courses", 3), ("programs", 1), ("people", 40)]).unwrap(),
            "courses (3), programs (1) and people (40)"
        );
    }
}
