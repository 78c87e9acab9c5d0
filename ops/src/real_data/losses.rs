//! What should be there and is not, or is something else: counted in full, shown in part.

use std::collections::BTreeMap;

/// The most examples of one kind that are shown.
const EXAMPLES: usize = 5;

/// Losses by kind.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    kinds: BTreeMap<&'static str, (usize, Vec<String>)>,
}

impl Losses {
    /// Adds one.
    pub(crate) fn add(&mut self, kind: &'static str, what: impl FnOnce() -> String) {
        let (count, examples) = self.kinds.entry(kind).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(what());
        }
    }

    /// Adds one where two values differ.
    pub(crate) fn compare<T: PartialEq + std::fmt::Debug>(&mut self, kind: &'static str, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.add(kind, || format!("{what}: {found:?} instead of {expected:?}"));
        }
    }

    /// Whether nothing was lost.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}

impl std::fmt::Display for Losses {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (kind, (count, examples)) in &self.kinds {
            writeln!(formatter, "{kind}: {count}")?;
            for example in examples {
                writeln!(formatter, "    {example}")?;
            }
            if *count > examples.len() {
                writeln!(formatter, "    and {} more", count - examples.len())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_no_loss() {
        let mut losses = Losses::default();
        losses.compare("counts", "students", &3, &3);
        assert!(losses.is_empty());
        losses.compare("counts", "students", &2, &3);
        assert_eq!(losses.to_string(), "counts: 1\n    students: 2 instead of 3\n");
    }

    #[test]
    fn many_losses_are_counted_and_the_first_are_shown() {
        let mut losses = Losses::default();
        (0..8).for_each(|number| losses.add("marks", || format!("mark {number}")));
        let text = losses.to_string();
        assert!(
            text.starts_with("marks: 8\n    mark 0\n") && text.ends_with("mark 4\n    and 3 more\n"),
            "{text}"
        );
    }
}
