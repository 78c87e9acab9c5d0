//! The table that the measurement ends with, as Markdown, and the target beside it.

use crate::progress::grouped;
use std::fmt::Write;

/// What stays when nothing waits may at the end be this many times what stayed after the first portion.
const MOST_GROWTH: f64 = 1.05;

/// What Redis held after so many jobs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portion {
    /// Jobs since the beginning.
    pub(crate) jobs: u64,
    /// Keys of any name, once nothing waits and nobody works.
    pub(crate) keys: u64,
    /// Bytes allocated then.
    pub(crate) at_rest: u64,
    /// Bytes allocated on average while messages were pushed and handled.
    pub(crate) under_load: u64,
    /// Jobs a second of this portion.
    pub(crate) rate: f64,
}

/// The table, and whether what jobs leave behind stayed flat. Memory under load follows what waits at the moment and the
/// buffers of connections; it is told, without a target.
pub(crate) fn measured(portions: &[Portion]) -> (String, bool) {
    let mut text = String::from("| jobs | keys left | memory at rest | under load | jobs/s |\n|---:|---:|---:|---:|---:|\n");
    for portion in portions {
        let (jobs, rate) = (
            grouped(usize::try_from(portion.jobs).unwrap_or(usize::MAX)),
            grouped(portion.rate.round() as usize),
        );
        let (rest, load) = (megabytes(portion.at_rest), megabytes(portion.under_load));
        // Writing into a string never fails.
        let _ = writeln!(text, "| {jobs} | {} | {rest} | {load} | {rate} |", portion.keys);
    }
    let growth = |bytes: fn(&Portion) -> u64| match (portions.first(), portions.last()) {
        (Some(first), Some(last)) if bytes(first) > 0 => bytes(last) as f64 / bytes(first) as f64,
        _ => f64::NAN,
    };
    let (rest, load) = (growth(|portion| portion.at_rest), growth(|portion| portion.under_load));
    let is_flat = rest <= MOST_GROWTH;
    let verdict = if is_flat { "met" } else { "MISSED" };
    let _ = writeln!(
        text,
        "\nlast to first: {rest:.3} at rest (target: at most {MOST_GROWTH}, {verdict}), {load:.3} under load"
    );
    (text, is_flat)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portion(jobs: u64, at_rest: u64, under_load: u64) -> Portion {
        Portion {
            jobs,
            keys: 0,
            at_rest,
            under_load,
            rate: 12_345.6,
        }
    }

    #[test]
    fn flat_memory_is_told_with_its_ratio() {
        let (text, is_flat) = measured(&[portion(100_000, 1_000_000, 2_000_000), portion(200_000, 1_010_000, 1_900_000)]);
        assert!(is_flat);
        assert!(text.contains("| 200 000 | 0 | 1.01 MB | 1.90 MB | 12 346 |"), "{text}");
        assert!(
            text.contains("1.010 at rest (target: at most 1.05, met), 0.950 under load"),
            "{text}"
        );
    }

    #[test]
    fn growth_at_rest_misses_the_target_and_so_does_nothing_at_all() {
        let (text, is_flat) = measured(&[portion(1, 1_000_000, 1_000_000), portion(2, 1_060_000, 1_000_000)]);
        assert!(!is_flat && text.contains("MISSED"), "{text}");
        assert!(!measured(&[]).1);
    }
}
