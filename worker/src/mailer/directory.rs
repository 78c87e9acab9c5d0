//! Mails as `.eml` files in a folder, for development and demonstrations; nothing is delivered to anyone.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use futures::future::{BoxFuture, FutureExt};
use uuid::Uuid;

use super::{Mail, Mailer, Receipt, SendError};

/// Writes each mail into a folder, under a name that sorts by time and that nobody can guess.
///
/// A file appears whole or not at all, and only its owner can read it: it holds a temporary password.
#[derive(Debug, Clone)]
pub struct DirectoryMailer {
    folder: PathBuf,
}

impl DirectoryMailer {
    /// Creates `folder` where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be created, or its path is something else.
    pub fn new(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }
}

impl Mailer for DirectoryMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Receipt, SendError>> {
        async move {
            let folder = self.folder.clone();
            let content = zeroize::Zeroizing::new(mail.content().to_vec());
            let name = format!("{}.eml", Uuid::now_v7().simple());
            let reply = name.clone();
            tokio::task::spawn_blocking(move || write(&folder, &name, &content))
                .await
                .map_err(|_| failed("the worker is stopping"))?
                .map_err(|error| failed(&error.to_string()))?;
            Ok(Receipt { reply })
        }
        .boxed()
    }
}

fn failed(reason: &str) -> SendError {
    SendError::Transient {
        code: None,
        reason: format!("mail folder: {reason}"),
    }
}

/// Writes under another name first: who lists the folder never sees half a mail.
fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.tmp"));
    let written = write_new(&unfinished, content).and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if written.is_err() {
        // The first error is the one worth telling.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
