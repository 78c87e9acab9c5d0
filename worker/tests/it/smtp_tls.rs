//! Encryption and sign-in, with a certificate authority made for the test.

use std::sync::Arc;

use acurate_worker::mailer::{Mailer, SendError, SmtpMailer};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::fake_smtp::{FakeSmtp, Tls};
use crate::mail_fixture::{settings, welcome};

/// A server's side of TLS for `name`, and the certificate its clients must trust, as PEM.
fn certificate(name: &str) -> (TlsAcceptor, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()))
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

fn mailer(url: &str, trusted: &str) -> SmtpMailer {
    SmtpMailer::new(settings(url).with_root_certificates(trusted.as_bytes()).unwrap())
}

async fn refused(mailer: &SmtpMailer) -> String {
    match mailer.send(&welcome()).await.unwrap_err() {
        SendError::Transient { code: None, reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn smtps_is_encrypted_from_the_first_byte_and_signs_in() {
    let (acceptor, trusted) = certificate("127.0.0.1");
    let server = FakeSmtp::start_with(Tls::FromTheStart(acceptor), |_| None).await;
    let url = format!("smtps://no-reply%40example.edu:p%40ss@127.0.0.1:{}", server.port());

    mailer(&url, &trusted).send(&welcome()).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked[..2], ["TLS", "CONNECT"]);
    // base64 of NUL no-reply@example.edu NUL p@ss
    assert!(
        asked.contains(&"AUTH PLAIN AG5vLXJlcGx5QGV4YW1wbGUuZWR1AHBAc3M=".to_owned()),
        "{asked:?}"
    );
}

#[tokio::test]
async fn starttls_encrypts_before_anything_is_told() {
    let (acceptor, trusted) = certificate("127.0.0.1");
    let server = FakeSmtp::start_with(Tls::OnDemand(acceptor), |_| None).await;
    for mode in ["required", "opportunistic"] {
        let url = format!("smtp://user:hunter2@127.0.0.1:{}/worker.example.edu?tls={mode}", server.port());

        mailer(&url, &trusted).send(&welcome()).await.unwrap();
        let asked = server.asked();
        let start = asked.iter().rposition(|asked| asked == "CONNECT").unwrap();
        let words: Vec<_> = asked[start..]
            .iter()
            .map(|asked| asked.split_whitespace().next().unwrap())
            .collect();
        assert_eq!(
            words,
            [
                "CONNECT", "EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "MESSAGE"
            ]
        );
        assert_eq!(asked[start + 1], "EHLO worker.example.edu");
    }
}

#[tokio::test]
async fn required_encryption_that_is_not_offered_sends_nothing() {
    let server = FakeSmtp::start(|_| None).await;
    let url = format!("smtp://user:hunter2@127.0.0.1:{}?tls=required", server.port());

    let reason = refused(&SmtpMailer::new(settings(&url))).await;
    assert!(reason.contains("STARTTLS is not supported"), "{reason}");
    assert_eq!((server.count("AUTH"), server.count("MAIL")), (0, 0));
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused_before_anything_is_told() {
    let (acceptor, _) = certificate("127.0.0.1");
    let (_, other) = certificate("127.0.0.1");
    for (tls, scheme, query) in [
        (Tls::FromTheStart(acceptor.clone()), "smtps", ""),
        (Tls::OnDemand(acceptor), "smtp", "?tls=required"),
    ] {
        let server = FakeSmtp::start_with(tls, |_| None).await;
        let url = format!("{scheme}://user:hunter2@127.0.0.1:{}{query}", server.port());

        let reason = refused(&mailer(&url, &other)).await;
        assert!(reason.starts_with("connecting: "), "{reason}");
        assert_eq!((server.count("AUTH"), server.count("MAIL")), (0, 0));
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (acceptor, trusted) = certificate("mail.example.edu");
    let server = FakeSmtp::start_with(Tls::FromTheStart(acceptor), |_| None).await;
    let url = format!("smtps://127.0.0.1:{}", server.port());

    let reason = refused(&mailer(&url, &trusted)).await;
    assert!(reason.starts_with("connecting: "), "{reason}");
    assert_eq!(server.count("MAIL"), 0);
}
