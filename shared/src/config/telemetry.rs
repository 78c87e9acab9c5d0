//! Where logs go.

use super::Environment;
use std::path::PathBuf;

/// Settings of logging.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// Filter of the tracing subscriber, e.g. `info` or `info,acurate_worker=debug`.
    pub filter: String,
    /// A file to write JSON lines to, besides the console.
    pub file: Option<PathBuf>,
    /// Size at which the file is rotated, in bytes.
    pub file_bytes: u64,
    /// Rotated files that are kept.
    pub file_backups: u64,
}

impl TelemetrySettings {
    /// Reads the section.
    pub fn read(env: &mut Environment) -> Self {
        Self {
            filter: env.text("ACURATE_LOG_FILTER", "info"),
            file: env.optional("ACURATE_LOG_FILE").map(PathBuf::from),
            file_bytes: env.number("ACURATE_LOG_FILE_BYTES", 10_485_760, 1024, 1 << 40),
            file_backups: env.number("ACURATE_LOG_FILE_BACKUPS", 5, 1, 1000),
        }
    }
}
