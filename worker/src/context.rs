//! What every job can reach.

use crate::config::{ImportSettings, MailSettings, MailTarget, MaintenanceSettings, Settings};
use crate::mailer::{DirectoryMailer, Mailer, Sender, SmtpMailer};
use acurate_shared::config::JobSettings;
use acurate_shared::db::{Database, Work};
use acurate_shared::error::Result;
use acurate_shared::jobs::ledger::Claim;
use acurate_shared::secret::SecretString;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Shared by all jobs of this process.
#[derive(Debug)]
pub struct Context {
    /// PostgreSQL.
    pub database: Database,
    /// Leases, limits, retries.
    pub jobs: Arc<JobSettings>,
    /// Imports.
    pub imports: ImportSettings,
    /// What the system does for itself.
    pub maintenance: MaintenanceSettings,
    /// Where mails go.
    pub mailer: Box<dyn Mailer>,
    /// Who they come from.
    pub sender: Sender,
    /// Address of the frontend: to sign in, and to choose a password below it.
    pub public_url: Url,
    /// The secret that temporary passwords and reset tokens are derived from.
    pub server_secret: SecretString,
    /// Life of temporary passwords.
    pub credential_life: Duration,
    /// Unique name of this process; claims are made in it.
    pub worker: String,
}

impl Context {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub async fn new(settings: &Settings) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self {
            database: Database::open(&settings.database).await?,
            jobs: Arc::new(settings.jobs.clone()),
            imports: settings.imports,
            maintenance: settings.maintenance,
            mailer: mailer(&settings.mail)?,
            sender: settings.mail.sender.clone(),
            public_url: settings.mail.public_url.clone(),
            server_secret: settings.identity.secret.clone(),
            credential_life: settings.identity.temporary_password,
            worker: format!("worker-{}-{}", std::process::id(), uuid::Uuid::new_v4().simple()),
        })
    }

    /// Opens a unit of work for a job: what it enqueues carries its trace on.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin(&self, claim: &Claim) -> Result<Work> {
        Ok(Work::begin(&self.database, &self.jobs)
            .await?
            .for_request(None, claim.trace_parent.clone()))
    }
}

fn mailer(settings: &MailSettings) -> std::io::Result<Box<dyn Mailer>> {
    Ok(match &settings.target {
        MailTarget::Smtp(smtp) => Box::new(SmtpMailer::new((**smtp).clone())),
        MailTarget::Folder(folder) => Box::new(DirectoryMailer::new(folder.clone())?),
    })
}
