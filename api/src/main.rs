//! The `acurate-api` binary; everything is in the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    acurate_api::cli::run().await
}
