//! The mail that welcomes a new user, with the temporary password, in the language of the institution.
//!
//! Only writing it: deriving the password and sending the mail belong to the job.

use acurate_shared::identity::{CredentialNonce, TemporaryPassword};
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Locale;
use acurate_shared::secret::SecretString;
use askama::Template;
use chrono::{DateTime, Datelike, FixedOffset, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use url::{Host, Url};

use super::{Mail, Sender};

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

/// A mail that cannot be written, however often it is tried.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The account's address is none that mail can be sent to.
    #[error("the account's address is no valid mail address")]
    Address,
    /// A template failed, which the tests exclude.
    #[error("the template of the welcome mail failed: {0}")]
    Template(#[from] askama::Error),
    /// The parts do not make a message, which the tests exclude.
    #[error("the welcome mail cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

impl WelcomeMail {
    /// Writes the mail, dated `now`. The Message-ID depends on user, credential and the sender's domain only, so that
    /// the mail is known again when a retry delivers it twice.
    ///
    /// # Errors
    /// [`ComposeError`]; none of them goes away by trying again.
    pub fn compose(&self, sender: &Sender, now: DateTime<Utc>) -> Result<Mail, ComposeError> {
        let recipient = recipient(&self.to_address)?;
        let name = single_line(&self.to_name);
        let institution = single_line(&self.institution_name);
        let password = self.password.grouped();
        let expires = expiry(self.expires_at, self.locale);
        let (text, html) = render(&Fields {
            locale: self.locale,
            name: &name,
            institution: &institution,
            address: &self.to_address,
            password: &password,
            sign_in_url: self.sign_in_url.as_str(),
            expires: &expires,
        })?;
        let message_id = format!("<welcome.{}.{}@{}>", self.user_id, self.nonce.fingerprint(), sender.domain());
        let message = Message::builder()
            .from(sender.mailbox().clone())
            .to(Mailbox::new(Some(name), recipient.clone()))
            .subject(subject(&institution, self.locale))
            .date(now.into())
            .message_id(Some(message_id.clone()))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, text))
                    .singlepart(part(ContentType::TEXT_HTML, html)),
            )?;
        Ok(Mail::new(sender, recipient, message_id, message.formatted(), vec![password]))
    }
}

fn subject(institution: &str, locale: Locale) -> String {
    match locale {
        Locale::Tr => format!("{institution}: AcuRate hesabınız açıldı"),
        Locale::En => format!("{institution}: your AcuRate account is ready"),
    }
}

/// The address to deliver to; an international domain in the form every server knows.
fn recipient(address: &str) -> Result<Address, ComposeError> {
    let parsed: Address = address.parse().map_err(|_| ComposeError::Address)?;
    if parsed.domain().is_ascii() {
        return Ok(parsed);
    }
    let domain = Host::parse(parsed.domain()).map_err(|_| ComposeError::Address)?;
    Address::new(parsed.user(), domain.to_string()).map_err(|_| ComposeError::Address)
}

/// A name on one line: nothing in it can end a header, begin another or turn the direction of the text around it.
fn single_line(name: &str) -> String {
    let visible: String = name
        .chars()
        .map(|character| match character {
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
            other if other.is_control() => ' ',
            other => other,
        })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `14 Mart 2026 15:30 (UTC+03:00)` or `14 March 2026, 15:30 (UTC)`.
fn expiry(at: DateTime<FixedOffset>, locale: Locale) -> String {
    let month = month(at.month(), locale);
    let zone = match at.offset().local_minus_utc() {
        0 => "UTC".to_owned(),
        _ => format!("UTC{}", at.format("%:z")),
    };
    let (day, year, time) = (at.day(), at.year(), at.format("%H:%M"));
    match locale {
        Locale::Tr => format!("{day} {month} {year} {time} ({zone})"),
        Locale::En => format!("{day} {month} {year}, {time} ({zone})"),
    }
}

/// The name of month `number`, 1 to 12.
fn month(number: u32, locale: Locale) -> &'static str {
    let (turkish, english) = match number {
        1 => ("Ocak", "January"),
        2 => ("Şubat", "February"),
        3 => ("Mart", "March"),
        4 => ("Nisan", "April"),
        5 => ("Mayıs", "May"),
        6 => ("Haziran", "June"),
        7 => ("Temmuz", "July"),
        8 => ("Ağustos", "August"),
        9 => ("Eylül", "September"),
        10 => ("Ekim", "October"),
        11 => ("Kasım", "November"),
        _ => ("Aralık", "December"),
    };
    match locale {
        Locale::Tr => turkish,
        Locale::En => english,
    }
}

/// Quoted-printable: ASCII on the wire for any server, and still readable in a file.
fn part(kind: ContentType, content: String) -> SinglePart {
    let body = match Body::new_with_encoding(content, ContentTransferEncoding::QuotedPrintable) {
        Ok(body) => body,
        // Only binary content does not fit; then lettre chooses.
        Err(content) => Body::new(content),
    };
    SinglePart::builder().content_type(kind).body(body)
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
