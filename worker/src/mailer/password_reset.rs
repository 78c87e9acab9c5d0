//! The mail with the link to choose a new password, in the language of the institution.
//!
//! Only writing it: deriving the token and sending the mail belong to the job.

use super::letter::{Letter, moment, page, single_line, words};
use super::{ComposeError, Mail, Sender};
use acurate_shared::identity::{CredentialNonce, OpaqueToken};
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Locale;
use acurate_shared::secret::SecretString;
use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

/// Path of the page below the public address, where the link leads.
const PAGE: &str = "reset-password";

/// What a mail about a forgotten password says.
#[derive(Debug, Clone)]
pub struct PasswordResetMail {
    /// Whose password it is.
    pub user_id: UserId,
    /// What the token was derived from; part of the Message-ID as a fingerprint.
    pub nonce: CredentialNonce,
    /// First and last name.
    pub to_name: String,
    /// Address of the account and of the mail.
    pub to_address: String,
    /// Name of the institution as people write it.
    pub institution_name: String,
    /// Language of the mail.
    pub locale: Locale,
    /// What the link lets choose a password with, once.
    pub token: OpaqueToken,
    /// When the link stops working, in the time zone people should read it in; its offset is shown.
    pub expires_at: DateTime<FixedOffset>,
    /// Address of the frontend.
    pub public_url: Url,
}

impl PasswordResetMail {
    /// Writes the mail, dated `now`. The Message-ID depends on user, token and the sender's domain only, so that the mail
    /// is known again when a retry delivers it twice.
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
        let token = self.token.encoded();
        let link = SecretString::new(link(&self.public_url, &token).into());
        let words = Words {
            name: &name,
            institution: &institution,
            address: &self.to_address,
            link: link.expose(),
            expires: &moment(self.expires_at, self.locale),
        };
        let (text, html) = words.render(self.locale)?;
        Ok(Letter {
            subject: subject(&institution, self.locale),
            message_id: format!("<password-reset.{}.{}@{}>", self.user_id, self.nonce.fingerprint(), sender.domain()),
            name,
            address: self.to_address.clone(),
            text,
            html,
            confidential: vec![token],
        })
    }
}

/// The token stands behind `#`: a browser sends it to nobody, so that it is in no log and in no `Referer`.
fn link(public_url: &Url, token: &SecretString) -> Url {
    let mut link = page(public_url, PAGE);
    link.set_fragment(Some(&format!("token={}", token.expose())));
    link
}

fn subject(institution: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{institution}: AcuRate parolanızı yenileyin"),
        Locale::En => format!("{institution}: choose a new AcuRate password"),
    }
}

words! {
    /// What the templates show.
    Words {
        name: &'a str,
        institution: &'a str,
        address: &'a str,
        link: &'a str,
        expires: &'a str,
    }
    ["password_reset.tr.txt", "password_reset.tr.html", "password_reset.en.txt", "password_reset.en.html"]
}

#[cfg(test)]
mod tests;
