use chrono::{FixedOffset, TimeZone, Utc};
use mail_parser::{Message, MessageParser, MimeHeaders};

use super::*;
use acurate_shared::secret::SecretString;

const NONCE: [u8; 16] = [7; 16];

fn welcome(locale: Locale) -> WelcomeMail {
    let nonce = CredentialNonce::from(NONCE);
    WelcomeMail {
        occasion: Occasion::NewAccount,
        user_id: UserId(42),
        nonce,
        to_name: "Ayşe Yılmaz".to_owned(),
        to_address: "ayse@ogrenci.example.edu".to_owned(),
        institution_name: "Çağdaş Üniversitesi".to_owned(),
        locale,
        // 2GIL-SNXY-SI4D-WCUX-WTWM
        password: TemporaryPassword::derive(&SecretString::from("an example of a server secret 01"), UserId(42), &nonce),
        expires_at: FixedOffset::east_opt(3 * 3600)
            .unwrap()
            .with_ymd_and_hms(2026, 9, 14, 15, 30, 0)
            .unwrap(),
        sign_in_url: "https://acurate.example.edu/sign-in?lang=tr&from=mail".parse().unwrap(),
    }
}

fn compose(welcome: &WelcomeMail) -> Mail {
    let sender = "AcuRate Öğrenci İşleri <no-reply@acurate.example.edu>".parse().unwrap();
    let now = Utc.with_ymd_and_hms(2026, 9, 7, 8, 5, 9).unwrap();
    welcome.compose(&sender, now).unwrap()
}

fn parse(mail: &Mail) -> Message<'_> {
    MessageParser::default().parse(mail.content()).unwrap()
}

fn text(mail: &Mail) -> String {
    parse(mail).body_text(0).unwrap().replace("\r\n", "\n")
}

fn html(mail: &Mail) -> String {
    parse(mail).body_html(0).unwrap().into_owned()
}

#[test]
fn the_turkish_text_says_everything() {
    let mail = compose(&welcome(Locale::Tr));

    assert_eq!(parse(&mail).subject(), Some("Çağdaş Üniversitesi: AcuRate hesabınız açıldı"));
    let text = text(&mail);
    for lines in [
        "Merhaba Ayşe Yılmaz,\n\nÇağdaş Üniversitesi kurumunda sizin için bir AcuRate hesabı açıldı.\n",
        "\nE-posta:\n    ayse@ogrenci.example.edu\nGeçici parola:\n    2GIL-SNXY-SI4D-WCUX-WTWM\n",
        "\nGiriş yapın:\nhttps://acurate.example.edu/sign-in?lang=tr&from=mail\n",
        " 14 Eylül 2026 15:30 (UTC+03:00) tarihine kadar geçerlidir ",
        "\nBu e-postayı beklemiyor muydunuz?",
    ] {
        assert!(text.contains(lines), "{lines:?} is not in:\n{text}");
    }
}

#[test]
fn the_english_text_says_everything() {
    let mail = compose(&welcome(Locale::En));

    assert_eq!(parse(&mail).subject(), Some("Çağdaş Üniversitesi: your AcuRate account is ready"));
    let text = text(&mail);
    for lines in [
        "Hello Ayşe Yılmaz,\n\nAn AcuRate account has been opened for you at Çağdaş Üniversitesi.\n",
        "\nE-mail:\n    ayse@ogrenci.example.edu\nTemporary password:\n    2GIL-SNXY-SI4D-WCUX-WTWM\n",
        "\nSign in:\nhttps://acurate.example.edu/sign-in?lang=tr&from=mail\n",
        " valid until 14 September 2026, 15:30 (UTC+03:00) ",
        "\nWere you not expecting this e-mail?",
    ] {
        assert!(text.contains(lines), "{lines:?} is not in:\n{text}");
    }
}

#[test]
fn the_html_says_the_same_in_its_language() {
    for (locale, language, words) in [
        (
            Locale::Tr,
            "<html lang=\"tr\">",
            ["Geçici parola", "14 Eylül 2026 15:30 (UTC+03:00)", "beklemiyor muydunuz"],
        ),
        (
            Locale::En,
            "<html lang=\"en\">",
            ["Temporary password", "14 September 2026, 15:30 (UTC+03:00)", "not expecting"],
        ),
    ] {
        let html = html(&compose(&welcome(locale)));

        for part in [
            language,
            "Ayşe Yılmaz",
            "Çağdaş Üniversitesi",
            "ayse@ogrenci.example.edu",
            "2GIL-SNXY-SI4D-WCUX-WTWM",
        ]
        .iter()
        .chain(&words)
        {
            assert!(html.contains(part), "{part:?} is not in:\n{html}");
        }
        assert!(html.contains("href=\"https://acurate.example.edu/sign-in?lang=tr"), "{html}");
    }
}

#[test]
fn the_mail_is_an_alternative_of_text_and_html_with_text_first() {
    let mail = compose(&welcome(Locale::Tr));
    let message = parse(&mail);

    let kinds: Vec<_> = message
        .parts
        .iter()
        .map(|part| {
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap())
        })
        .collect();
    assert_eq!(kinds, ["multipart/alternative", "text/plain", "text/html"]);
    assert!(
        message.parts[1..]
            .iter()
            .all(|part| part.content_type().unwrap().attribute("charset") == Some("utf-8"))
    );
}

