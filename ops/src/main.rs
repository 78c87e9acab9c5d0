//! `acurate-ops`: what an operator runs beside the product. Trial loads, measurements and the demo institution.
//!
//! The scripts of this folder build and call it; nothing here is part of the API or the worker.

mod accounts;
mod address;
mod api;
mod chaos;
mod cli;
mod failure;
mod mailbox;
mod measure;
mod measure_jobs;
mod measure_redis;
mod progress;
mod real_data;
mod seed_demo;
mod statistics;
mod student_import;
mod table;
mod tenant;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    cli::run().await
}
