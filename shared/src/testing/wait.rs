//! Waiting for a condition instead of for time.

use std::future::Future;
use std::time::Duration;

/// Asks again and again until there is an answer; gives up, and fails the test, after a minute.
///
/// # Panics
/// When there is none after a minute.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited a minute for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
