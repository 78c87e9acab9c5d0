//! The table that a measurement ends with, and the targets beside it.

use crate::progress::grouped;
use crate::statistics::median;
use crate::table::Table;
use std::fmt::Write;
use std::time::Duration;

/// An import is to be at least this fast, as a share of `COPY`.
const LEAST_RATIO: f64 = 0.2;

/// The worker is to stay below this, in bytes.
const MOST_MEMORY: u64 = 150_000_000;

/// How long the same students took in two ways.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// `COPY` alone.
    pub(crate) copy: Duration,
    /// From the upload's first byte to the end of the job.
    pub(crate) import: Duration,
}

impl Round {
    fn ratio(self) -> f64 {
        self.copy.as_secs_f64() / self.import.as_secs_f64()
    }
}

/// Rates of each round, their medians, and the worker's peak memory in bytes.
pub(crate) fn measured(records: usize, rounds: &[Round], memory: u64) -> String {
    let rate = |duration: Duration| records as f64 / duration.as_secs_f64();
    let copies: Vec<f64> = rounds.iter().map(|round| rate(round.copy)).collect();
    let imports: Vec<f64> = rounds.iter().map(|round| rate(round.import)).collect();
    let ratios: Vec<f64> = rounds.iter().map(|round| round.ratio()).collect();
    let mut table = Table::new(["round", "COPY records/s", "import records/s", "ratio"]);
    for (number, ((copy, import), ratio)) in copies.iter().zip(&imports).zip(&ratios).enumerate() {
        table.row([(number + 1).to_string(), whole(*copy), whole(*import), format!("{ratio:.2}")]);
    }
    let ratio = median(&ratios);
    table.row([
        "median".to_owned(),
        whole(median(&copies)),
        whole(median(&imports)),
        format!("{ratio:.2}"),
    ]);
    let mut text = format!("{} students a round\n\n{table}\n", grouped(records));
    let told = verdict(ratio >= LEAST_RATIO);
    let megabytes = memory as f64 / 1e6;
    let limit = MOST_MEMORY / 1_000_000;
    // Writing into a string never fails.
    let _ = writeln!(
        text,
        "ratio of the median round: {ratio:.2} (target: at least {LEAST_RATIO}, {told})"
    );
    let told = verdict(memory < MOST_MEMORY);
    let _ = writeln!(
        text,
        "peak memory of the worker since its start: {megabytes:.0} MB (target: below {limit} MB, {told})"
    );
    text
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn whole(rate: f64) -> String {
    grouped(rate.round() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(copy: u64, import: u64) -> Round {
        Round {
            copy: Duration::from_millis(copy),
            import: Duration::from_millis(import),
        }
    }

    #[test]
    fn rates_ratio_and_targets_are_told() {
        let text = measured(1_000, &[round(100, 400), round(100, 1_000), round(100, 200)], 90_400_000);
        let median = text.lines().find(|line| line.starts_with("median")).unwrap_or_default();
        assert_eq!(median.split_whitespace().collect::<String>(), "median1000025000.25");
        assert!(text.contains("0.25 (target: at least 0.2, met)"), "{text}");
        assert!(text.contains("90 MB (target: below 150 MB, met)"), "{text}");
    }

    #[test]
    fn a_missed_target_is_told() {
        let text = measured(1_000, &[round(100, 501)], 150_000_000);
        assert_eq!(text.matches("MISSED").count(), 2, "{text}");
    }
}
