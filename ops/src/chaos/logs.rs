//! Reads what the programs of the product logged as errors, and their panics.

use crate::failure::{Failure, Result};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::path::Path;

/// A line at level ERROR, or a panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    /// When; unknown of a panic.
    pub(crate) at: Option<DateTime<Utc>>,
    /// Which file holds it.
    pub(crate) file: String,
    /// What it says, without its fields.
    pub(crate) message: String,
    /// The whole line.
    pub(crate) line: String,
}

/// All errors of the API's and the workers' logs, file by file.
///
/// # Errors
/// When a log cannot be read.
pub(crate) fn errors(folder: &Path) -> Result<Vec<Logged>> {
    let entries = std::fs::read_dir(folder).map_err(Failure::file(folder))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("api-") || name.starts_with("worker"))
        .collect();
    names.sort();
    let mut errors = Vec::new();
    for name in names {
        let path = folder.join(&name);
        let bytes = std::fs::read(&path).map_err(Failure::file(&path))?;
        let text = String::from_utf8_lossy(&bytes);
        errors.extend(text.lines().filter_map(|line| error(&name, line)));
    }
    Ok(errors)
}

fn error(file: &str, line: &str) -> Option<Logged> {
    let logged = |at, message: &str| Logged {
        at,
        file: file.to_owned(),
        message: message.to_owned(),
        line: line.to_owned(),
    };
    if line.contains(" panicked at ") {
        return Some(logged(None, "panicked"));
    }
    let value: Value = serde_json::from_str(line).ok()?;
    if value.get("level")?.as_str()? != "ERROR" {
        return None;
    }
    let at = value.get("timestamp")?.as_str()?.parse().ok();
    Some(logged(at, value.get("message").and_then(Value::as_str).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_panics_are_found_and_other_lines_are_not() {
        let line = r#"{"timestamp":"2026-11-23T05:00:00.5Z","level":"ERROR","message":"request failed","code":"x"}"#;
        let found = error("api-001.log", line).unwrap();
        assert_eq!(found.message, "request failed");
        assert_eq!(found.at, Some("2026-11-23T05:00:00.5Z".parse().unwrap()));
        assert_eq!(error("api-001.log", &line.replace("ERROR", "WARN")), None);
        let panic = "thread 'tokio-rt-worker' (12) panicked at worker/src/handlers/drill.rs:12:9:";
        assert_eq!(error("worker1-001.err", panic).unwrap().message, "panicked");
        assert_eq!(error("worker1-001.err", "a drill"), None);
    }
}
