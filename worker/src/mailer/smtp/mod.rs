//! Mails over SMTP, with TLS, sign-in, limits in time, and a few connections that are used again.
//!
//! A server that cannot be reached is tried a few times in a row, with growing waits, and then left alone for a while by the
//! circuit breaker: mails are held back untried, as they are when the server has got its share of the minute.

mod pace;
mod session;
mod settings;
mod verdict;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use acurate_shared::breaker::{Breaker, Broken};
use backon::{ExponentialBuilder, Retryable};
use futures::future::{BoxFuture, FutureExt, join_all};
use tokio::sync::Semaphore;

use self::pace::Pace;
use self::session::{Failure, Session};
pub use self::settings::{Encryption, SmtpSettings, SmtpUrlError};
use super::{Mail, Mailer, Receipt, SendError};

/// No wait between two tries of a mail is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Hands mails to an SMTP server, over at most `connections` connections.
///
/// Dropping a `send` closes its connection and leaves the others alone.
pub struct SmtpMailer {
    settings: SmtpSettings,
    permits: Semaphore,
    breaker: Breaker,
    pace: Pace,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    session: Session,
    since: Instant,
}

impl SmtpMailer {
    /// Connects to nothing yet: an unreachable server shows itself as a failed mail that is tried again.
    pub fn new(settings: SmtpSettings) -> Self {
        if matches!(settings.encryption(), Encryption::None | Encryption::Opportunistic) {
            tracing::warn!(
                encryption = ?settings.encryption(),
                "mails, and the temporary passwords in them, may travel unencrypted to the SMTP server"
            );
        }
        Self {
            permits: Semaphore::new(settings.connections.max(1)),
            breaker: Breaker::new("SMTP", settings.breaker),
            pace: Pace::new(settings.per_minute, settings.patience),
            settings,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Says goodbye on the connections that are not in use; call it when the worker stops.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.lock_idle());
        join_all(idle.into_iter().map(|idle| idle.session.quit())).await;
    }

    /// Tries while the server cannot be reached and the breaker lets through.
    async fn deliver_through_breaker(&self, mail: &Mail) -> Result<Receipt, Broken<Failure>> {
        let waits = ExponentialBuilder::default()
            .with_min_delay(self.settings.retry_wait)
            .with_max_delay(LONGEST_WAIT)
            .with_factor(2.0)
            .with_max_times(self.settings.tries.saturating_sub(1));
        (|| self.breaker.call(self.deliver(mail), verdict::is_outage))
            .retry(waits)
            .when(|broken| matches!(broken, Broken::Failed(failure) if verdict::is_worth_another_try(failure)))
            .await
    }

    async fn deliver(&self, mail: &Mail) -> Result<Receipt, Failure> {
        let mut session = self.begin(mail).await?;
        match session.transmit(mail).await {
            Ok(response) => {
                self.park(session);
                let reply = response.message().collect::<Vec<_>>().join(" ");
                Ok(Receipt {
                    reply: mail.redact(&reply),
                })
            }
            Err(failure) => {
                if failure.leaves_session_open() && session.reset().await {
                    self.park(session);
                }
                Err(failure)
            }
        }
    }

    /// A session in which `mail` has begun: one that was used before, else a new one.
    async fn begin(&self, mail: &Mail) -> Result<Session, Failure> {
        while let Some(mut session) = self.unpark() {
            // A used session may have been closed meanwhile, or have had its share of mails. Nothing is lost by
            // asking: whatever it answers, a new session decides.
            if session.begin(mail).await.is_ok() {
                return Ok(session);
            }
        }
        let mut session = Session::open(&self.settings).await?;
        session.begin(mail).await?;
        Ok(session)
    }

    fn park(&self, session: Session) {
        self.lock_idle().push(Idle {
            session,
            since: Instant::now(),
        });
    }

    /// The session used last; those that have waited too long are closed.
    fn unpark(&self) -> Option<Session> {
        let mut idle = self.lock_idle();
        idle.retain(|idle| idle.since.elapsed() < self.settings.idle_timeout);
        idle.pop().map(|idle| idle.session)
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        // A list of connections is whole whatever happened to the thread that held it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            let _permit = self.permits.acquire().await.map_err(|_| SendError::Transient {
                code: None,
                reason: "the mailer is closed".to_owned(),
            })?;
            // Looked at before the turn is waited for, so that a server that is out costs nobody's turn.
            if let Some(retry_after) = self.breaker.open_for() {
                return Err(out(retry_after));
            }
            self.pace.turn().await.map_err(|retry_after| SendError::Held {
                retry_after,
                reason: "the mail server has got its share for now",
            })?;
            self.deliver_through_breaker(mail).await.map_err(|broken| match broken {
                Broken::Open(retry_after) => out(retry_after),
                Broken::Failed(failure) => verdict::judge(failure, mail),
            })
        }
        .boxed()
    }

    fn held_for(&self) -> Option<Duration> {
        self.breaker.open_for()
    }
}

fn out(retry_after: Duration) -> SendError {
    SendError::Held {
        retry_after,
        reason: "the mail server does not answer",
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SmtpMailer")
            .field("settings", &self.settings)
            .field("free_connections", &self.permits.available_permits())
            .finish_non_exhaustive()
    }
}
