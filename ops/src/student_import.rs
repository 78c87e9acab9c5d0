//! Sends a file of students and follows the import to its end.

use crate::api::Api;
use crate::api::documents::{AcceptedImport, Import, ImportCounts, ImportError, Job, Page};
use crate::failure::{Failure, Result};
use crate::progress::grouped;
use reqwest::multipart::{Form, Part};
use std::time::{Duration, Instant};

/// An import without any progress for this long is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Imports a file of `records` new students without welcome mails.
///
/// # Errors
/// When the API refuses, the job fails or stands still, or not every record became a student.
pub(crate) async fn run(api: &Api, file: Vec<u8>, records: usize) -> Result<()> {
    let part = Part::bytes(file).file_name("students.csv").mime_str("text/csv");
    let part = part.map_err(|source| Failure::NoAnswer {
        call: "POST /imports/students".to_owned(),
        source,
    })?;
    let form = Form::new()
        .part("file", part)
        .text("mode", "apply")
        .text("on_existing", "update")
        .text("send_welcome", "false");
    let accepted: AcceptedImport = api.post_form("/imports/students", form).await?;
    follow(api, accepted.job.id).await?;
    let path = format!("/imports/{}", accepted.import.id);
    let import: Import = api.get(&path).await?;
    if is_whole(&import, records) {
        return Ok(());
    }
    let rejected: Page<ImportError> = api.get(&format!("{path}/errors?page=1&page_size=5")).await?;
    Err(Failure::Stopped(incomplete(&import, records, &rejected.items)))
}

/// Waits until the job has succeeded.
async fn follow(api: &Api, job_id: i64) -> Result<()> {
    let path = format!("/jobs/{job_id}");
    let mut last = None;
    let mut moved = Instant::now();
    let mut said = Instant::now();
    loop {
        let job: Job = api.get(&path).await?;
        match job.state.as_str() {
            "succeeded" => return Ok(()),
            "queued" | "running" => {}
            state => {
                let why = job.error.unwrap_or_default();
                return Err(Failure::Stopped(format!("the import's job {job_id} is {state}: {why}")));
            }
        }
        if last != Some(job.progress) {
            last = Some(job.progress);
            moved = Instant::now();
        }
        if moved.elapsed() > PATIENCE {
            let seconds = PATIENCE.as_secs();
            return Err(Failure::Stopped(format!(
                "the import's job {job_id} is {} and made no progress for {seconds} seconds; does the worker run?",
                job.state
            )));
        }
        if said.elapsed() > Duration::from_secs(2) {
            said = Instant::now();
            let count = |number: u64| usize::try_from(number).map_or_else(|_| number.to_string(), grouped);
            let total = job.progress.total.map_or_else(|| "?".to_owned(), count);
            eprintln!("  students: {} of {total}", count(job.progress.done));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether every record is accounted for, and became a student.
fn is_whole(import: &Import, records: usize) -> bool {
    let ImportCounts {
        read,
        created,
        updated,
        unchanged,
        rejected,
    } = import.counts;
    let accounted = created + updated + unchanged + rejected == read;
    import.state == "completed" && accounted && (read, created) == (records, records)
}

fn incomplete(import: &Import, records: usize, rejected: &[ImportError]) -> String {
    let mut text = format!("the import is {} with {:?}, of {records} records", import.state, import.counts);
    for error in rejected {
        let column = error.column.as_deref().unwrap_or("the record");
        text.push_str(&format!("\n    record {}: {column} {}", error.record, error.message_en));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(state: &str, counts: [usize; 5]) -> Import {
        let [read, created, updated, unchanged, rejected] = counts;
        Import {
            state: state.to_owned(),
            counts: ImportCounts {
                read,
                created,
                updated,
                unchanged,
                rejected,
            },
        }
    }

    #[test]
    fn an_import_is_whole_when_every_record_became_a_student() {
        assert!(is_whole(&import("completed", [10, 10, 0, 0, 0]), 10));
    }

    #[test]
    fn an_import_with_a_record_missing_or_unaccounted_is_not_whole() {
        for (state, counts) in [
            ("failed", [10, 10, 0, 0, 0]),
            ("completed", [9, 9, 0, 0, 0]),
            ("completed", [10, 9, 0, 0, 1]),
            ("completed", [10, 9, 1, 0, 0]),
            ("completed", [10, 10, 0, 1, 0]),
        ] {
            assert!(!is_whole(&import(state, counts), 10), "{state} {counts:?}");
        }
    }

    #[test]
    fn an_incomplete_import_names_rejected_records() {
        let error = ImportError {
            record: 7,
            column: Some("email".to_owned()),
            message_en: "is no address".to_owned(),
        };
        let text = incomplete(&import("completed", [10, 9, 0, 0, 1]), 10, &[error]);
        assert!(
            text.contains("rejected: 1") && text.ends_with("record 7: email is no address"),
            "{text}"
        );
    }
}
