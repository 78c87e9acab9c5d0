//! How the mailer uses its connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use acurate_worker::mailer::{Mailer, SendError, SmtpMailer};
use futures::future::join_all;

use crate::fake_smtp::{Answer, FakeSmtp};
use crate::mail_fixture::{settings, welcome, welcome_to};

#[tokio::test]
async fn the_receipt_holds_the_servers_reply() {
    let server = FakeSmtp::start(|_| None).await;
    let mail = welcome();

    let receipt = SmtpMailer::new(settings(&server.url())).send(&mail).await.unwrap();
    assert_eq!(receipt.reply, "2.0.0 Ok: queued as FAKE1");
    let asked = server.asked();
    assert!(asked.contains(&"MAIL FROM:<no-reply@acurate.example.edu>".to_owned()), "{asked:?}");
    assert!(asked.contains(&"RCPT TO:<ayse@ogrenci.example.edu>".to_owned()), "{asked:?}");
    let message = asked.iter().find(|asked| asked.starts_with("MESSAGE")).unwrap();
    assert!(message.contains(mail.message_id()), "{message}");
}

#[tokio::test]
async fn a_second_mail_uses_the_connection_of_the_first() {
    let server = FakeSmtp::start(|_| None).await;
    let mailer = SmtpMailer::new(settings(&server.url()));

    mailer.send(&welcome()).await.unwrap();
    mailer.send(&welcome()).await.unwrap();
    assert_eq!((server.count("CONNECT"), server.count("MESSAGE")), (1, 2));
}

#[tokio::test]
async fn a_connection_unused_for_too_long_is_not_used_again() {
    let server = FakeSmtp::start(|_| None).await;
    let mut settings = settings(&server.url());
    settings.idle_timeout = std::time::Duration::ZERO;
    let mailer = SmtpMailer::new(settings);

    mailer.send(&welcome()).await.unwrap();
    mailer.send(&welcome()).await.unwrap();
    assert_eq!((server.count("CONNECT"), server.count("MESSAGE")), (2, 2));
}

#[tokio::test]
async fn a_refused_address_does_not_spoil_the_connection_for_the_next() {
    let server = FakeSmtp::start(|asked| asked.contains("unknown@").then(|| Answer::Say("550 no such user".to_owned()))).await;
    let mailer = SmtpMailer::new(settings(&server.url()));

    let (unknown, _) = welcome_to("unknown@example.edu");
    mailer.send(&unknown).await.unwrap_err();
    mailer.send(&welcome()).await.unwrap();
    assert_eq!((server.count("CONNECT"), server.count("RSET"), server.count("MESSAGE")), (1, 1, 1));
}

#[tokio::test]
async fn a_server_that_hangs_up_with_421_is_asked_nothing_more() {
    let server = FakeSmtp::start(|asked| asked.contains("busy@").then(|| Answer::Say("421 4.3.2 Shutting down".to_owned()))).await;
    let mailer = SmtpMailer::new(settings(&server.url()));

    let (busy, _) = welcome_to("busy@example.edu");
    mailer.send(&busy).await.unwrap_err();
    mailer.send(&welcome()).await.unwrap();
    assert_eq!((server.count("CONNECT"), server.count("RSET"), server.count("MESSAGE")), (2, 0, 1));
}

#[tokio::test]
async fn a_connection_that_broke_meanwhile_is_replaced_without_failing_the_mail() {
    for broken in [Answer::Close, Answer::Say("421 4.3.2 Too many mails on this connection".to_owned())] {
        let mails = AtomicUsize::new(0);
        let server = FakeSmtp::start(move |asked| {
            let is_second = asked.starts_with("MAIL") && mails.fetch_add(1, Ordering::SeqCst) == 1;
            is_second.then(|| broken.clone())
        })
        .await;
        let mailer = SmtpMailer::new(settings(&server.url()));

        mailer.send(&welcome()).await.unwrap();
        mailer.send(&welcome()).await.unwrap();
        assert_eq!((server.count("CONNECT"), server.count("MESSAGE")), (2, 2));
    }
}

#[tokio::test]
async fn a_connection_with_an_unanswered_message_is_not_used_again() {
    let messages = AtomicUsize::new(0);
    let server = FakeSmtp::start(move |asked| {
        let is_first = asked.starts_with("MESSAGE") && messages.fetch_add(1, Ordering::SeqCst) == 0;
        is_first.then_some(Answer::Hang)
    })
    .await;
    let mut settings = settings(&server.url());
    settings.message_timeout = std::time::Duration::from_secs(2);
    let mailer = SmtpMailer::new(settings);

    let error = mailer.send(&welcome()).await.unwrap_err();
    assert!(matches!(error, SendError::Transient { code: None, .. }), "{error:?}");
    mailer.send(&welcome()).await.unwrap();
    assert_eq!(server.count("CONNECT"), 2);
}

#[tokio::test]
async fn no_more_connections_are_open_than_allowed() {
    let server = FakeSmtp::start(|_| None).await;
    let mut settings = settings(&server.url());
    settings.connections = 3;
    let mailer = Arc::new(SmtpMailer::new(settings));

    let sending = (0..40).map(|_| {
        let mailer = Arc::clone(&mailer);
        tokio::spawn(async move { mailer.send(&welcome()).await })
    });
    for sent in join_all(sending).await {
        sent.unwrap().unwrap();
    }
    assert_eq!(server.count("MESSAGE"), 40);
    assert!((1..=3).contains(&server.most_open()), "{}", server.most_open());
}

#[tokio::test]
async fn a_caller_that_gives_up_frees_its_connection() {
    let mails = AtomicUsize::new(0);
    let (reached, mut is_reached) = tokio::sync::mpsc::unbounded_channel();
    let server = FakeSmtp::start(move |asked| {
        let is_first = asked.starts_with("MAIL") && mails.fetch_add(1, Ordering::SeqCst) == 0;
        is_first.then(|| {
            reached.send(()).unwrap();
            Answer::Hang
        })
    })
    .await;
    let mut settings = settings(&server.url());
    settings.connections = 1;
    let mailer = Arc::new(SmtpMailer::new(settings));
    let stuck = tokio::spawn({
        let mailer = Arc::clone(&mailer);
        async move { mailer.send(&welcome()).await }
    });
    is_reached.recv().await.unwrap();
    stuck.abort();

    mailer.send(&welcome()).await.unwrap();
}

#[tokio::test]
async fn closing_says_goodbye_on_idle_connections() {
    let server = FakeSmtp::start(|_| None).await;
    let mailer = SmtpMailer::new(settings(&server.url()));
    mailer.send(&welcome()).await.unwrap();

    mailer.close().await;
    assert_eq!(server.count("QUIT"), 1);
}
