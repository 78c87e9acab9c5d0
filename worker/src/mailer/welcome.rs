//! The mail that welcomes a new user, with the temporary password, in the language of the institution.
//!
//! Only writing it: deriving the password and sending the mail belong to the job.

use super::letter::{Letter, moment, single_line};
use super::{ComposeError, Mail, Sender};
use acurate_shared::identity::{CredentialNonce, TemporaryPassword};
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Locale;
use acurate_shared::secret::SecretString;
use askama::Template;
use chrono::{DateTime, FixedOffset, Utc};
use url::Url;

/// What a welcome mail says.
#[derive(Debug, Clone)]
pub struct WelcomeMail {
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
        let name = single_line(&self.to_name);
        let institution = single_line(&self.institution_name);
        let password = self.password.grouped();
        let expires = moment(self.expires_at, self.locale);
        let (text, html) = render(&Fields {
            locale: self.locale,
            name: &name,
            institution: &institution,
            address: &self.to_address,
            password: &password,
            sign_in_url: self.sign_in_url.as_str(),
            expires: &expires,
        })?;
        let letter = Letter {
            subject: subject(&institution, self.locale),
            message_id: format!("<welcome.{}.{}@{}>", self.user_id, self.nonce.fingerprint(), sender.domain()),
            name,
            address: self.to_address.clone(),
            text,
            html,
            confidential: vec![password],
        };
        letter.seal(sender, now)
    }
}

fn subject(institution: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{institution}: AcuRate hesabınız açıldı"),
        Locale::En => format!("{institution}: your AcuRate account is ready"),
    }
}

/// What the templates show.
struct Fields<'a> {
    locale: Locale,
    name: &'a str,
    institution: &'a str,
    address: &'a str,
    password: &'a SecretString,
    sign_in_url: &'a str,
    expires: &'a str,
}

macro_rules! templates {
    ($($(#[$doc:meta])* $name:ident = $path:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            name: &'a str,
            institution: &'a str,
            address: &'a str,
            password: &'a str,
            sign_in_url: &'a str,
            expires: &'a str,
        }

        impl<'a> From<&Fields<'a>> for $name<'a> {
            fn from(fields: &Fields<'a>) -> Self {
                Self {
                    name: fields.name,
                    institution: fields.institution,
                    address: fields.address,
                    password: fields.password.expose(),
                    sign_in_url: fields.sign_in_url,
                    expires: fields.expires,
                }
            }
        }
    )+};
}

templates! {
    TurkishText = "welcome.tr.txt",
    TurkishHtml = "welcome.tr.html",
    EnglishText = "welcome.en.txt",
    EnglishHtml = "welcome.en.html",
}

/// The mail as text and as HTML.
fn render(fields: &Fields<'_>) -> askama::Result<(String, String)> {
    match fields.locale {
        Locale::Tr => Ok((TurkishText::from(fields).render()?, TurkishHtml::from(fields).render()?)),
        Locale::En => Ok((EnglishText::from(fields).render()?, EnglishHtml::from(fields).render()?)),
    }
}

#[cfg(test)]
mod tests;
