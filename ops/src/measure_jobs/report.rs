//! The tables that a measurement ends with, as Markdown, with the limits beside what was measured.

use super::{Plan, Round, backlog, bound, cpu, fairness, latency};
use crate::progress::grouped;
use crate::statistics::median;
use std::fmt::{Display, Write};

/// Two workers are to be so many times as fast as Celery's two processes.
const LEAST_RATIO: f64 = 3.0;

/// Half of all jobs are to start within so many milliseconds.
const MOST_P50: f64 = 10.0;

/// Ninety-nine of a hundred.
const MOST_P99: f64 = 50.0;

/// Medians of all rounds.
pub(super) fn throughput(plan: &Plan, rounds: &[Round], celery: Option<&str>) -> String {
    let of = |value: &dyn Fn(&Round) -> f64| median(&rounds.iter().map(value).collect::<Vec<_>>());
    let asked = of(&|round| f64::midpoint(round.one.asked, round.two.asked));
    let (one, two, bound) = (of(&|round| round.one.done), of(&|round| round.two.done), of(&|round| round.bound));
    let theirs = |value: &dyn Fn(super::celery::Worked) -> f64| of(&|round| round.celery.map_or(f64::NAN, value));
    let (their_asked, their_done) = (theirs(&|worked| worked.asked), theirs(&|worked| worked.done));
    let mut text = format!(
        "### A job that does nothing, through the whole path\n\n\
         Medians of {} round(s) of {} jobs; row, message, claim, run, end, on {} processors.\n\n",
        rounds.len(),
        grouped(plan.jobs),
        cpu::cores()
    );
    let mut table = Markdown::begin(&mut text, ["", "asked for/s", "done/s", "× Celery"]);
    let times = |rate: f64| format!("{:.1}", rate / their_done);
    if let Some(version) = celery {
        let name = format!("Celery {version}, prefork, 2 processes");
        table.row([&name, &whole(their_asked), &whole(their_done), &"1.0"]);
    }
    let ratio = |rate| celery.map_or_else(|| "–".to_owned(), |_| times(rate));
    table.row([&"AcuRate, 1 worker", &whole(asked), &whole(one), &ratio(one)]);
    table.row([&"AcuRate, 2 workers", &whole(asked), &whole(two), &ratio(two)]);
    let name = format!("PostgreSQL alone: insert, claim and end on {} connections", bound::CONNECTIONS);
    table.row([&name, &"–", &whole(bound), &ratio(bound)]);
    text.push('\n');
    if celery.is_some() {
        let met = verdict(two / their_done >= LEAST_RATIO);
        line(
            &mut text,
            format!("2 workers: {} × Celery (target: at least {LEAST_RATIO:.0}, {met}).", times(two)),
        );
    }
    let postgres = of(&|round| round.two.postgres);
    line(
        &mut text,
        format!("While 2 workers drained, PostgreSQL took {} of all processors.", percent(postgres)),
    );
    text
}

/// Both ways of sending.
pub(super) fn waits(plan: &Plan, asker: &latency::Waits, dispatcher: &latency::Waits) -> String {
    let mut text = format!(
        "### From being asked for to the start, {} jobs/s for {} s\n\n\
         1 worker with the default settings, milliseconds. From the beginning of the asking transaction both times are PostgreSQL's;\n\
         from its commit the first is the asker's clock, which differs from PostgreSQL's by less than {:.1} ms.\n\n",
        plan.rate,
        plan.seconds,
        asker.clocks_within.max(dispatcher.clocks_within)
    );
    let mut table = Markdown::begin(&mut text, ["message sent by", "begin p50", "p99", "commit p50", "p99"]);
    for (name, waits) in [("whoever asks, as the API", asker), ("a dispatcher", dispatcher)] {
        let ([p50, p99], [from_p50, from_p99]) = (waits.since_begin(), waits.since_commit());
        table.row([&name, &tenths(p50), &tenths(p99), &tenths(from_p50), &tenths(from_p99)]);
    }
    text.push('\n');
    let [p50, p99] = asker.since_begin();
    let (first, second) = (verdict(p50 < MOST_P50), verdict(p99 < MOST_P99));
    line(
        &mut text,
        format!("Targets: p50 below {MOST_P50:.0} ms ({first}), p99 below {MOST_P99:.0} ms ({second})."),
    );
    text
}

/// One step for each number of workers.
pub(super) fn scaling(plan: &Plan, steps: &[(usize, backlog::Worked)]) -> String {
    let mut text = format!("### Computations of {} students, one job each\n\n", grouped(plan.students));
    let first = steps.first().map_or(f64::NAN, |(_, worked)| worked.done);
    let mut table = Markdown::begin(
        &mut text,
        ["workers", "jobs/s", "× 1 worker", "PostgreSQL's share of all processors"],
    );
    for (workers, worked) in steps {
        let times = format!("{:.2}", worked.done / first);
        table.row([workers, &whole(worked.done), &times, &percent(worked.postgres)]);
    }
    text
}

