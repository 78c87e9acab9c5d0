//! Loads the Open University data through the public API, and reads all of it back.
//!
//! Everybody who registered is enrolled, also those who left: their marks count, as in the published results. All
//! but the exams measure the one learning outcome of a presentation, with their published weights.

mod dataset;
mod expected;
mod files;
mod load;
mod losses;
mod outcomes;
mod published;
mod read_back;
mod report;
mod structure;
mod students;
mod truth;

use crate::failure::Result;
use crate::progress::{Phases, grouped};
use crate::student_import;
use crate::tenant::Platform;
use dataset::Dataset;
use std::path::Path;
use std::time::Instant;

/// Loads the files of `folder` into an institution of its own and prints what came of it; whether nothing was lost.
///
/// # Errors
/// When the files cannot be read, the API is away or refuses, or the worker does nothing.
pub(crate) async fn run(folder: &Path, accounts: &Path, mail_dir: &Path) -> Result<bool> {
    let data = files::read(folder)?;
    eprintln!("{}", summary(&data));
    let platform = Platform::open(accounts, mail_dir).await?;
    let began = Instant::now();
    let mut phases = Phases::start();
    let tenant = platform.new_tenant("Open University").await?;
    let api = &tenant.api;
    phases.end("institution and first sign-in");
    let structure = structure::create(api, &data).await?;
    phases.end("courses, assessments, outcomes");
    student_import::run(api, students::file(&data, &tenant.domain)?, data.students.len()).await?;
    phases.end("students");
    let loaded = load::all(api, &data, &structure.courses).await?;
    phases.end("enrollments, marks, achievements");
    let standing = began.elapsed();
    let mut found = read_back::everything(api, &data, &structure, &loaded).await?;
    if published::is(&data) {
        published::compare(api, &data, &structure, &loaded, &mut found).await?;
    }
    phases.end("read back and compared");
    let standing = found.late.map_or(standing, |late| late.duration_since(began));

    println!("{} (institution {})\n", tenant.name, tenant.institution_id);
    println!("{}", report::presentations(&data, &loaded, &found.tallies));
    println!("{}", report::phases(&phases, standing));
    if found.losses.is_empty() {
        println!("Nothing was lost: every student, registration, mark and outcome is what the files say.");
    } else {
        println!("LOST OR DIFFERENT:\n{}", found.losses);
    }
    Ok(found.losses.is_empty())
}

fn summary(data: &Dataset) -> String {
    format!(
        "{} students, {} presentations, {} assessments, {} registrations, {} marks ({} results have no score){}",
        grouped(data.students.len()),
        data.presentations.len(),
        data.assessments(),
        grouped(data.registrations()),
        grouped(data.marks()),
        data.missing_scores,
        if published::is(data) {
            ""
        } else {
            "; these are not the published files"
        }
    )
}
