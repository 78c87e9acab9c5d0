//! What came of a run, as a table for people.

use super::check::{self, Copies, Finding, RECOVERY, Wrong};
use super::facts::Facts;
use super::inject::Harm;
use super::plan::Fault;
use super::promise::Promises;
use super::recovery::quantile;
use crate::progress::grouped;
use crate::table::Table;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// How many findings are shown in full.
const SHOWN: usize = 60;

/// A run and what was found.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) promises: &'a Promises,
    pub(crate) facts: &'a Facts,
    pub(crate) harm: &'a Harm,
    pub(crate) findings: &'a [Finding],
}

impl Display for Report<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n{}", self.faults(), self.outcome())?;
        if self.findings.is_empty() {
            return write!(formatter, "Nothing was lost and nothing was done twice.");
        }
        for finding in self.findings.iter().take(SHOWN) {
            writeln!(formatter, "{:?}: {}", finding.wrong, finding.what)?;
        }
        write!(formatter, "{} findings.", self.findings.len())
    }
}

impl Report<'_> {
    fn faults(&self) -> Table<2> {
        let mut table = Table::new(["fault", "times"]);
        for fault in Fault::ALL {
            let count = self.harm.faults.iter().filter(|injected| injected.fault == *fault).count();
            if count > 0 {
                table.row([fault.text().to_owned(), count.to_string()]);
            }
        }
        table.row(["all".to_owned(), self.harm.faults.len().to_string()]);
        table
    }

    fn outcome(&self) -> Table<2> {
        let Copies {
            untold,
            unrecorded,
            unexplained,
        } = check::copies(&self.facts.taken, self.harm);
        let found = |wrong| self.findings.iter().filter(|finding| finding.wrong == wrong).count();
        let promises = self.promises;
        let rows: [(&str, usize); 14] = [
            ("requests accepted", usize::try_from(promises.requests).unwrap_or(usize::MAX)),
            ("students", promises.students.len()),
            ("imports", promises.imports.len()),
            ("grades", promises.cells.len()),
            ("enrollments", promises.enrollments.len()),
            ("achievements compared", self.facts.achievements),
            ("mails taken by the server", self.facts.taken.len()),
            ("  again, as the server hung up", untold),
            ("  again, as the yes could not be recorded", unrecorded),
            ("  again, for no known reason", unexplained),
            ("jobs done", self.facts.succeeded.len()),
            ("lost", found(Wrong::Lost)),
            ("doubled", found(Wrong::Doubled)),
            ("otherwise wrong", found(Wrong::Other)),
        ];
        let mut table = Table::new(["outcome", ""]);
        for (name, count) in rows {
            table.row([name.to_owned(), grouped(count)]);
        }
        let mut waits = check::waits(&self.facts.recoveries, self.harm);
        let disturbed = self.facts.recoveries.len() - waits.len();
        table.row(["jobs of dead workers taken over".to_owned(), grouped(waits.len())]);
        table.row(["  p50 after the end of the lease".to_owned(), seconds(quantile(&mut waits, 0.5))]);
        let limit = format!("  p99 (limit: {} s)", RECOVERY.as_secs());
        table.row([limit, seconds(quantile(&mut waits, 0.99))]);
        table.row(["  more, while a server was away".to_owned(), grouped(disturbed)]);
        table
    }
}

fn seconds(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "-".to_owned(), |duration| format!("{:.2} s", duration.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_what_is_wrong_and_says_when_nothing_is() {
        let (promises, facts, harm) = Default::default();
        let mut report = Report {
            promises: &promises,
            facts: &facts,
            harm: &harm,
            findings: &[],
        };
        assert!(report.to_string().ends_with("Nothing was lost and nothing was done twice."));
        let findings = [Finding::wrong("a grade is gone")];
        report.findings = &findings;
        let text = report.to_string();
        assert!(text.contains("a grade is gone") && text.ends_with("1 findings."), "{text}");
    }
}