#[test]
fn the_headers_name_both_sides_the_date_and_that_nobody_wrote_it() {
    let mail = compose(&welcome(Locale::Tr));
    let message = parse(&mail);

    let from = message.from().unwrap().first().unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("AcuRate Öğrenci İşleri"), Some("no-reply@acurate.example.edu"))
    );
    let to = message.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Ayşe Yılmaz"), Some("ayse@ogrenci.example.edu")));
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-09-07T08:05:09Z");
    assert_eq!(message.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(message.header_raw("MIME-Version").unwrap().trim(), "1.0");
    assert_eq!(mail.sender().to_string(), "no-reply@acurate.example.edu");
    assert_eq!(mail.recipient().to_string(), "ayse@ogrenci.example.edu");
}

#[test]
fn the_message_id_names_user_and_credential_and_nothing_else_moves_it() {
    let first = compose(&welcome(Locale::Tr));
    let fingerprint = CredentialNonce::from(NONCE).fingerprint();
    assert_eq!(first.message_id(), format!("<welcome.42.{fingerprint}@acurate.example.edu>"));
    assert_eq!(parse(&first).header_raw("Message-ID").unwrap().trim(), first.message_id());

    let mut again = welcome(Locale::En);
    again.to_name = "Ayşe Yılmaz Demir".to_owned();
    assert_eq!(compose(&again).message_id(), first.message_id());

    let mut other_credential = welcome(Locale::Tr);
    other_credential.nonce = CredentialNonce::from([8; 16]);
    assert_ne!(compose(&other_credential).message_id(), first.message_id());
    let mut other_user = welcome(Locale::Tr);
    other_user.user_id = UserId(43);
    assert_ne!(compose(&other_user).message_id(), first.message_id());
}

#[test]
fn the_message_is_ascii_in_lines_every_server_takes() {
    for locale in [Locale::Tr, Locale::En] {
        let mut welcome = welcome(locale);
        welcome.institution_name = "Çok Uzun Adlı Üniversite ".repeat(40);
        let mail = compose(&welcome);

        assert!(mail.content().is_ascii());
        let text = String::from_utf8(mail.content().to_vec()).unwrap();
        assert!(
            text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])),
            "{text}"
        );
    }
}

#[test]
fn markup_in_names_stays_text() {
    let mut welcome = welcome(Locale::En);
    welcome.to_name = "<script>alert('x')</script>".to_owned();
    welcome.institution_name = "A & B \"College\" </strong><img src=x>".to_owned();
    let mail = compose(&welcome);

    let html = html(&mail);
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("alert("), "{html}");
    assert!(text(&mail).contains("Hello <script>alert('x')</script>,"));
    assert!(text(&mail).contains("A & B \"College\" </strong><img src=x>."));
}

#[test]
fn a_link_with_quotes_cannot_leave_its_attribute() {
    let mut welcome = welcome(Locale::En);
    welcome.sign_in_url = "https://acurate.example.edu/?a='b'&c=\"d\"#x".parse().unwrap();

    let html = html(&compose(&welcome));
    assert!(!html.contains("?a='b'"), "{html}");
    assert!(!html.contains("c=\"d"), "{html}");
}

#[test]
fn line_breaks_in_names_add_neither_headers_nor_lines() {
    for breaking in ["\r\n", "\n", "\r", "\u{2028}", "\u{85}", "\0"] {
        let mut welcome = welcome(Locale::Tr);
        welcome.to_name = format!("Ayşe{breaking}Bcc: eve@example.org{breaking}{breaking}Parola: 1234");
        welcome.institution_name = format!("Okul{breaking}Reply-To: eve@example.org");
        let mail = compose(&welcome);
        let message = parse(&mail);

        assert!(message.bcc().is_none(), "{breaking:?}");
        assert!(message.reply_to().is_none(), "{breaking:?}");
        assert_eq!(message.subject(), Some("Okul Reply-To: eve@example.org: AcuRate hesabınız açıldı"));
        assert_eq!(
            message.to().unwrap().first().unwrap().name(),
            Some("Ayşe Bcc: eve@example.org Parola: 1234"),
            "{breaking:?}"
        );
        assert!(
            text(&mail).starts_with("Merhaba Ayşe Bcc: eve@example.org Parola: 1234,\n"),
            "{breaking:?}"
        );
    }
}

#[test]
fn a_name_cannot_turn_the_direction_of_the_text() {
    let mut welcome = welcome(Locale::En);
    welcome.to_name = "Ali\u{202e}gnp.exe\u{2066}".to_owned();

    assert!(text(&compose(&welcome)).starts_with("Hello Ali gnp.exe,\n"));
}

#[test]
fn an_empty_name_still_makes_a_mail() {
    let mut welcome = welcome(Locale::En);
    welcome.to_name = " ".to_owned();
    let mail = compose(&welcome);

    assert_eq!(
        parse(&mail).to().unwrap().first().unwrap().address(),
        Some("ayse@ogrenci.example.edu")
    );
}

#[test]
fn an_international_domain_is_delivered_in_ascii() {
    let mut welcome = welcome(Locale::En);
    welcome.to_address = "ayse@münchen.example".to_owned();

    assert_eq!(compose(&welcome).recipient().to_string(), "ayse@xn--mnchen-3ya.example");
}

#[test]
fn an_address_that_is_none_is_refused() {
    for address in [
        "",
        "ayse",
        "a@b@c",
        "ayse@example.edu, eve@example.org",
        "ayse@example.edu\r\nRCPT TO:<eve@example.org>",
    ] {
        let mut welcome = welcome(Locale::En);
        welcome.to_address = address.to_owned();
        let sender = "no-reply@acurate.example.edu".parse().unwrap();

        let error = welcome.compose(&sender, Utc::now()).unwrap_err();
        assert!(matches!(error, ComposeError::Address), "{address:?}: {error}");
    }
}

#[test]
fn debug_output_does_not_show_the_password() {
    let welcome = welcome(Locale::Tr);

    assert!(!format!("{welcome:?} {:?}", compose(&welcome)).contains("2GIL"));
}
