//! Mails over SMTP, with TLS, sign-in, limits in time, and a few connections that are used again.

mod session;
mod settings;
mod verdict;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::future::{BoxFuture, FutureExt, join_all};
use tokio::sync::Semaphore;

use self::session::{Failure, Session};
pub use self::settings::{Encryption, SmtpSettings, SmtpUrlError};
use super::{Mail, Mailer, Receipt, SendError};

/// Hands mails to an SMTP server, over at most `connections` connections.
///
/// Dropping a `send` closes its connection and leaves the others alone.
pub struct SmtpMailer {
    settings: SmtpSettings,
    permits: Semaphore,
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
            settings,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Says goodbye on the connections that are not in use; call it when the worker stops.
    pub async fn close(&self) {
        let idle = std::mem::take(&mut *self.lock_idle());
        join_all(idle.into_iter().map(|idle| idle.session.quit())).await;
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
            self.deliver(mail).await.map_err(|failure| verdict::judge(failure, mail))
        }
        .boxed()
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
