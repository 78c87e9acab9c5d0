use acurate_shared::identity::reset_token;
use acurate_shared::ids::PasswordResetTokenId;
use chrono::{FixedOffset, TimeZone, Utc};
use mail_parser::{Message, MessageParser};

use super::*;

const NONCE: [u8; 16] = [7; 16];

/// The token of the mails below.
const TOKEN: &str = "o5Zue1O9EdvW3FO1rUTHK5vRjl86E20HRMpBM66smq0";

fn reset(locale: Locale) -> PasswordResetMail {
    let nonce = CredentialNonce::from(NONCE);
    PasswordResetMail {
        user_id: UserId(7),
        nonce,
        to_name: "Ayşe Yılmaz".to_owned(),
        to_address: "ayse@ogrenci.example.edu".to_owned(),
        institution_name: "Çağdaş Üniversitesi".to_owned(),
        locale,
        token: reset_token::derive(&"an example of a server secret 01".into(), PasswordResetTokenId(42), &nonce),
        expires_at: FixedOffset::east_opt(3 * 3600)
            .unwrap()
            .with_ymd_and_hms(2026, 9, 14, 15, 30, 0)
            .unwrap(),
        public_url: "https://acurate.example.edu/".parse().unwrap(),
    }
}

fn compose(reset: &PasswordResetMail) -> Mail {
    let sender = "AcuRate <no-reply@acurate.example.edu>".parse().unwrap();
    let now = Utc.with_ymd_and_hms(2026, 9, 14, 12, 15, 0).unwrap();
    reset.compose(&sender, now).unwrap()
}

fn parse(mail: &Mail) -> Message<'_> {
    MessageParser::default().parse(mail.content()).unwrap()
}

fn text(mail: &Mail) -> String {
    parse(mail).body_text(0).unwrap().replace("\r\n", "\n")
}

#[test]
fn the_text_says_everything_in_the_language_of_the_institution() {
    let link = format!("\nhttps://acurate.example.edu/reset-password#token={TOKEN}\n");
    for (locale, subject, lines) in [
        (
            Locale::Tr,
            "Çağdaş Üniversitesi: AcuRate parolanızı yenileyin",
            [
                "Merhaba Ayşe Yılmaz,\n",
                "(ayse@ogrenci.example.edu)",
                " 14 Eylül 2026 15:30 (UTC+03:00) tarihine kadar ",
            ],
        ),
        (
            Locale::En,
            "Çağdaş Üniversitesi: choose a new AcuRate password",
            [
                "Hello Ayşe Yılmaz,\n",
                "(ayse@ogrenci.example.edu)",
                " once, until 14 September 2026, 15:30 (UTC+03:00).",
            ],
        ),
    ] {
        let mail = compose(&reset(locale));
        assert_eq!(parse(&mail).subject(), Some(subject));
        let text = text(&mail);
        for part in lines.into_iter().chain([link.as_str()]) {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }
}

#[test]
fn the_html_says_the_same_and_its_button_leads_to_the_link() {
    for (locale, language, expires) in [
        (Locale::Tr, "<html lang=\"tr\">", "14 Eylül 2026 15:30 (UTC+03:00)"),
        (Locale::En, "<html lang=\"en\">", "14 September 2026, 15:30 (UTC+03:00)"),
    ] {
        let mail = compose(&reset(locale));
        let html = parse(&mail).body_html(0).unwrap().into_owned();
        let button = format!("href=\"https://acurate.example.edu/reset-password#token={TOKEN}\"");
        for part in [language, expires, "Ayşe Yılmaz", "Çağdaş Üniversitesi", &button] {
            assert!(html.contains(part), "{part:?} is not in:\n{html}");
        }
    }
}

#[test]
fn the_link_lies_below_the_address_of_the_frontend_and_keeps_its_token_to_itself() {
    let token = SecretString::from("T");
    for (public_url, expected) in [
        ("https://a.edu", "https://a.edu/reset-password#token=T"),
        ("https://a.edu/rate/", "https://a.edu/rate/reset-password#token=T"),
        (
            "http://127.0.0.1:8000/rate?lang=tr#x",
            "http://127.0.0.1:8000/rate/reset-password#token=T",
        ),
    ] {
        let link = link(&public_url.parse().unwrap(), &token);
        assert_eq!(link.as_str(), expected);
        assert_eq!(link.query(), None);
    }
}

#[test]
fn the_message_id_names_user_and_token_and_nothing_else_moves_it() {
    let first = compose(&reset(Locale::Tr));
    let fingerprint = CredentialNonce::from(NONCE).fingerprint();
    assert_eq!(first.message_id(), format!("<password-reset.7.{fingerprint}@acurate.example.edu>"));
    assert_eq!(compose(&reset(Locale::En)).message_id(), first.message_id());
    let mut newer = reset(Locale::Tr);
    newer.nonce = CredentialNonce::from([8; 16]);
    assert_ne!(compose(&newer).message_id(), first.message_id());
}

#[test]
fn names_can_neither_break_the_lines_nor_the_markup() {
    let mut mail = reset(Locale::En);
    mail.to_name = "Ayşe\r\nBcc: eve@example.org <b>".to_owned();
    mail.institution_name = "Okul\r\nReply-To: eve@example.org <img src=x>".to_owned();
    let mail = compose(&mail);
    let message = parse(&mail);

    assert!(message.bcc().is_none() && message.reply_to().is_none());
    let html = message.body_html(0).unwrap();
    assert!(!html.contains("<img") && !html.contains("<b>"), "{html}");
}

#[test]
fn neither_debug_output_nor_a_servers_reply_shows_the_token() {
    let reset = reset(Locale::Tr);
    let mail = compose(&reset);

    assert!(!format!("{reset:?} {mail:?}").contains(TOKEN));
    assert_eq!(mail.redact(&format!("550 spam: {TOKEN}")), "550 spam: ***");
}
