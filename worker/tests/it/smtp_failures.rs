//! Every way an SMTP server can fail a mail, and what the mailer makes of it.

use acurate_worker::mailer::{Mailer, SendError, SmtpMailer};
use futures::future::join_all;

use crate::fake_smtp::{Answer, FakeSmtp};
use crate::mail_fixture::{impatient, settings, welcome, welcome_to};

/// The error of a mail to a server that answers `question` with `answer` and everything else as usual.
async fn failure(question: &'static str, answer: &'static str) -> SendError {
    let server = FakeSmtp::start(move |asked| asked.starts_with(question).then(|| Answer::Say(answer.to_owned()))).await;
    let mailer = SmtpMailer::new(settings(&server.url()));
    mailer.send(&welcome()).await.unwrap_err()
}

fn transient(code: u16, reason: &str) -> SendError {
    SendError::Transient {
        code: Some(code),
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn a_refused_address_is_permanent() {
    assert_eq!(
        failure("RCPT", "550 5.1.1 <ayse@ogrenci.example.edu>: no such user").await,
        SendError::Permanent {
            code: 550,
            reason: "RCPT TO: 550 5.1.1 <a***@ogrenci.example.edu>: no such user".to_owned(),
            is_undeliverable: true,
        }
    );
}

#[tokio::test]
async fn an_address_refused_for_now_is_tried_again() {
    assert_eq!(
        failure("RCPT", "451 4.7.1 Greylisted, come back").await,
        transient(451, "RCPT TO: 451 4.7.1 Greylisted, come back")
    );
}

#[tokio::test]
async fn a_greeting_that_refuses_everyone_is_tried_again() {
    assert_eq!(
        failure("CONNECT", "554 No SMTP service here").await,
        transient(554, "connecting: 554 No SMTP service here")
    );
}

#[tokio::test]
async fn a_refused_ehlo_is_tried_again() {
    assert_eq!(failure("EHLO", "550 Go away").await, transient(550, "connecting: 550 Go away"));
}

#[tokio::test]
async fn a_refused_sender_is_tried_again() {
    assert_eq!(
        failure("MAIL", "550 5.1.8 Sender rejected").await,
        transient(550, "MAIL FROM: 550 5.1.8 Sender rejected")
    );
}

#[tokio::test]
async fn a_refusal_of_the_session_at_the_recipient_is_tried_again() {
    assert_eq!(
        failure("RCPT", "530 5.7.0 Authentication required").await,
        transient(530, "RCPT TO: 530 5.7.0 Authentication required")
    );
}

#[tokio::test]
async fn a_refused_data_command_is_tried_again() {
    assert_eq!(
        failure("DATA", "554 5.5.1 Not now").await,
        transient(554, "DATA: 554 5.5.1 Not now")
    );
}

#[tokio::test]
async fn a_message_taken_for_spam_is_tried_again() {
    assert_eq!(
        failure("MESSAGE", "554 5.7.1 Looks like spam").await,
        transient(554, "message: 554 5.7.1 Looks like spam")
    );
}

#[tokio::test]
async fn a_message_refused_because_of_the_mailbox_is_permanent() {
    assert_eq!(
        failure("MESSAGE", "550 5.1.1 User unknown").await,
        SendError::Permanent {
            code: 550,
            reason: "message: 550 5.1.1 User unknown".to_owned(),
            is_undeliverable: true,
        }
    );
}

#[tokio::test]
async fn every_line_of_a_refusal_is_told() {
    assert_eq!(
        failure("RCPT", "550-5.1.1 The account\r\n550-5.1.1 does not\r\n550 5.1.1 exist").await,
        SendError::Permanent {
            code: 550,
            reason: "RCPT TO: 550 5.1.1 The account does not exist".to_owned(),
            is_undeliverable: true,
        }
    );
}

#[tokio::test]
async fn a_refused_sign_in_is_tried_again_and_keeps_the_password_to_itself() {
    let server = FakeSmtp::start(|asked| {
        // A server at its worst: it repeats what it was sent.
        asked
            .starts_with("AUTH")
            .then(|| Answer::Say(format!("535 5.7.8 hunter2 is wrong: {asked}")))
    })
    .await;
    let url = format!("smtp://user:hunter2@127.0.0.1:{}", server.port());
    let mailer = SmtpMailer::new(settings(&url));

    assert_eq!(mailer.send(&welcome()).await.unwrap_err(), transient(535, "AUTH: 535"));
    assert!(!format!("{mailer:?}").contains("hunter2"));
    assert_eq!(server.count("MAIL"), 0);
}

#[tokio::test]
async fn a_server_that_repeats_the_mail_cannot_make_us_log_it() {
    let server = FakeSmtp::start(|asked| {
        let at = asked.find("parola:")?;
        let seen = asked[at..].lines().nth(1)?.trim();
        Answer::say(&format!(
            "554 5.7.1 contains {seen} or {} for ayse@ogrenci.example.edu",
            seen.replace('-', "")
        ))
    })
    .await;
    let mailer = SmtpMailer::new(settings(&server.url()));
    let (mail, password) = welcome_to("ayse@ogrenci.example.edu");

    let error = mailer.send(&mail).await.unwrap_err();
    assert_eq!(
        error,
        transient(554, "message: 554 5.7.1 contains *** or *** for a***@ogrenci.example.edu")
    );
    assert!(
        server
            .asked()
            .iter()
            .any(|asked| asked.contains(password.grouped().expose().as_str()))
    );
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_at_each_stage() {
    let stages = [
        ("CONNECT", "connecting: no answer within 2s"),
        ("EHLO", "connecting: no answer within 2s"),
        ("MAIL", "MAIL FROM: no answer within 2s"),
        ("RCPT", "RCPT TO: no answer within 2s"),
        ("DATA", "DATA: no answer within 2s"),
        ("MESSAGE", "message: no answer within 2s; the mail may have been delivered"),
    ];
    let errors = stages.map(|(stage, _)| async move {
        let server = FakeSmtp::start(move |asked| asked.starts_with(stage).then_some(Answer::Hang)).await;
        SmtpMailer::new(impatient(&server.url())).send(&welcome()).await.unwrap_err()
    });
    for (error, (_, reason)) in join_all(errors).await.into_iter().zip(stages) {
        let expected = SendError::Transient {
            code: None,
            reason: reason.to_owned(),
        };
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn a_sign_in_that_is_never_answered_is_given_up() {
    let server = FakeSmtp::start(|asked| asked.starts_with("AUTH").then_some(Answer::Hang)).await;
    let mailer = SmtpMailer::new(impatient(&format!("smtp://user:hunter2@127.0.0.1:{}", server.port())));

    let error = mailer.send(&welcome()).await.unwrap_err();
    assert_eq!(error.to_string(), "the mail was not sent: AUTH: no answer within 2s");
}

#[tokio::test]
async fn a_connection_closed_before_the_reply_to_the_message_leaves_it_open_whether_it_arrived() {
    let server = FakeSmtp::start(|asked| asked.starts_with("MESSAGE").then_some(Answer::Close)).await;
    let mailer = SmtpMailer::new(settings(&server.url()));

    let error = mailer.send(&welcome()).await.unwrap_err();
    let SendError::Transient { code: None, reason } = error else {
        panic!("{error:?}")
    };
    assert!(reason.starts_with("message: "), "{reason}");
    assert!(reason.ends_with("; the mail may have been delivered"), "{reason}");
}

#[tokio::test]
async fn a_connection_closed_earlier_left_nothing_behind() {
    for stage in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let server = FakeSmtp::start(move |asked| asked.starts_with(stage).then_some(Answer::Close)).await;
        let mailer = SmtpMailer::new(settings(&server.url()));

        let error = mailer.send(&welcome()).await.unwrap_err();
        assert!(matches!(error, SendError::Transient { code: None, .. }), "{stage}: {error:?}");
        assert!(!error.to_string().contains("delivered"), "{stage}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let mailer = SmtpMailer::new(settings(&format!("smtp://127.0.0.1:{port}")));

    let error = mailer.send(&welcome()).await.unwrap_err();
    let SendError::Transient { code: None, reason } = error else {
        panic!("{error:?}")
    };
    assert!(reason.starts_with("connecting: "), "{reason}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_smtp_is_tried_again() {
    let error = {
        let server = FakeSmtp::start(|asked| (asked == "CONNECT").then(|| Answer::Say("HTTP/1.1 400 Bad Request".to_owned()))).await;
        SmtpMailer::new(settings(&server.url())).send(&welcome()).await.unwrap_err()
    };
    let SendError::Transient { code: None, reason } = error else {
        panic!("{error:?}")
    };
    assert!(reason.starts_with("connecting: "), "{reason}");
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let (mail, _) = welcome_to("ayşe@example.edu");
    let server = FakeSmtp::start(|_| None).await;
    let error = SmtpMailer::new(settings(&server.url())).send(&mail).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the mail was not sent: MAIL FROM: the server lacks SMTPUTF8, which this address needs"
    );

    let server = FakeSmtp::start(|asked| {
        let hello = asked.starts_with("EHLO");
        hello.then(|| Answer::Say("250-fake.example\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned()))
    })
    .await;
    SmtpMailer::new(settings(&server.url())).send(&mail).await.unwrap();
    assert!(
        server
            .asked()
            .iter()
            .any(|asked| asked.starts_with("MAIL") && asked.contains("SMTPUTF8"))
    );
}
