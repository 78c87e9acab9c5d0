use super::*;
use chrono::TimeZone;
use mail_parser::{Message, MessageParser};

const LOCALES: [Locale; 2] = [Locale::Tr, Locale::En];

fn at() -> DateTime<FixedOffset> {
    let zone = FixedOffset::east_opt(3 * 3600).unwrap();
    zone.with_ymd_and_hms(2026, 9, 14, 15, 30, 0).unwrap()
}

fn facts(locale: Locale) -> SampleFacts {
    SampleFacts::new(locale, at(), "https://acurate.example.edu/".parse().unwrap())
}

fn compose(sample: Sample, facts: &SampleFacts) -> Mail {
    let sender = "AcuRate <no-reply@acurate.example.edu>".parse().unwrap();
    sample.compose(facts, &sender, at().to_utc()).unwrap().mail
}

fn parse(mail: &Mail) -> Message<'_> {
    MessageParser::default().parse(mail.content()).unwrap()
}

fn text(mail: &Mail) -> String {
    parse(mail).body_text(0).unwrap().replace("\r\n", "\n")
}

/// The words of the HTML, without its tags and with single blanks.
fn words_of_html(mail: &Mail) -> String {
    let message = parse(mail);
    let html = message.body_html(0).unwrap();
    let (_, body) = html.split_once("<body").unwrap();
    let mut words = String::new();
    let mut in_tag = true;
    for character in body.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            other if !in_tag => words.push(other),
            _ => {}
        }
        if character == '>' {
            words.push(' ');
        }
    }
    let words = words.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"");
    squeeze(&words.replace("&#60;", "<").replace("&#62;", ">"))
}

/// With single blanks, and none before what ends a sentence.
fn squeeze(text: &str) -> String {
    let single = text.split_whitespace().collect::<Vec<_>>().join(" ");
    single
        .replace(" .", ".")
        .replace(" ,", ",")
        .replace(" :", ":")
        .replace(" )", ")")
        .replace("( ", "(")
}

fn every(mut check: impl FnMut(Sample, Locale, &Mail)) {
    for sample in Sample::value_variants() {
        for locale in LOCALES {
            check(*sample, locale, &compose(*sample, &facts(locale)));
        }
    }
}

#[test]
fn every_mail_has_its_subject_in_both_languages() {
    let expected = [
        (Sample::Welcome, "AcuRate hesabınız açıldı", "your AcuRate account is ready"),
        (
            Sample::AccessReset,
            "AcuRate hesabınıza yeni geçici parola",
            "a new temporary password for AcuRate",
        ),
        (
            Sample::PasswordReset,
            "AcuRate parolanızı yenileyin",
            "choose a new AcuRate password",
        ),
        (
            Sample::PasswordChanged,
            "AcuRate parolanız değiştirildi",
            "your AcuRate password was changed",
        ),
        (
            Sample::PasswordChangedEarlierAddress,
            "AcuRate parolanız değiştirildi",
            "your AcuRate password was changed",
        ),
        (Sample::GradesPosted, "CENG 213 dersinde yeni notlar", "new grades in CENG 213"),
        (
            Sample::ImportFinished,
            "öğrenci aktarımı tamamlandı",
            "the import of students has finished",
        ),
        (
            Sample::ImportFailed,
            "öğrenci aktarımı yarım kaldı",
            "the import of students has failed",
        ),
    ];
    assert_eq!(expected.map(|(sample, ..)| sample).as_slice(), Sample::value_variants());
    for (sample, turkish, english) in expected {
        for (locale, subject) in [(Locale::Tr, turkish), (Locale::En, english)] {
            let mail = compose(sample, &facts(locale));
            assert_eq!(parse(&mail).subject().unwrap(), format!("Çağdaş Üniversitesi: {subject}"));
        }
    }
}

#[test]
fn every_placeholder_is_filled_and_the_turkish_letters_survive() {
    every(|sample, locale, mail| {
        let (text, html) = (text(mail), words_of_html(mail));
        for said in [&text, &html] {
            assert!(!said.contains("{{") && !said.contains("{%"), "{sample:?} {locale}: {said}");
            for part in ["Gülşah Işıkçığ", "Çağdaş Üniversitesi"] {
                assert!(said.contains(part), "{sample:?} {locale}: {part} is not in {said}");
            }
        }
        let to = parse(mail).to().unwrap().first().unwrap().name().unwrap().to_owned();
        assert_eq!(to, "Gülşah Işıkçığ", "{sample:?} {locale}");
    });
}

#[test]
fn text_and_html_say_the_same() {
    every(|sample, locale, mail| {
        let html = words_of_html(mail);
        for line in text(mail).lines().map(squeeze) {
            let said = line.trim_start_matches("- ");
            // A button says what is a label in the text.
            let label = said.strip_suffix(':').filter(|label| label.split(' ').count() <= 6).unwrap_or(said);
            assert!(html.contains(label), "{sample:?} {locale}: {label:?} is not in the HTML:\n{html}");
        }
        let text = squeeze(&text(mail));
        for number in html.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()) {
            assert!(text.contains(number), "{sample:?} {locale}: {number} is in the HTML only");
        }
    });
}

