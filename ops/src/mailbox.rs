//! Finds the temporary password of a new account in the folder that takes the mails of a demonstration.
//!
//! It reads mails as a person would: decoded, by recipient. It knows nothing of their wording.

use crate::failure::{Failure, Result};
use mail_parser::MessageParser;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a mail may take from the request to the folder.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of `.eml` files.
#[derive(Debug)]
pub(crate) struct Mailbox {
    folder: PathBuf,
    seen: HashSet<OsString>,
}

impl Mailbox {
    /// Looks only at mails that come from now on.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let mut mailbox = Self {
            folder: folder.to_owned(),
            seen: HashSet::new(),
        };
        mailbox.unseen()?;
        Ok(mailbox)
    }

    /// Waits for the mail to `address` that holds a temporary password.
    ///
    /// # Errors
    /// When none comes within a minute.
    pub(crate) async fn temporary_password(&mut self, address: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            for file in self.unseen()? {
                let mail = std::fs::read(&file).map_err(Failure::file(&file))?;
                if let Some(password) = password_for(address, &mail) {
                    return Ok(password);
                }
            }
            if Instant::now() > deadline {
                return Err(Failure::Stopped(format!(
                    "no mail to {address} came to {} within {} seconds; does the worker run, and without ACURATE_SMTP_URL?",
                    self.folder.display(),
                    PATIENCE.as_secs()
                )));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn unseen(&mut self) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(Failure::file(&self.folder))? {
            let entry = entry.map_err(Failure::file(&self.folder))?;
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "eml") && self.seen.insert(entry.file_name()) {
                found.push(path);
            }
        }
        Ok(found)
    }
}

/// The password in a mail, if the mail is to `address` and holds one.
fn password_for(address: &str, mail: &[u8]) -> Option<String> {
    let message = MessageParser::default().parse(mail)?;
    let recipient = message.to()?.first()?.address()?;
    if !recipient.eq_ignore_ascii_case(address) {
        return None;
    }
    let text = message.body_text(0)?;
    text.split_whitespace().find(|word| is_temporary_password(word)).map(str::to_owned)
}

/// Five groups of four base32 characters, as in `ABCD-EFGH-IJKL-MNOP-QRST`.
pub(crate) fn is_temporary_password(word: &str) -> bool {
    let group = |text: &str| text.len() == 4 && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    word.split('-').count() == 5 && word.split('-').all(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: AcuRate <no-reply@example.org>\r\nTo: =?utf-8?b?xLByZW0=?= <irem@a.example>\r\n\
        MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Ge=C3=A7ici parola:\r\n    ABCD-EFGH-IJ=\r\nKL-2345-QRST\r\n";

    #[test]
    fn the_password_is_read_across_a_soft_line_break() {
        assert_eq!(
            password_for("Irem@A.example", MAIL.as_bytes()).as_deref(),
            Some("ABCD-EFGH-IJKL-2345-QRST")
        );
    }

    #[test]
    fn a_mail_to_somebody_else_is_not_read() {
        assert_eq!(password_for("ali@a.example", MAIL.as_bytes()), None);
    }

    #[test]
    fn other_words_with_hyphens_are_no_passwords() {
        for word in [
            "ABCD-EFGH-IJKL-MNOP",
            "abcd-efgh-ijkl-mnop-qrst",
            "ABCD-EFGH-IJKL-MNO1-QRST",
            "-----",
        ] {
            assert!(!is_temporary_password(word), "{word}");
        }
    }

    #[tokio::test]
    async fn mails_from_before_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("old.eml"), MAIL.replace("ABCD", "ZZZZ")).unwrap();
        let mut mailbox = Mailbox::open(folder.path()).unwrap();
        std::fs::write(folder.path().join("new.eml"), MAIL).unwrap();
        std::fs::write(folder.path().join(".unfinished.tmp"), "To: irem@a.example").unwrap();
        let password = mailbox.temporary_password("irem@a.example").await.unwrap();
        assert_eq!(password, "ABCD-EFGH-IJKL-2345-QRST");
    }
}
