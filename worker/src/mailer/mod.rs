//! Outgoing mail: what a mail is, how it is written, and the two places it can go.
//!
//! [`smtp`] hands mails to a server, [`directory`] to a folder for development. When to try again, and what is
//! recorded of a delivery, is the business of the job that sends.

pub mod directory;
pub mod grades_posted;
pub mod import_finished;
mod letter;
mod mail;
pub mod mask;
pub mod password_changed;
pub mod password_reset;
pub mod preview;
pub mod smtp;
pub mod welcome;

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;

pub use directory::DirectoryMailer;
pub use grades_posted::GradesPostedMail;
pub use import_finished::{ImportFinishedMail, ImportOutcome};
pub use letter::{Addressee, ComposeError};
pub use mail::{InvalidSender, Mail, Sender};
pub use password_changed::PasswordChangedMail;
pub use password_reset::PasswordResetMail;
pub use smtp::{SmtpMailer, SmtpSettings};
pub use welcome::{Occasion, WelcomeMail};

/// A place that takes mails.
pub trait Mailer: fmt::Debug + Send + Sync {
    /// Hands `mail` over; it returns once the mail is in the receiver's care.
    ///
    /// Sending the same mail again after an error may deliver it twice, with the same Message-ID.
    ///
    /// # Errors
    /// [`SendError`], which says whether another try can help.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Receipt, SendError>>;

    /// For how long every mail would be held back from now on; `None` when mails go out.
    fn held_for(&self) -> Option<Duration> {
        None
    }
}

/// What the receiver answered to a mail it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The server's last reply, which often holds its queue id, or the name of the file. At most 300 characters, with
    /// addresses masked.
    pub reply: String,
}

/// A mail was not taken. No text in it holds the password or an unmasked address, so it may be stored and logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The server refused the address for good; the same mail will be refused again.
    #[error("the address was refused: {reason}")]
    Permanent {
        /// The server's reply code, 500 to 599.
        code: u16,
        /// Where and with which words, at most about 350 characters.
        reason: String,
        /// The address itself does not work: no other mail reaches it either.
        is_undeliverable: bool,
    },
    /// Nobody tried: the server has not answered lately, or has got its share for now.
    #[error("the mail was not tried: {reason}")]
    Held {
        /// After which time to ask again.
        retry_after: Duration,
        /// Why.
        reason: &'static str,
    },
    /// Everything else: another try may succeed.
    #[error("the mail was not sent: {reason}")]
    Transient {
        /// The server's reply code, 400 to 599; none when it gave no answer.
        code: Option<u16>,
        /// Where and why, at most about 350 characters.
        reason: String,
    },
}
