//! What the API promised to those whose requests it accepted: what must be there after the run, exactly once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A student who was created, and perhaps changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Student {
    /// 1, and one more for each change.
    pub(crate) version: i32,
    /// As it was given at last.
    pub(crate) last_name: String,
    /// Whether a welcome mail was ordered.
    pub(crate) is_welcomed: bool,
}

/// An import whose file was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Import {
    /// Read, created, updated, unchanged, rejected.
    pub(crate) counts: [i64; 5],
    /// Numbers of the records that are rejected; the header is 1.
    pub(crate) rejected: BTreeSet<i64>,
}

/// A cell of a grade book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// The last score, in hundredths.
    pub(crate) score: i64,
    /// 1, and one more for each other score.
    pub(crate) version: i32,
}

/// An assessment and a student's number.
pub(crate) type Place = (i64, String);

/// All that was promised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Promises {
    /// By address.
    pub(crate) students: BTreeMap<String, Student>,
    /// By the name of the file, of which each import has its own.
    pub(crate) imports: BTreeMap<String, Import>,
    /// By place.
    pub(crate) cells: BTreeMap<Place, Cell>,
    /// Course and address of the student.
    pub(crate) enrollments: BTreeSet<(i64, String)>,
    /// Addresses that asked for a link to choose a password.
    pub(crate) links: BTreeSet<String>,
    /// Requests that were accepted.
    pub(crate) requests: u64,
    /// Requests that were refused, or never answered although all was well again.
    pub(crate) failures: Vec<String>,
}

impl Promises {
    /// A cell was given a score.
    pub(crate) fn score(&mut self, place: Place, score: i64) {
        let cell = self.cells.entry(place).or_insert(Cell { score, version: 0 });
        if cell.version == 0 || cell.score != score {
            *cell = Cell {
                score,
                version: cell.version + 1,
            };
        }
    }
}

/// The promises of a run that is under way.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    promises: Mutex<Promises>,
}

impl Ledger {
    /// To write down what was just accepted.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Promises> {
        self.promises.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_a_version_for_each_other_score() {
        let mut promises = Promises::default();
        let place = || (7, "001".to_owned());
        for score in [500, 500, 700] {
            promises.score(place(), score);
        }
        assert_eq!(promises.cells[&place()], Cell { score: 700, version: 2 });
    }
}
