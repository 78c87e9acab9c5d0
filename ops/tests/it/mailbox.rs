//! What the test's mail server received.

use acurate_shared::testing::until;
use std::path::PathBuf;

/// All mails of the test run; each test looks for its own addresses.
pub(crate) struct Mailbox {
    folder: PathBuf,
}

/// A mail as its reader sees it.
pub(crate) struct Received {
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Mailbox {
    pub(crate) fn of_the_test_server() -> Self {
        Self {
            folder: std::env::var("ACURATE_TEST_MAIL_DIR").expect("run the tests by ops/test").into(),
        }
    }

    /// Waits for the first mail to an address.
    pub(crate) async fn first_to(&self, address: &str) -> Received {
        until(&format!("a mail to {address}"), || async {
            self.all_to(address).into_iter().next()
        })
        .await
    }

    /// All mails to an address so far.
    pub(crate) fn all_to(&self, address: &str) -> Vec<Received> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        files
            .iter()
            .filter_map(|path| std::fs::read(path).ok())
            .filter_map(|bytes| read(&bytes, address))
            .collect()
    }
}

impl Received {
    /// The temporary password: four groups or more of capital letters and digits, on a line of their own.
    pub(crate) fn temporary_password(&self) -> String {
        let is_password = |word: &&str| {
            word.len() >= 20 && word.contains('-') && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
        };
        self.text
            .split_whitespace()
            .find(is_password)
            .unwrap_or_else(|| panic!("no password in: {}", self.text))
            .to_owned()
    }
}

fn read(bytes: &[u8], address: &str) -> Option<Received> {
    let message = mail_parser::MessageParser::default().parse(bytes)?;
    let to = message.to()?.first()?.address()?;
    (to == address).then(|| Received {
        subject: message.subject().unwrap_or_default().to_owned(),
        message_id: message.message_id().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
    })
}
