//! The mail with a temporary password, in the language of the institution: it welcomes a new user, or tells one whose access was
//! reset.
//!
//! Only writing it: deriving the password and sending the mail belong to the job.

use super::letter::{Letter, moment, single_line, words};
use super::{ComposeError, Mail, Sender};
use acurate_shared::identity::{CredentialNonce, TemporaryPassword};
use acurate_shared::ids::UserId;
use acurate_shared::kinds::{Locale, MailKind};
use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

/// Why somebody gets a temporary password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The account is new; the mail may have been sent before, with another password.
    NewAccount,
    /// Its user had chosen a password, which an administrator has replaced.
    AccessReset,
}

impl Occasion {
    /// What the mail is about.
    pub fn kind(self) -> MailKind {
        match self {
            Self::NewAccount => MailKind::Welcome,
            Self::AccessReset => MailKind::AccessReset,
        }
    }

    /// The first part of the Message-ID.
    fn word(self) -> &'static str {
        match self {
            Self::NewAccount => "welcome",
            Self::AccessReset => "access-reset",
        }
    }
}

/// What a welcome mail says.
#[derive(Debug, Clone)]
pub struct WelcomeMail {
    /// Why it is sent.
    pub occasion: Occasion,
    /// Whom it welcomes.
    pub user_id: UserId,
    /// The credential the password was derived from; part of the Message-ID as a fingerprint.
    pub nonce: CredentialNonce,
    /// First and last name.
    pub to_name: String,
    /// Address of the account and of the mail.
    pub to_address: String,
    /// Name of the institution as people write it.
    pub institution_name: String,
    /// Language of the mail.
    pub locale: Locale,
    /// The temporary password.
    pub password: TemporaryPassword,
    /// When the password stops working, in the time zone people should read it in; its offset is shown.
    pub expires_at: DateTime<FixedOffset>,
    /// Where to sign in.
    pub sign_in_url: Url,
}

impl WelcomeMail {
    /// Writes the mail, dated `now`. The Message-ID depends on user, credential and the sender's domain only, so that
    /// the mail is known again when a retry delivers it twice.
    ///
    /// # Errors
    /// [`ComposeError`]; none of them goes away by trying again.
    pub fn compose(&self, sender: &Sender, now: DateTime<Utc>) -> Result<Mail, ComposeError> {
        self.letter(sender)?.seal(sender, now)
    }

    /// What it says.
    pub(super) fn letter(&self, sender: &Sender) -> Result<Letter, ComposeError> {
        let name = single_line(&self.to_name);
        let institution = single_line(&self.institution_name);
        let password = self.password.grouped();
        let expires = moment(self.expires_at, self.locale);
        let (text, html) = self.render(&name, &institution, password.expose(), &expires)?;
        Ok(Letter {
            subject: self.subject(&institution),
            message_id: format!(
                "<{}.{}.{}@{}>",
                self.occasion.word(),
                self.user_id,
                self.nonce.fingerprint(),
                sender.domain()
            ),
            name,
            address: self.to_address.clone(),
            text,
            html,
            confidential: vec![password],
        })
    }

    fn render(&self, name: &str, institution: &str, password: &str, expires: &str) -> askama::Result<(String, String)> {
        let (address, sign_in_url) = (self.to_address.as_str(), self.sign_in_url.as_str());
        match self.occasion {
            Occasion::NewAccount => NewAccountWords {
                name,
                institution,
                address,
                password,
                sign_in_url,
                expires,
            }
            .render(self.locale),
            Occasion::AccessReset => AccessResetWords {
                name,
                institution,
                address,
                password,
                sign_in_url,
                expires,
            }
            .render(self.locale),
        }
    }

    fn subject(&self, institution: &str) -> String {
        match (self.occasion, self.locale) {
            (Occasion::NewAccount, Locale::Tr) => format!("{institution}: AcuRate hesabınız açıldı"),
            (Occasion::NewAccount, Locale::En) => format!("{institution}: your AcuRate account is ready"),
            (Occasion::AccessReset, Locale::Tr) => format!("{institution}: AcuRate hesabınıza yeni geçici parola"),
            (Occasion::AccessReset, Locale::En) => format!("{institution}: a new temporary password for AcuRate"),
        }
    }
}

words! {
    /// What the templates of a new account show.
    NewAccountWords {
        name: &'a str,
        institution: &'a str,
        address: &'a str,
        password: &'a str,
        sign_in_url: &'a str,
        expires: &'a str,
    }
    ["welcome.tr.txt", "welcome.tr.html", "welcome.en.txt", "welcome.en.html"]
}

words! {
    /// What the templates of a reset access show.
    AccessResetWords {
        name: &'a str,
        institution: &'a str,
        address: &'a str,
        password: &'a str,
        sign_in_url: &'a str,
        expires: &'a str,
    }
    ["access_reset.tr.txt", "access_reset.tr.html", "access_reset.en.txt", "access_reset.en.html"]
}

#[cfg(test)]
mod tests;
