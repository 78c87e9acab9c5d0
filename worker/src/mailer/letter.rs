//! What all our mails have in common: names on one line, times that people read, and the parts of a message.
//!
//! What a mail says is written by its own module; this puts it into an envelope.

use super::{Mail, Sender};
use acurate_shared::kinds::Locale;
use acurate_shared::secret::SecretString;
use chrono::{DateTime, Datelike, FixedOffset, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use url::{Host, Url};

/// A mail that cannot be written, however often it is tried.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The account's address is none that mail can be sent to.
    #[error("the account's address is no valid mail address")]
    Address,
    /// A template failed, which the tests exclude.
    #[error("the template of the mail failed: {0}")]
    Template(#[from] askama::Error),
    /// The parts do not make a message, which the tests exclude.
    #[error("the mail cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Whom a mail is for, and how to write to it.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// First and last name.
    pub name: String,
    /// Where the mail goes.
    pub address: String,
    /// Name of the institution as people write it.
    pub institution: String,
    /// Language of the mail.
    pub locale: Locale,
}

/// The words that the templates of one mail show, and those templates: text and HTML in each language, compiled in.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),+ $(,)? } [$turkish_text:literal, $turkish_html:literal, $english_text:literal, $english_html:literal]) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        struct $name<'a> { $($field: $type),+ }

        impl<'a> $name<'a> {
            /// The mail as text and as HTML.
            fn render(self, locale: acurate_shared::kinds::Locale) -> askama::Result<(String, String)> {
                use askama::Template;
                #[derive(Template)]
                #[template(path = $turkish_text)]
                struct TurkishText<'a> { $($field: $type),+ }
                #[derive(Template)]
                #[template(path = $turkish_html)]
                struct TurkishHtml<'a> { $($field: $type),+ }
                #[derive(Template)]
                #[template(path = $english_text)]
                struct EnglishText<'a> { $($field: $type),+ }
                #[derive(Template)]
                #[template(path = $english_html)]
                struct EnglishHtml<'a> { $($field: $type),+ }
                let Self { $($field),+ } = self;
                Ok(match locale {
                    acurate_shared::kinds::Locale::Tr => (TurkishText { $($field),+ }.render()?, TurkishHtml { $($field),+ }.render()?),
                    acurate_shared::kinds::Locale::En => (EnglishText { $($field),+ }.render()?, EnglishHtml { $($field),+ }.render()?),
                })
            }
        }
    };
}
pub(super) use words;

/// A page of the frontend. What stands behind `#` in it is sent to nobody by a browser.
pub(super) fn page(public_url: &Url, path: &str) -> Url {
    let mut page = public_url.clone();
    page.set_path(&format!("{}/{path}", public_url.path().trim_end_matches('/')));
    page.set_query(None);
    page.set_fragment(None);
    page
}

/// A mail whose words are written.
pub(super) struct Letter {
    /// Name of the recipient, on one line.
    pub(super) name: String,
    /// Its address.
    pub(super) address: String,
    /// On one line.
    pub(super) subject: String,
    /// The same whenever the same mail is written again.
    pub(super) message_id: String,
    /// What it says, as text.
    pub(super) text: String,
    /// What it says, as HTML.
    pub(super) html: String,
    /// The words in it that may appear in no error text.
    pub(super) confidential: Vec<SecretString>,
}

impl Letter {
    /// Puts the letter into its envelope, dated `now`.
    pub(super) fn seal(self, sender: &Sender, now: DateTime<Utc>) -> Result<Mail, ComposeError> {
        let recipient = recipient(&self.address)?;
        let message = Message::builder()
            .from(sender.mailbox().clone())
            .to(Mailbox::new(Some(self.name), recipient.clone()))
            .subject(self.subject)
            .date(now.into())
            .message_id(Some(self.message_id.clone()))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, self.text))
                    .singlepart(part(ContentType::TEXT_HTML, self.html)),
            )?;
        Ok(Mail::new(
            sender,
            recipient,
            self.message_id,
            message.formatted(),
            self.confidential,
        ))
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
pub(super) fn single_line(name: &str) -> String {
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
pub(super) fn moment(at: DateTime<FixedOffset>, locale: Locale) -> String {
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

/// `1.234.567` or `1,234,567`.
pub(super) fn number(number: i64, locale: Locale) -> String {
    let digits = number.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let separator = match locale {
        Locale::Tr => '.',
        Locale::En => ',',
    };
    let mut grouped = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn an_instant_in_utc_is_shown_as_utc() {
        let at = Utc.with_ymd_and_hms(2027, 1, 2, 3, 4, 0).unwrap().fixed_offset();

        assert_eq!(moment(at, Locale::Tr), "2 Ocak 2027 03:04 (UTC)");
        assert_eq!(moment(at, Locale::En), "2 January 2027, 03:04 (UTC)");
    }

    #[test]
    fn numbers_are_grouped_as_each_language_does() {
        for (value, turkish, english) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (500_000, "500.000", "500,000"),
            (i64::MIN, "-9.223.372.036.854.775.808", "-9,223,372,036,854,775,808"),
        ] {
            assert_eq!(number(value, Locale::Tr), turkish);
            assert_eq!(number(value, Locale::En), english);
        }
    }

    #[test]
    fn a_page_lies_below_the_address_of_the_frontend() {
        for (public_url, expected) in [
            ("https://a.edu", "https://a.edu/imports/7"),
            ("https://a.edu/rate/", "https://a.edu/rate/imports/7"),
            ("http://127.0.0.1:8000/rate?lang=tr#x", "http://127.0.0.1:8000/rate/imports/7"),
        ] {
            assert_eq!(page(&public_url.parse().unwrap(), "imports/7").as_str(), expected);
        }
    }

    #[test]
    fn every_month_has_its_name() {
        let names = |locale| (1..=12).map(|number| month(number, locale)).collect::<Vec<_>>().join(" ");

        assert_eq!(
            names(Locale::Tr),
            "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık"
        );
        assert_eq!(
            names(Locale::En),
            "January February March April May June July August September October November December"
        );
    }
}
