//! The order of a list as a caller wants it: `sort=field,-field`, a leading minus for descending.

use crate::validation::Checks;
use sea_orm::sea_query::{IntoColumnRef, SimpleExpr};
use sea_orm::{Order, QueryOrder};

/// Fields to sort by, the most significant first.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort<F>(Vec<(F, Order)>);

impl<F: Copy> Sort<F> {
    /// Reads the wish of a caller; names unknown fields, and the known ones, as a fault of `sort`.
    pub fn read(checks: &mut Checks, text: Option<&str>, known: &[(&'static str, F)]) -> Self {
        let words = text.unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
        let mut keys = Vec::new();
        for word in words {
            let (name, order) = match word.strip_prefix('-') {
                Some(name) => (name, Order::Desc),
                None => (word, Order::Asc),
            };
            match known.iter().find(|(field, _)| *field == name) {
                Some((_, field)) => keys.push((*field, order)),
                None => {
                    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                    checks.fault(
                        "sort",
                        "unknown_sort",
                        format!("sorts by {}; a leading minus turns the order", names.join(", ")),
                    );
                }
            }
        }
        // Nobody needs more, and PostgreSQL should not be asked for thousands.
        keys.truncate(known.len());
        Self(keys)
    }

    /// This order, or another one when the caller wished for none.
    #[must_use]
    pub fn or(self, keys: &[(F, Order)]) -> Self {
        if self.0.is_empty() { Self(keys.to_vec()) } else { self }
    }

    /// The fields and their directions.
    pub fn keys(&self) -> impl Iterator<Item = (F, &Order)> {
        self.0.iter().map(|(field, order)| (*field, order))
    }
}

impl<F: Copy + IntoColumnRef> Sort<F> {
    /// Adds the order to a query. The caller adds the key after it, so that the order is total.
    pub fn apply<Q: QueryOrder>(&self, query: Q) -> Q {
        self.keys().fold(query, |query, (column, order)| {
            let column = SimpleExpr::Column(column.into_column_ref());
            query.order_by(sea_orm::sea_query::Expr::expr(column), order.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const KNOWN: &[(&str, u8)] = &[("code", 1), ("title", 2)];

    fn read(text: &str) -> (Sort<u8>, Result<(), Error>) {
        let mut checks = Checks::default();
        let sort = Sort::read(&mut checks, Some(text), KNOWN);
        (sort, checks.finish())
    }

    #[test]
    fn fields_sort_in_the_order_of_the_wish() {
        let (sort, checks) = read("-title, code");
        assert!(checks.is_ok());
        assert_eq!(sort, Sort(vec![(2, Order::Desc), (1, Order::Asc)]));
    }

    #[test]
    fn no_wish_is_the_order_of_the_list() {
        let (sort, _) = read(" , ");
        assert_eq!(sort.or(&[(1, Order::Asc)]), Sort(vec![(1, Order::Asc)]));
    }

    #[test]
    fn an_unknown_field_is_a_fault_that_names_the_known_ones() {
        let (_, checks) = read("code,password_hash");
        let Err(Error::Invalid(faults)) = checks else { panic!("no fault") };
        assert_eq!(faults.len(), 1);
        assert!(faults[0].message.contains("code, title"), "{}", faults[0].message);
    }

    #[test]
    fn a_wish_without_end_is_cut() {
        let (sort, _) = read(&"code,".repeat(1000));
        assert_eq!(sort.keys().count(), 2);
    }
}
