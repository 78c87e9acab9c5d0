//! The tables that a load ends with.

use super::dataset::Dataset;
use super::load::Loaded;
use super::truth::Tally;
use crate::progress::{Phases, grouped};
use crate::table::Table;
use std::time::Duration;

/// One row for each presentation, and their sum.
pub(crate) fn presentations(data: &Dataset, loaded: &[Loaded], tallies: &[Tally]) -> String {
    let mut table = Table::new(["presentation", "term", "students", "marks", "with LO %", "mean LO %", "seconds"]);
    for ((presentation, loaded), tally) in data.presentations.iter().zip(loaded).zip(tallies) {
        let term = format!("{} {}", presentation.term.academic_year(), presentation.term.semester);
        table.row([
            presentation.name(),
            term,
            grouped(presentation.students.len()),
            grouped(presentation.marks.len()),
            grouped(tally.valued),
            tally.mean().map_or_else(|| "-".to_owned(), |mean| mean.to_string()),
            seconds(loaded.took),
        ]);
    }
    table.row([
        "all".to_owned(),
        String::new(),
        grouped(data.registrations()),
        grouped(data.marks()),
        grouped(tallies.iter().map(|tally| tally.valued).sum()),
        String::new(),
        String::new(),
    ]);
    table.to_string()
}

/// One row for each phase, and `standing`: how long it took until all achievements stood.
pub(crate) fn phases(phases: &Phases, standing: Duration) -> String {
    let mut table = Table::new(["phase", "seconds"]);
    for (name, took) in phases.ended() {
        table.row([(*name).to_owned(), seconds(*took)]);
    }
    table.row(["until all achievements stood".to_owned(), seconds(standing)]);
    table.to_string()
}

fn seconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::super::dataset::Hundredths;
    use super::super::files;
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_presentation_without_a_value_shows_a_dash() {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let loaded = |position| Loaded {
            position,
            roster: HashMap::new(),
            marks: 0,
            took: Duration::from_millis(1250),
        };
        let valued = Tally {
            valued: 2,
            sum: Hundredths(9022),
        };
        let text = presentations(&data, &[loaded(0), loaded(1)], &[valued, Tally::default()]);
        let rows: Vec<Vec<_>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[1], ["AAA", "2013J", "2013-2014", "fall", "2", "3", "2", "45.11", "1.2"]);
        assert_eq!(rows[2], ["GGG", "2014B", "2013-2014", "spring", "1", "1", "0", "-", "1.2"]);
        assert_eq!(rows[3], ["all", "3", "4", "2"]);
    }
}