#[test]
fn every_mail_leads_to_its_page_of_the_frontend() {
    for (sample, path) in [
        (Sample::PasswordChanged, "forgot-password\n"),
        (Sample::GradesPosted, "courses/7\n"),
        (Sample::ImportFinished, "imports/12\n"),
        (Sample::ImportFailed, "imports/12\n"),
        (Sample::PasswordReset, "reset-password#token="),
        (Sample::Welcome, "\n"),
        (Sample::AccessReset, "\n"),
    ] {
        for locale in LOCALES {
            let text = text(&compose(sample, &facts(locale)));
            let link = format!("\nhttps://acurate.example.edu/{path}");
            assert!(text.contains(&link), "{sample:?} {locale}: {link} is not in\n{text}");
        }
    }
}

#[test]
fn nothing_that_people_call_themselves_or_their_things_breaks_a_header_or_the_markup() {
    for sample in Sample::value_variants() {
        for locale in LOCALES {
            let mut facts = facts(locale);
            facts.to.name = "Ayşe\r\nBcc: eve@example.org\r\n\r\n<b onload=x>".to_owned();
            facts.to.institution = "Okul\nReply-To: eve@example.org \u{202e}<img src=x>".to_owned();
            facts.title = "Ödev\r\nX-Evil: 1\u{2028}<script>x</script>".to_owned();
            let mail = compose(*sample, &facts);
            let message = parse(&mail);
            assert!(message.bcc().is_none() && message.reply_to().is_none(), "{sample:?} {locale}");
            assert!(message.header("X-Evil").is_none(), "{sample:?} {locale}");
            let html = message.body_html(0).unwrap();
            for tag in ["<b onload", "<img", "<script"] {
                assert!(!html.contains(tag), "{sample:?} {locale}: {html}");
            }
            assert!(
                !html.contains('\u{202e}') && !text(&mail).contains('\u{202e}'),
                "{sample:?} {locale}"
            );
            assert!(!text(&mail).lines().any(|line| line.starts_with("X-Evil")), "{sample:?} {locale}");
        }
    }
}

#[test]
fn a_mail_about_grades_names_the_assessments_and_no_grade() {
    for locale in LOCALES {
        let facts = facts(locale);
        let text = text(&compose(Sample::GradesPosted, &facts));
        assert!(text.contains(&format!("\n- {0} 1\n- {0} 2\n\n", facts.title)), "{text}");
    }
}

#[test]
fn a_mail_to_the_earlier_address_says_so_and_shows_neither_the_new_one_nor_a_way_in() {
    for (locale, sentence) in [
        (Locale::Tr, "hesabın önceki adresine gönderiliyor."),
        (Locale::En, "goes to the address that it had before."),
    ] {
        let text = text(&compose(Sample::PasswordChangedEarlierAddress, &facts(locale)));
        assert!(text.contains(sentence), "{text}");
        assert!(!text.contains("http") && !text.contains('@'), "{text}");
    }
}

#[test]
fn counts_are_written_as_the_language_does() {
    for (locale, lines) in [
        (
            Locale::Tr,
            "\n- Dosya: Çizge Kuramına Giriş.csv\n- Okunan kayıt: 12.345\n- Oluşturulan: 12.000\n- Güncellenen: 300\n- Değişmeyen: 40\n- Reddedilen: 5\n\n",
        ),
        (
            Locale::En,
            "\n- File: Introduction to Graph Theory.csv\n- Records read: 12,345\n- Created: 12,000\n- Updated: 300\n- Unchanged: 40\n- Rejected: 5\n\n",
        ),
    ] {
        let text = text(&compose(Sample::ImportFinished, &facts(locale)));
        assert!(text.contains(lines), "{text}");
    }
}

#[test]
fn an_import_without_a_file_or_a_reason_has_no_empty_line_for_it() {
    let mut mail = import(
        &facts(Locale::En),
        ImportOutcome::Failed {
            counts: counts(),
            reason: None,
        },
    );
    mail.file_name = None;
    mail.kind = ImportKind::Grades;
    let sender = "no-reply@acurate.example.edu".parse().unwrap();
    let text = text(&mail.compose(&sender, at().to_utc()).unwrap());
    let expected = "The import of grades that you asked for at Çağdaş Üniversitesi has failed. Records that were processed before are kept.\n\n- Records read: ";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn each_mail_has_a_message_id_of_its_own_that_nothing_but_its_subject_moves() {
    let mut ids = std::collections::BTreeSet::new();
    every(|sample, locale, mail| {
        assert_eq!(
            mail.message_id(),
            compose(sample, &facts(Locale::En)).message_id(),
            "{sample:?} {locale}"
        );
        ids.insert(mail.message_id().to_owned());
    });
    // The two about a changed password are one mail, and so are the two about an import.
    assert_eq!(ids.len(), Sample::value_variants().len() - 2, "{ids:?}");
}
