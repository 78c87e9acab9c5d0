//! How much of the processors a server took, as the kernel counts it.

use crate::failure::{Failure, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// Ticks of a second in `/proc`; the same on every Linux.
const TICKS: u64 = 100;

/// A process with all that it started: a server whose every connection is a process of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    parent: u32,
}

/// From one moment on.
#[derive(Debug)]
pub(crate) struct Since {
    family: Family,
    at: Instant,
    used: Duration,
}

/// What `/proc/<pid>/stat` says.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Its own time, in ticks.
    own: u64,
    /// That of children that have ended.
    ended: u64,
}

impl Family {
    /// The server that process `child` belongs to.
    ///
    /// # Errors
    /// When there is no such process on this machine.
    pub(crate) fn of_child(child: u32) -> Result<Self> {
        let parent = stat(child)?.parent;
        Ok(Self { parent })
    }

    /// Starts to count.
    ///
    /// # Errors
    /// When the server has ended.
    pub(crate) fn watch(self) -> Result<Since> {
        Ok(Since {
            family: self,
            at: Instant::now(),
            used: self.used()?,
        })
    }

    fn used(self) -> Result<Duration> {
        let parent = stat(self.parent)?;
        let mut ticks = parent.own + parent.ended;
        let folder = Path::new("/proc");
        for entry in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
            let name = entry.map_err(Failure::file(folder))?.file_name();
            let pid: Option<u32> = name.to_str().and_then(|name| name.parse().ok());
            // One that ends meanwhile is counted by its parent the next time.
            if let Some(Ok(child)) = pid.map(stat)
                && child.parent == self.parent
            {
                ticks += child.own;
            }
        }
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }
}

impl Since {
    /// The share of all processors that it took since then, 0 to 1.
    ///
    /// # Errors
    /// When the server has ended.
    pub(crate) fn share(&self) -> Result<f64> {
        let used = self.family.used()?.saturating_sub(self.used).as_secs_f64();
        Ok(used / (self.at.elapsed().as_secs_f64() * cores() as f64))
    }
}

/// Processors of this machine.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn stat(pid: u32) -> Result<Stat> {
    let path = format!("/proc/{pid}/stat");
    let path = Path::new(&path);
    let text = std::fs::read_to_string(path).map_err(Failure::file(path))?;
    parse(&text).ok_or_else(|| Failure::content(path, "is not what Linux writes"))
}

/// The name of the program, in parentheses, may hold anything: count from behind it.
fn parse(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |position: usize| fields.get(position)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_shifts_nothing() {
        let text = "77 (a (b) c) S 12 77 77 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6";
        let expected = Stat {
            parent: 12,
            own: 120,
            ended: 7,
        };
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("77"), None);
    }

    #[test]
    fn a_process_has_a_family_and_process_zero_has_none() {
        let family = Family::of_child(std::process::id()).unwrap();
        let share = family.watch().unwrap().share().unwrap();
        assert!(share.is_nan() || share >= 0.0);
        assert!(Family::of_child(0).unwrap_err().to_string().contains("/proc/0/stat"));
    }
}
