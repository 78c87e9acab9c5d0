//! The `acurate-worker` binary; everything is in the library.

use std::process::ExitCode;
use std::time::Duration;

/// How long threads of jobs that were ended may take to notice; a handler that never yields must not keep the process.
const THREADS_WITHIN: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("acurate-worker: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(acurate_worker::cli::run());
    runtime.shutdown_timeout(THREADS_WITHIN);
    code
}
