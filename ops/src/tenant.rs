//! A fresh institution for one run, made as its owner would make it: by the super admin, with the first administrator
//! signing in by the password of the welcome mail.

use crate::accounts::Accounts;
use crate::api::Api;
use crate::api::documents::CreatedInstitution;
use crate::failure::Result;
use crate::mailbox::Mailbox;
use chrono::Utc;
use rand::distr::{Alphanumeric, SampleString};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where institutions are made.
#[derive(Debug)]
pub(crate) struct Platform {
    accounts: Accounts,
    owner: Api,
    mail_dir: PathBuf,
}

/// An institution and its administrator.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// The administrator, signed in.
    pub(crate) api: Api,
    /// The institution.
    pub(crate) institution_id: i64,
    /// The administrator.
    pub(crate) admin_id: i64,
    /// Its name.
    pub(crate) name: String,
    /// A mail domain of its own: addresses are unique over all institutions.
    pub(crate) domain: String,
}

impl Platform {
    /// Signs in as the super admin of `accounts`; welcome mails are looked for in `mail_dir`.
    ///
    /// # Errors
    /// When a file cannot be read, or the API is away or refuses.
    pub(crate) async fn open(accounts: &Path, mail_dir: &Path) -> Result<Self> {
        let accounts = Accounts::read(accounts)?;
        let owner = accounts.of("super_admin")?;
        let owner = Api::sign_in(&accounts.base_url, &owner.email, &owner.password, None).await?;
        Ok(Self {
            accounts,
            owner,
            mail_dir: mail_dir.to_owned(),
        })
    }

    /// Makes an institution that is named after `label` and the present moment.
    ///
    /// # Errors
    /// When the API is away or refuses, or the welcome mail does not come.
    pub(crate) async fn new_tenant(&self, label: &str) -> Result<Tenant> {
        let now = Utc::now();
        let name = format!("{label} {}", now.format("%Y-%m-%d %H:%M:%S%.3f UTC"));
        let domain = format!("x{}.example.org", now.format("%Y%m%d%H%M%S%3f"));
        let email = format!("admin@{domain}");
        let mut mailbox = Mailbox::open(&self.mail_dir)?;
        let admin = json!({"email": email, "first_name": "Ada", "last_name": "Admin"});
        let order = json!({"name": name, "locale": "en", "time_zone": "UTC", "admin": admin});
        let created: CreatedInstitution = self.owner.post("/institutions", &order).await?;
        let temporary = mailbox.temporary_password(&email).await?;
        let chosen = Alphanumeric.sample_string(&mut rand::rng(), 24);
        let api = Api::sign_in(&self.accounts.base_url, &email, &temporary, Some(&chosen)).await?;
        Ok(Tenant {
            api,
            institution_id: created.institution.id,
            admin_id: created.admin.id,
            name,
            domain,
        })
    }
}