/// With and without the import.
pub(super) fn fairness(plan: &Plan, outcome: &fairness::Outcome) -> String {
    let seconds = outcome.import.as_secs_f64();
    let mut text = format!(
        "### Single marks of one institution beside another's import\n\n\
         {} marks/s over HTTP, milliseconds; the import brought {} students in {seconds:.0} s ({}/s). 1 API, 1 worker, default settings.\n\n",
        plan.marks,
        grouped(plan.records),
        whole(plan.records as f64 / seconds)
    );
    let header = ["", "marks", "answer p50", "p99", "outcomes computed p50", "p99"];
    let mut table = Markdown::begin(&mut text, header);
    for (name, marks) in [("alone", &outcome.alone), ("beside the import", &outcome.beside)] {
        let ([answer, answer_p99], [shown, shown_p99]) = (marks.answered(), marks.shown());
        let count = grouped(marks.shown.len());
        table.row([
            &name,
            &count,
            &tenths(answer),
            &tenths(answer_p99),
            &tenths(shown),
            &tenths(shown_p99),
        ]);
    }
    text
}

/// A table that is being written.
struct Markdown<'a, const N: usize> {
    text: &'a mut String,
}

impl<'a, const N: usize> Markdown<'a, N> {
    /// The first column is a name, the others are numbers.
    fn begin(text: &'a mut String, header: [&str; N]) -> Self {
        let mut table = Self { text };
        table.row(header.each_ref().map(|cell| cell as &dyn Display));
        table.text.push_str("|---|");
        table.text.push_str(&"---:|".repeat(N.saturating_sub(1)));
        table.text.push('\n');
        table
    }

    fn row(&mut self, cells: [&dyn Display; N]) {
        for cell in cells {
            // Writing into a string never fails.
            let _ = write!(self.text, "| {cell} ");
        }
        self.text.push_str("|\n");
    }
}

fn line(text: &mut String, line: String) {
    text.push_str(&line);
    text.push('\n');
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn whole(rate: f64) -> String {
    grouped(rate.round() as usize)
}

fn tenths(milliseconds: f64) -> String {
    format!("{milliseconds:.1}")
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::celery;
    use super::*;
    use std::time::Duration;

    fn worked(done: f64) -> backlog::Worked {
        backlog::Worked {
            asked: 9_000.0,
            done,
            postgres: 0.615,
        }
    }

    fn round(theirs: f64, two: f64) -> Round {
        Round {
            celery: Some(celery::Worked {
                asked: 1_100.0,
                done: theirs,
            }),
            one: worked(two / 2.0),
            two: worked(two),
            bound: 3_000.0,
        }
    }

    fn row<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
        let line = text.lines().find(|line| line.starts_with(&format!("| {name}"))).unwrap();
        line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).skip(1).collect()
    }

    #[test]
    fn the_median_round_is_told_beside_the_target() {
        let rounds = [round(500.0, 2_000.0), round(700.0, 2_800.0), round(100.0, 9_000.0)];
        let text = throughput(&Plan::full(), &rounds, Some("5.7.0"));
        assert_eq!(row(&text, "Celery 5.7.0"), ["1 100", "500", "1.0"]);
        assert_eq!(row(&text, "AcuRate, 2 workers"), ["9 000", "2 800", "5.6"]);
        assert!(text.contains("2 workers: 5.6 × Celery (target: at least 3, met)"), "{text}");
        assert!(text.contains("62 % of all processors"), "{text}");
        let slow = throughput(&Plan::full(), &[round(500.0, 1_499.0)], Some("5.7.0"));
        assert!(slow.contains("MISSED"), "{slow}");
    }

    #[test]
    fn without_celery_nothing_is_compared() {
        let rounds = [Round {
            celery: None,
            ..round(1.0, 2_000.0)
        }];
        let text = throughput(&Plan::full(), &rounds, None);
        assert_eq!(row(&text, "AcuRate, 2 workers"), ["9 000", "2 000", "–"]);
        assert!(!text.contains("target"), "{text}");
    }

    #[test]
    fn waits_are_judged_by_the_longer_measure_of_what_the_api_does() {
        let waits_of = |begin: f64| latency::Waits {
            since_begin: vec![begin; 10],
            since_commit: vec![2.0; 10],
            clocks_within: 0.25,
        };
        let text = waits(&Plan::full(), &waits_of(11.0), &waits_of(99.0));
        assert_eq!(row(&text, "whoever asks"), ["11.0", "11.0", "2.0", "2.0"]);
        assert!(text.contains("below 10 ms (MISSED), p99 below 50 ms (met)"), "{text}");
        assert!(text.contains("less than 0.2 ms") || text.contains("less than 0.3 ms"), "{text}");
    }

    #[test]
    fn more_workers_are_compared_with_one() {
        let text = scaling(&Plan::full(), &[(1, worked(400.0)), (2, worked(700.0))]);
        assert_eq!(row(&text, "2"), ["700", "1.75", "62 %"]);
    }

    #[test]
    fn marks_are_told_with_the_import_and_without() {
        let marks = |wait: f64| fairness::Marks {
            answered: vec![1.0; 4],
            shown: vec![wait; 4],
        };
        let outcome = fairness::Outcome {
            alone: marks(9.0),
            beside: marks(30.0),
            import: Duration::from_secs(50),
        };
        let text = fairness(&Plan::full(), &outcome);
        assert_eq!(row(&text, "alone"), ["4", "1.0", "1.0", "9.0", "9.0"]);
        assert_eq!(row(&text, "beside the import"), ["4", "1.0", "1.0", "30.0", "30.0"]);
        assert!(text.contains("500 000 students in 50 s (10 000/s)"), "{text}");
    }
}
