//! Both mailers with real receivers: the test SMTP server and a folder.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use acurate_worker::mailer::{DirectoryMailer, Mail, Mailer, SendError, SmtpMailer};
use futures::future::join_all;
use mail_parser::MessageParser;

use crate::mail_fixture::{settings, welcome, welcome_to};

/// A setting of the test services.
fn test_service(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: this test needs the SMTP server that `ops/test` starts; run it through `ops/test --services`")
    })
}

fn smtp() -> SmtpMailer {
    SmtpMailer::new(settings(&test_service("ACURATE_TEST_SMTP_URL")))
}

/// The mail with this Message-ID, once the server has written it.
async fn received(mail: &Mail) -> String {
    let folder = PathBuf::from(test_service("ACURATE_TEST_MAIL_DIR"));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = find(&folder, mail.message_id()) {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{} never arrived in {}",
            mail.message_id(),
            folder.display()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn find(folder: &Path, message_id: &str) -> Option<String> {
    eml_files(folder)
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .find(|content| content.contains(message_id))
}

fn eml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect()
}

#[tokio::test]
async fn a_mail_over_smtp_arrives_with_a_working_password() {
    let (mail, password) = welcome_to("ayse@ogrenci.example.edu");
    smtp().send(&mail).await.unwrap();

    let content = received(&mail).await;
    let message = MessageParser::default().parse(&content).unwrap();
    assert_eq!(message.subject(), Some("Çağdaş Üniversitesi: AcuRate hesabınız açıldı"));
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("ayse@ogrenci.example.edu"));
    let text = message.body_text(0).unwrap();
    let typed = text.lines().skip_while(|line| *line != "Geçici parola:").nth(1).unwrap();
    assert!(password.verify(typed), "{typed}");
    assert!(message.body_html(0).unwrap().contains(typed.trim()));
}

#[tokio::test]
async fn a_real_server_that_refuses_the_address_is_permanent() {
    let (mail, _) = welcome_to("reject5xx.ayse@example.edu");

    let error = smtp().send(&mail).await.unwrap_err();
    let SendError::Permanent { code, reason, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(code, 550);
    assert!(reason.starts_with("RCPT TO: 550"), "{reason}");
    assert!(!reason.contains("ayse"), "{reason}");
}

#[tokio::test]
async fn a_real_server_that_asks_to_wait_is_tried_again() {
    let (mail, _) = welcome_to("reject4xx.ayse@example.edu");

    let error = smtp().send(&mail).await.unwrap_err();
    assert!(matches!(error, SendError::Transient { code: Some(451), .. }), "{error:?}");
}

#[tokio::test]
async fn many_mails_at_once_all_arrive_refused_ones_in_between() {
    let mailer = smtp();
    let mails: Vec<_> = (0..60)
        .map(|number| match number % 3 {
            0 => welcome_to(&format!("reject5xx.{number}@example.edu")).0,
            _ => welcome_to(&format!("student.{number}@example.edu")).0,
        })
        .collect();

    let results = join_all(mails.iter().map(|mail| mailer.send(mail))).await;
    for (number, (mail, result)) in mails.iter().zip(results).enumerate() {
        match number % 3 {
            0 => assert!(matches!(result, Err(SendError::Permanent { .. })), "{result:?}"),
            _ => {
                result.unwrap();
                received(mail).await;
            }
        }
    }
    mailer.close().await;
}

#[tokio::test]
async fn the_same_mail_sent_twice_is_recognisable() {
    let mail = welcome();
    let mailer = smtp();
    mailer.send(&mail).await.unwrap();
    mailer.send(&mail).await.unwrap();

    let content = received(&mail).await;
    let message = MessageParser::default().parse(&content).unwrap();
    assert_eq!(format!("<{}>", message.message_id().unwrap()), mail.message_id());
}

#[tokio::test]
async fn a_folder_holds_each_mail_whole_under_a_name_of_its_own_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("mail");
    let mailer = DirectoryMailer::new(&path).unwrap();
    let mails: Vec<_> = (0..50).map(|_| welcome()).collect();

    let receipts = join_all(mails.iter().map(|mail| mailer.send(mail))).await;
    let names: HashSet<String> = receipts.into_iter().map(|receipt| receipt.unwrap().reply).collect();
    assert_eq!(names.len(), mails.len());
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), mails.len());
    for file in eml_files(&path) {
        assert!(names.contains(file.file_name().unwrap().to_str().unwrap()));
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for mail in &mails {
        let content = find(&path, mail.message_id()).unwrap();
        assert_eq!(content.as_bytes(), mail.content());
    }
}

#[tokio::test]
async fn a_folder_that_went_away_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = DirectoryMailer::new(folder.path().join("mail")).unwrap();
    std::fs::remove_dir(folder.path().join("mail")).unwrap();

    let error = mailer.send(&welcome()).await.unwrap_err();
    assert!(matches!(error, SendError::Transient { code: None, .. }), "{error:?}");
    assert!(error.to_string().starts_with("the mail was not sent: mail folder: "), "{error}");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error_at_start() {
    let file = tempfile::NamedTempFile::new().unwrap();

    assert!(DirectoryMailer::new(file.path()).is_err());
}
