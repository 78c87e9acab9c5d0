//! Mails to send in tests, and the settings to send them with.

use std::time::Duration;

use acurate_shared::identity::{CredentialNonce, TemporaryPassword};
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Locale;
use acurate_shared::secret::SecretString;
use acurate_worker::mailer::{Mail, Occasion, SmtpSettings, WelcomeMail};
use chrono::Utc;

/// A welcome mail to `address` with a credential of its own.
pub(crate) fn welcome_to(address: &str) -> (Mail, TemporaryPassword) {
    let nonce = CredentialNonce::generate();
    let password = TemporaryPassword::derive(&SecretString::from("a server secret for tests only"), UserId(7), &nonce);
    let welcome = WelcomeMail {
        occasion: Occasion::NewAccount,
        user_id: UserId(7),
        nonce,
        to_name: "Ayşe Yılmaz".to_owned(),
        to_address: address.to_owned(),
        institution_name: "Çağdaş Üniversitesi".to_owned(),
        locale: Locale::Tr,
        password: password.clone(),
        expires_at: Utc::now().fixed_offset(),
        sign_in_url: "https://acurate.example.edu/sign-in".parse().unwrap(),
    };
    let sender = "AcuRate <no-reply@acurate.example.edu>".parse().unwrap();
    (welcome.compose(&sender, Utc::now()).unwrap(), password)
}

/// A welcome mail to somebody.
pub(crate) fn welcome() -> Mail {
    welcome_to("ayse@ogrenci.example.edu").0
}

/// Settings for `url` with limits that a healthy server on this machine never meets.
pub(crate) fn settings(url: &str) -> SmtpSettings {
    let mut settings = SmtpSettings::from_url(&url.into()).unwrap();
    settings.connect_timeout = Duration::from_secs(60);
    settings.command_timeout = Duration::from_secs(60);
    settings.tries = 1;
    settings
}

/// Settings for a server that does not answer: limits a test can wait for, that a busy machine still keeps otherwise.
pub(crate) fn impatient(url: &str) -> SmtpSettings {
    let mut settings = settings(url);
    settings.connect_timeout = Duration::from_secs(2);
    settings.command_timeout = Duration::from_secs(2);
    settings.message_timeout = Duration::from_secs(2);
    settings
}
