//! The `acurate-worker` binary; everything is in the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    acurate_worker::cli::run().await
}
