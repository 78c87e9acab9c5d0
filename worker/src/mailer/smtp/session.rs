//! One connection to the mail server, command by command, so that a refusal is known by what it refuses.
//!
//! lettre's own transport tells the reply code of a failed mail but not which command it answered, and limits only the
//! TCP connection in time. Here each step has a name and a limit; the connection itself, TLS and authentication are
//! lettre's.

use std::fmt;
use std::time::Duration;

use lettre::Tokio1Executor;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use super::settings::SmtpSettings;
use crate::mailer::Mail;

/// What was being done when a mail failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name resolution, TCP, TLS, greeting and EHLO.
    Connect,
    /// AUTH.
    Authenticate,
    /// MAIL FROM: our own address.
    Sender,
    /// RCPT TO: the address of the person.
    Recipient,
    /// DATA, before the message.
    Data,
    /// The message and the reply to it.
    Message,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "connecting",
            Self::Authenticate => "AUTH",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Message => "message",
        })
    }
}

/// Why a step failed.
#[derive(Debug)]
pub(super) enum Cause {
    /// The server said no.
    Reply {
        /// 400 to 599.
        code: u16,
        /// Its words.
        text: String,
    },
    /// It said nothing within the limit.
    Timeout(Duration),
    /// The connection broke, TLS failed, or the reply was no SMTP.
    Link(String),
    /// The server lives but lacks what this mail needs.
    Unsupported(String),
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        match error.status() {
            Some(code) => Self::Reply {
                code: code.into(),
                text: std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default(),
            },
            None => Self::Link(error.to_string()),
        }
    }
}

/// A step that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

impl Failure {
    /// Whether the server is still there and listens after this failure. 421 announces that it hangs up.
    pub(super) fn leaves_session_open(&self) -> bool {
        matches!(self.cause, Cause::Reply { code, .. } if code != 421)
    }
}

/// An open connection, ready for a mail.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    command_timeout: Duration,
    message_timeout: Duration,
}

impl Session {
    /// Connects, encrypts as the settings say, and signs in where they hold credentials.
    pub(super) async fn open(settings: &SmtpSettings) -> Result<Self, Failure> {
        use lettre::Executor;

        let connecting = Tokio1Executor::connect(
            &settings.host,
            settings.port,
            // Half, so that one dead address leaves time for the next.
            Some(settings.connect_timeout / 2),
            &settings.hello,
            &settings.tls,
        );
        let connection = within(Stage::Connect, settings.connect_timeout, connecting).await?;
        let mut session = Self {
            connection,
            command_timeout: settings.command_timeout,
            message_timeout: settings.message_timeout,
        };
        if let Some(credentials) = &settings.credentials {
            let authenticating = session.connection.auth(DEFAULT_MECHANISMS, credentials);
            within(Stage::Authenticate, settings.command_timeout, authenticating).await?;
        }
        Ok(session)
    }

    /// Names the sender. Nothing of the mail has left before this, and nothing is lost when it fails.
    pub(super) async fn begin(&mut self, mail: &Mail) -> Result<(), Failure> {
        let parameters = self.parameters(mail)?;
        let command = MailFrom::new(Some(mail.sender().clone()), parameters);
        self.command(Stage::Sender, command).await.map(drop)
    }

    /// Names the recipient and transmits the message; the server's reply to it.
    pub(super) async fn transmit(&mut self, mail: &Mail) -> Result<Response, Failure> {
        let recipient = Rcpt::new(mail.recipient().clone(), Vec::new());
        self.command(Stage::Recipient, recipient).await?;
        self.command(Stage::Data, Data).await?;
        within(Stage::Message, self.message_timeout, self.connection.message(mail.content())).await
    }

    /// Forgets a mail that was begun; false when the connection is of no more use.
    pub(super) async fn reset(&mut self) -> bool {
        self.command(Stage::Sender, Rset).await.is_ok()
    }

    /// Says QUIT and closes.
    pub(super) async fn quit(mut self) {
        // Whether the server says goodbye does not matter, only that we do not wait for it for ever.
        let _ = tokio::time::timeout(self.command_timeout, self.connection.quit()).await;
    }

    async fn command(&mut self, stage: Stage, command: impl fmt::Display) -> Result<Response, Failure> {
        within(stage, self.command_timeout, self.connection.command(command)).await
    }

    /// The extensions this mail needs, where the server has them.
    fn parameters(&self, mail: &Mail) -> Result<Vec<MailParameter>, Failure> {
        let server = self.connection.server_info();
        let recipient: &str = mail.recipient().as_ref();
        let mut parameters = Vec::new();
        for (needed, extension, parameter) in [
            (!recipient.is_ascii(), Extension::SmtpUtfEight, MailParameter::SmtpUtfEight),
            (
                !mail.content().is_ascii(),
                Extension::EightBitMime,
                MailParameter::Body(MailBodyParameter::EightBitMime),
            ),
        ] {
            if needed && !server.supports_feature(extension) {
                return Err(Failure {
                    stage: Stage::Sender,
                    cause: Cause::Unsupported(format!("the server lacks {extension}, which this address needs")),
                });
            }
            if needed {
                parameters.push(parameter);
            }
        }
        Ok(parameters)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").finish_non_exhaustive()
    }
}

async fn within<T>(stage: Stage, limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    match tokio::time::timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Failure {
            stage,
            cause: error.into(),
        }),
        Err(_) => Err(Failure {
            stage,
            cause: Cause::Timeout(limit),
        }),
    }
}
