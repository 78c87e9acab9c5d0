//! A circuit breaker around an outside service: who does not answer is left alone for a while, and then asked once.
//!
//! The states, the counting and the single probe are those of `tower-resilience-circuitbreaker`; here they are given a future
//! that need not be `'static`, the word of the caller for what counts as an outage, the time until the next probe, and one line
//! of log when an outage begins and when it ends. It knows nothing of what the service does, and it tries nothing again.

use futures::future::{BoxFuture, FutureExt, join};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tower::{Service, ServiceExt};
use tower_resilience_circuitbreaker::{CircuitBreakerLayer, CircuitState};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Outages in a row that open it, at least 1.
    pub failures: usize,
    /// How long nobody is let through then; after that one call is, and decides.
    pub wait: Duration,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken<E> {
    /// The call was not made: the service has not answered lately. Ask again after this time.
    Open(Duration),
    /// The call was made, and failed.
    Failed(E),
}

/// The breaker of one service, shared by all who call it.
pub struct Breaker {
    layer: CircuitBreakerLayer,
    wait: Duration,
    last: Arc<Mutex<(CircuitState, Instant)>>,
}

impl Breaker {
    /// A closed breaker; `name` stands in the log.
    #[must_use]
    pub fn new(name: &'static str, settings: BreakerSettings) -> Self {
        let last = Arc::new(Mutex::new((CircuitState::Closed, Instant::now())));
        let noted = Arc::clone(&last);
        let wait = settings.wait;
        // Shared by all services of the layer, which is what the handle is for; a breaker of no failures cannot be asked for.
        let built = CircuitBreakerLayer::builder()
            .name(name)
            .consecutive_failures(settings.failures.max(1))
            .wait_duration_in_open(wait)
            .permitted_calls_in_half_open(1)
            .on_state_transition(move |from, to| {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = (to, Instant::now());
                tell(name, wait, from, to);
            })
            .build_with_handle();
        let layer = match built {
            Ok((layer, _handle)) => layer,
            Err(never) => unreachable!("the settings above are within bounds: {never}"),
        };
        Self { layer, wait, last }
    }

    /// How long calls are refused from now on; `None` when the next one would be let through.
    #[must_use]
    pub fn open_for(&self) -> Option<Duration> {
        let (state, since) = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match state {
            CircuitState::Open => self.wait.checked_sub(since.elapsed()).filter(|left| !left.is_zero()),
            CircuitState::Closed | CircuitState::HalfOpen => None,
        }
    }

    /// Does `work` unless the breaker is open. A failure for which `is_outage` holds counts against the service; any other is an
    /// answer, and shows that it lives. Work that is dropped half way counts as neither.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn call<T, E>(&self, work: impl Future<Output = Result<T, E>>, is_outage: impl FnOnce(&E) -> bool) -> Result<T, Broken<E>> {
        let (admit, admitted) = oneshot::channel();
        let (report, reported) = oneshot::channel();
        // The library wants to own what it calls, so it gets a stand-in: told to begin it lets the work begin here, and it
        // ends as the work did. A stand-in that is refused is dropped, which ends the wait.
        let gate = self.layer.layer_fn(StandIn).oneshot(Call { admit, reported });
        let run = async {
            admitted.await.ok()?;
            let result = work.await;
            let failed = result.as_ref().is_err_and(is_outage);
            // The receiver is the stand-in below, which waits for exactly this.
            let _ = report.send(failed);
            Some(result)
        };
        match join(gate, run).await.1 {
            Some(result) => result.map_err(Broken::Failed),
            None => Err(Broken::Open(self.ask_again())),
        }
    }

    /// The rest of the wait, and a tenth of it while another call is the probe.
    fn ask_again(&self) -> Duration {
        self.open_for().unwrap_or_default().max(self.wait / 10)
    }
}

impl std::fmt::Debug for Breaker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (state, _) = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        formatter
            .debug_struct("Breaker")
            .field("state", &state)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

/// An outage is told when it begins and when it ends; what lies between is for the curious.
fn tell(name: &str, wait: Duration, from: CircuitState, to: CircuitState) {
    match (from, to) {
        (CircuitState::Closed, CircuitState::Open) => {
            tracing::warn!(service = name, asks_again_in = ?wait, "an outside service does not answer; what needs it waits");
        }
        (_, CircuitState::Closed) => tracing::info!(service = name, "an outside service answers again"),
        _ => tracing::debug!(service = name, ?from, ?to, "circuit breaker"),
    }
}

/// The two ends of a call that runs elsewhere.
struct Call {
    admit: oneshot::Sender<()>,
    reported: oneshot::Receiver<bool>,
}

/// Fails when the work did.
#[derive(Clone, Copy, Debug)]
struct StandIn;

/// The service was out.
#[derive(Clone, Copy, Debug)]
struct Outage;

impl Service<Call> for StandIn {
    type Response = ();
    type Error = Outage;
    type Future = BoxFuture<'static, Result<(), Outage>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Outage>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        async move {
            // Both ends live in one future: when the other one is gone, so is this.
            let _ = call.admit.send(());
            match call.reported.await {
                Ok(true) => Err(Outage),
                Ok(false) | Err(_) => Ok(()),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
