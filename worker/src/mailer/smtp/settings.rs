//! What the SMTP URL says, checked before the first mail.

use std::num::NonZeroU32;
use std::time::Duration;

use acurate_shared::breaker::BreakerSettings;
use acurate_shared::secret::SecretString;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte (`smtps://`, port 465).
    Implicit,
    /// STARTTLS, and nothing is sent without it (`smtp://...?tls=required`, port 587).
    StartTls,
    /// STARTTLS where the server offers it; an attacker in between can prevent it (`?tls=opportunistic`, port 587).
    Opportunistic,
    /// None (`smtp://`, port 25); for a server on the same machine or network.
    None,
}

/// How to reach the mail server.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    pub(super) host: String,
    pub(super) port: u16,
    encryption: Encryption,
    pub(super) tls: Tls,
    pub(super) credentials: Option<Credentials>,
    pub(super) hello: ClientId,
    /// Limit from resolving the name to a session that takes commands: TCP, TLS, greeting, EHLO. Default 10 s.
    pub connect_timeout: Duration,
    /// Limit for the reply to one command. Default 10 s.
    pub command_timeout: Duration,
    /// Limit for sending the message and for the reply to it, while servers scan the content. Longer than the others,
    /// because giving up on a server that is about to say yes means a second mail. Default 60 s.
    pub message_timeout: Duration,
    /// How long a connection may go unused and still be used again; servers and firewalls begin to forget theirs
    /// after minutes. Default 30 s.
    pub idle_timeout: Duration,
    /// Connections at the same time, at least 1. Default 4.
    pub connections: usize,
    /// Tries of one mail while the server cannot be reached, the first included. Default 3.
    pub tries: usize,
    /// Wait before the second try; it doubles, up to 10 s. Default 4 s.
    pub retry_wait: Duration,
    /// When the server is left alone, and for how long. Default: after 5 outages in a row, for 60 s.
    pub breaker: BreakerSettings,
    /// Mails a minute at most. Default: as many as the server takes.
    pub per_minute: Option<NonZeroU32>,
    /// How long a mail waits in its place for its turn before it gives the place to another. Default 5 s.
    pub patience: Duration,
}

impl SmtpSettings {
    /// Reads `smtps://user:password@host:port`, `smtp://...?tls=required`, `smtp://...?tls=opportunistic` or plain
    /// `smtp://...`. User and password are percent-encoded; a path gives the name said in EHLO.
    ///
    /// # Errors
    /// [`SmtpUrlError`]; its text holds nothing of the URL, which may contain a password.
    pub fn from_url(url: &SecretString) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(url.expose()).map_err(|_| SmtpUrlError::Malformed)?;
        let (encryption, default_port) = encryption(&url)?;
        let host = match url.host_str() {
            Some(host) if !host.is_empty() => ascii_host(host)?,
            _ => return Err(SmtpUrlError::Host),
        };
        let tls = tls(encryption, &host, None).map_err(|_| SmtpUrlError::Tls)?;
        Ok(Self {
            port: url.port().unwrap_or(default_port),
            encryption,
            tls,
            credentials: credentials(&url)?,
            hello: hello(&url)?,
            host,
            connect_timeout: Duration::from_secs(10),
            command_timeout: Duration::from_secs(10),
            message_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(30),
            connections: 4,
            tries: 3,
            retry_wait: Duration::from_secs(4),
            breaker: BreakerSettings {
                failures: 5,
                wait: Duration::from_secs(60),
            },
            per_minute: None,
            patience: Duration::from_secs(5),
        })
    }

    /// Trusts the certificate authorities in `pem` besides the public ones, for a server with a private one.
    ///
    /// # Errors
    /// [`SmtpUrlError::Certificate`] when `pem` holds no readable certificate.
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Result<Self, SmtpUrlError> {
        let certificates = Certificate::from_pem(pem).map_err(|_| SmtpUrlError::Certificate)?;
        self.tls = tls(self.encryption, &self.host, Some(certificates)).map_err(|_| SmtpUrlError::Certificate)?;
        Ok(self)
    }

    /// How the connection is encrypted.
    pub fn encryption(&self) -> Encryption {
        self.encryption
    }
}

/// An SMTP URL that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// Not a URL at all.
    #[error("it is no URL; write smtps://user:password@host:465 or smtp://host:25, with special characters percent-encoded")]
    Malformed,
    /// Neither `smtp` nor `smtps`.
    #[error("the scheme must be smtp or smtps")]
    Scheme,
    /// A query other than `tls=required` or `tls=opportunistic` on `smtp`.
    #[error("the query may only be tls=required or tls=opportunistic, and only with smtp://")]
    Query,
    /// No host, or one that is none.
    #[error("the host is missing or malformed")]
    Host,
    /// A user without a password, a password without a user, or one that is not percent-encoded UTF-8.
    #[error("user and password must be given together, percent-encoded")]
    Credentials,
    /// The path is no name for EHLO.
    #[error("the path, the name to say in EHLO, must be one host name")]
    Hello,
    /// TLS could not be set up for this host.
    #[error("TLS cannot be set up for this host")]
    Tls,
    /// No certificate in PEM form.
    #[error("the root certificates are not readable PEM")]
    Certificate,
}

