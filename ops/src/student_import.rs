//! Sends a file of students and follows the import to its end.

use crate::api::Api;
use crate::api::documents::{AcceptedImport, Import, Job};
use crate::failure::{Failure, Result};
use crate::progress::grouped;
use reqwest::multipart::{Form, Part};
use std::time::{Duration, Instant};

/// An import without any progress for this long is given up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Imports `file` without welcome mails; returns the counts when every record was read.
///
/// # Errors
/// When the API refuses, the job fails or stands still, or the counts do not add up.
pub(crate) async fn run(api: &Api, file: Vec<u8>) -> Result<Import> {
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
    let import: Import = api.get(&format!("/imports/{}", accepted.import.id)).await?;
    check(&import)?;
    Ok(import)
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
        if said.elapsed() > Duration::from_secs(1) {
            said = Instant::now();
            let count = |number: u64| usize::try_from(number).map_or_else(|_| number.to_string(), grouped);
            let total = job.progress.total.map_or_else(|| "?".to_owned(), count);
            eprintln!("  students: {} of {total}", count(job.progress.done));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn check(import: &Import) -> Result<()> {
    let sum = import.created + import.updated + import.unchanged + import.rejected;
    if import.state == "completed" && sum == import.records_read {
        return Ok(());
    }
    Err(Failure::Stopped(format!("the import lost records: {import:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import() -> Import {
        Import {
            state: "completed".to_owned(),
            records_read: 10,
            created: 4,
            updated: 3,
            unchanged: 2,
            rejected: 1,
        }
    }

    #[test]
    fn an_import_is_whole_when_its_counts_add_up_to_the_records_read() {
        assert!(check(&import()).is_ok());
        let short = Import { rejected: 0, ..import() };
        assert!(check(&short).unwrap_err().to_string().contains("lost records"));
    }

    #[test]
    fn an_import_that_was_not_completed_is_not_whole() {
        let failed = Import {
            state: "failed".to_owned(),
            ..import()
        };
        assert!(check(&failed).is_err());
    }
}
