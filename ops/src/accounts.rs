//! The file of sign-ins that `ops/up` leaves behind: where the API is, and one account for each role.

use crate::failure::{Failure, Result};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Where the API is and who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Accounts {
    /// Scheme, host and port of the API.
    pub(crate) base_url: String,
    /// One of each role.
    pub(crate) accounts: Vec<Account>,
}

/// A sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// As the API writes it.
    pub(crate) role: String,
    /// The address.
    pub(crate) email: String,
    /// The password.
    pub(crate) password: String,
}

impl Accounts {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is missing or holds something else.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| {
            let hint = format!("{source}; start the product first: ops/up --detach");
            Failure::content(path, hint)
        })?;
        serde_json::from_str(&text).map_err(|error| Failure::content(path, error))
    }

    /// Writes the file, whole or not at all, for its owner only: it holds passwords.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self).map_err(|error| Failure::content(path, error))?;
        text.push('\n');
        let unfinished = path.with_extension("json.new");
        let write = || {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&unfinished, path)
        };
        write().map_err(Failure::file(path))
    }

    /// The account of a role.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn of(&self, role: &str) -> Result<&Account> {
        let found = self.accounts.iter().find(|account| account.role == role);
        found.ok_or_else(|| Failure::Stopped(format!("the file of accounts names no {role}")))
    }
}

/// Shows no password.
impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Account");
        shown.field("role", &self.role).field("email", &self.email).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_written_is_read_again_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.json");
        let account = Account {
            role: "teacher".to_owned(),
            email: "t@b.example".to_owned(),
            password: "secret".to_owned(),
        };
        let accounts = Accounts {
            base_url: "http://127.0.0.1:8000".to_owned(),
            accounts: vec![account],
        };
        accounts.write(&file).unwrap();
        accounts.write(&file).unwrap();
        assert_eq!(Accounts::read(&file).unwrap(), accounts);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(!format!("{accounts:?}").contains("secret"));
    }

    #[test]
    fn an_account_is_found_by_its_role() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo.json");
        let text = r#"{"base_url":"http://127.0.0.1:8000","accounts":[{"role":"super_admin","email":"a@b.example","password":"p"}]}"#;
        std::fs::write(&file, text).unwrap();
        let accounts = Accounts::read(&file).unwrap();
        assert_eq!(accounts.base_url, "http://127.0.0.1:8000");
        assert_eq!(accounts.of("super_admin").unwrap().email, "a@b.example");
        assert!(accounts.of("teacher").unwrap_err().to_string().contains("no teacher"));
    }

    #[test]
    fn a_missing_file_says_how_to_get_one() {
        let error = Accounts::read(Path::new("/nowhere/demo.json")).unwrap_err();
        assert!(error.to_string().contains("ops/up --detach"), "{error}");
    }
}
