//! Logs: JSON lines on the console and, where one is named, in a file that rotates by size.

use crate::config::TelemetrySettings;
use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Keeps the writer of the log file alive; lines still in memory are written when it is dropped.
#[derive(Debug)]
#[must_use = "the log file is written only while this lives"]
pub struct Logs {
    _file: Option<WorkerGuard>,
}

/// Starts logging for the whole process. Call once.
///
/// # Errors
/// When the filter cannot be read, the folder cannot be made, or logging runs already.
pub fn init(settings: &TelemetrySettings) -> Result<Logs, Box<dyn std::error::Error + Send + Sync>> {
    let filter = || EnvFilter::try_new(&settings.filter).map_err(|error| format!("ACURATE_LOG_FILTER={}: {error}", settings.filter));
    let console = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_filter(filter()?);
    let (file, guard) = match file_writer(settings)? {
        Some((writer, guard)) => {
            let layer = tracing_subscriber::fmt::layer()
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .with_writer(writer)
                .with_filter(filter()?);
            (Some(layer), Some(guard))
        }
        None => (None, None),
    };
    tracing_subscriber::registry().with(console).with(file).try_init()?;
    Ok(Logs { _file: guard })
}

type FileWriter = (tracing_appender::non_blocking::NonBlocking, WorkerGuard);

/// Lines are written by a thread of their own, so that a slow disk never holds up a request.
fn file_writer(settings: &TelemetrySettings) -> Result<Option<FileWriter>, std::io::Error> {
    let Some(path) = &settings.file else { return Ok(None) };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let bytes = usize::try_from(settings.file_bytes).unwrap_or(usize::MAX);
    let backups = usize::try_from(settings.file_backups).unwrap_or(usize::MAX);
    let rotated = FileRotate::new(
        path,
        AppendCount::new(backups),
        ContentLimit::BytesSurpassed(bytes),
        Compression::None,
        None,
    );
    Ok(Some(tracing_appender::non_blocking(rotated)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_file_rotates_by_size_and_keeps_so_many_backups() {
        let folder = std::env::temp_dir().join(format!("acurate-logs-{}", uuid::Uuid::new_v4().simple()));
        let settings = TelemetrySettings {
            filter: "info".to_owned(),
            file: Some(folder.join("api.log")),
            file_bytes: 1024,
            file_backups: 2,
        };
        let (mut writer, guard) = file_writer(&settings).unwrap().unwrap();
        for _ in 0..100 {
            writer.write_all(&[b'x'; 99]).unwrap();
            writer.write_all(b"\n").unwrap();
        }
        drop(guard);
        let mut files: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(files, ["api.log", "api.log.1", "api.log.2"]);
    }
}
