//! The most memory that a process has held at once, as the kernel keeps it.

use crate::failure::{Failure, Result};
use std::path::PathBuf;

/// Peak resident memory of process `pid` since it started, in bytes.
///
/// # Errors
/// When there is no such process, or the kernel does not tell.
pub(crate) fn peak(pid: u32) -> Result<u64> {
    let path = PathBuf::from(format!("/proc/{pid}/status"));
    let status = std::fs::read_to_string(&path).map_err(Failure::file(&path))?;
    peak_in(&status).ok_or_else(|| Failure::content(&path, "holds no VmHWM"))
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(
            peak_in("Name:\tacurate-worker\nVmPeak:\t  9 kB\nVmHWM:\t   51200 kB\nVmRSS:\t 40 kB\n"),
            Some(52_428_800)
        );
        assert_eq!(peak_in("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn this_process_has_a_peak_and_process_zero_has_none() {
        assert!(peak(std::process::id()).unwrap() > 0);
        assert!(peak(0).unwrap_err().to_string().contains("/proc/0/status"));
    }
}
