//! Listens until SIGTERM or SIGINT, then lets running requests end.

use crate::app::app;
use crate::config::Settings;
use crate::state::AppState;
use poem::Server;
use poem::listener::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until it is told to stop.
///
/// # Errors
/// When the address cannot be had or a setting cannot be used.
pub(crate) async fn serve(settings: Settings) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let state = AppState::new(&settings).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: running requests may end");
    };
    tracing::info!(address = %settings.http.bind, "listening");
    Server::new(TcpListener::bind(settings.http.bind))
        .run_with_graceful_shutdown(app(state), stop, Some(settings.http.shutdown_grace))
        .await?;
    tracing::info!("stopped");
    Ok(())
}