fn encryption(url: &Url) -> Result<(Encryption, u16), SmtpUrlError> {
    match (url.scheme(), url.query()) {
        ("smtps", None) => Ok((Encryption::Implicit, 465)),
        ("smtp", None) => Ok((Encryption::None, 25)),
        ("smtp", Some("tls=required")) => Ok((Encryption::StartTls, 587)),
        ("smtp", Some("tls=opportunistic")) => Ok((Encryption::Opportunistic, 587)),
        ("smtp" | "smtps", Some(_)) => Err(SmtpUrlError::Query),
        _ => Err(SmtpUrlError::Scheme),
    }
}

fn tls(encryption: Encryption, host: &str, roots: Option<Certificate>) -> Result<Tls, lettre::transport::smtp::Error> {
    let parameters = || {
        let builder = TlsParameters::builder(host.to_owned());
        match roots {
            Some(roots) => builder.add_root_certificate(roots),
            None => builder,
        }
        .build()
    };
    Ok(match encryption {
        Encryption::Implicit => Tls::Wrapper(parameters()?),
        Encryption::StartTls => Tls::Required(parameters()?),
        Encryption::Opportunistic => Tls::Opportunistic(parameters()?),
        Encryption::None => Tls::None,
    })
}

/// The host in ASCII; an IPv6 address without its brackets.
fn ascii_host(host: &str) -> Result<String, SmtpUrlError> {
    let decoded = percent_decode_str(host).decode_utf8().map_err(|_| SmtpUrlError::Host)?;
    match Host::parse(&decoded).map_err(|_| SmtpUrlError::Host)? {
        Host::Domain(name) => Ok(name),
        Host::Ipv4(address) => Ok(address.to_string()),
        Host::Ipv6(address) => Ok(address.to_string()),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpUrlError> {
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(|text| text.into_owned())
            .map_err(|_| SmtpUrlError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(SmtpUrlError::Credentials),
        (user, Some(password)) => Ok(Some(Credentials::new(decode(user)?, decode(password)?))),
    }
}

fn hello(url: &Url) -> Result<ClientId, SmtpUrlError> {
    match url.path().trim_matches('/') {
        "" => Ok(ClientId::default()),
        name if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) => {
            Ok(ClientId::Domain(name.to_owned()))
        }
        _ => Err(SmtpUrlError::Hello),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<SmtpSettings, SmtpUrlError> {
        SmtpSettings::from_url(&url.into())
    }

    #[test]
    fn the_url_decides_encryption_and_default_port() {
        for (url, encryption, port) in [
            ("smtps://mail.example.edu", Encryption::Implicit, 465),
            ("smtp://mail.example.edu?tls=required", Encryption::StartTls, 587),
            ("smtp://mail.example.edu?tls=opportunistic", Encryption::Opportunistic, 587),
            ("smtp://mail.example.edu", Encryption::None, 25),
            ("smtp://mail.example.edu:2525/", Encryption::None, 2525),
        ] {
            let settings = read(url).unwrap();

            assert_eq!((settings.encryption(), settings.port), (encryption, port), "{url}");
        }
    }

    #[test]
    fn user_and_password_are_percent_decoded() {
        let settings = read("smtps://no-reply%40example.edu:p%40ss%2Fw%3Ard%C5%9F@mail.example.edu").unwrap();

        let expected = Credentials::new("no-reply@example.edu".to_owned(), "p@ss/w:rdş".to_owned());
        assert_eq!(settings.credentials, Some(expected));
    }

    #[test]
    fn the_path_is_the_name_for_ehlo() {
        let settings = read("smtp://127.0.0.1/worker.example.edu").unwrap();

        assert_eq!(settings.hello, ClientId::Domain("worker.example.edu".to_owned()));
    }

    #[test]
    fn an_address_can_stand_for_the_host() {
        assert_eq!(read("smtp://127.0.0.1:25").unwrap().host, "127.0.0.1");
        assert_eq!(read("smtp://[::1]:25").unwrap().host, "::1");
        assert_eq!(read("smtp://m%C3%BCnchen.example").unwrap().host, "xn--mnchen-3ya.example");
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (url, error) in [
            ("", SmtpUrlError::Malformed),
            ("mail.example.edu", SmtpUrlError::Malformed),
            ("smtp://host:99999", SmtpUrlError::Malformed),
            ("http://mail.example.edu", SmtpUrlError::Scheme),
            ("smtp://mail.example.edu?tls=maybe", SmtpUrlError::Query),
            ("smtps://mail.example.edu?tls=required", SmtpUrlError::Query),
            ("smtp:///name", SmtpUrlError::Host),
            ("smtp://user@host", SmtpUrlError::Credentials),
            ("smtp://:password@host", SmtpUrlError::Credentials),
            ("smtp://user:%FF@host", SmtpUrlError::Credentials),
            ("smtp://host/a%0D%0AMAIL", SmtpUrlError::Hello),
            ("smtp://host/a/b", SmtpUrlError::Hello),
        ] {
            assert_eq!(read(url).unwrap_err(), error, "{url}");
        }
    }

    #[test]
    fn neither_errors_nor_debug_output_hold_the_password() {
        let settings = read("smtps://user:hunter2@mail.example.edu").unwrap();

        assert!(!format!("{settings:?}").contains("hunter2"), "{settings:?}");
        let error = read("smtps://user:hunter2@mail.example.edu:x").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn root_certificates_must_be_pem() {
        let settings = read("smtps://mail.example.edu").unwrap();

        let error = settings
            .with_root_certificates(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
            .unwrap_err();
        assert_eq!(error, SmtpUrlError::Certificate);
    }
}
