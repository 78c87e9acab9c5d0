//! The settings of the worker.

use crate::mailer::{Sender, SmtpSettings};
use acurate_shared::breaker::BreakerSettings;
use acurate_shared::config::{ConfigError, DatabaseSettings, Environment, IdentitySettings, JobSettings, RedisSettings, TelemetrySettings};
use acurate_shared::maintenance::purge::Keep;
use acurate_shared::secret::SecretString;
use acurate_shared::transport::Queue;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Everything that `acurate-worker run` is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// PostgreSQL.
    pub database: DatabaseSettings,
    /// Redis.
    pub redis: RedisSettings,
    /// Sign-in; the secret derives temporary passwords.
    pub identity: IdentitySettings,
    /// Jobs.
    pub jobs: JobSettings,
    /// Logs.
    pub telemetry: TelemetrySettings,
    /// Mails.
    pub mail: MailSettings,
    /// Imports.
    pub imports: ImportSettings,
    /// What the system does for itself.
    pub maintenance: MaintenanceSettings,
    /// Queues and how many jobs of each run at once.
    pub queues: Vec<(Queue, usize)>,
    /// How long running jobs may take to end after a stop was asked for.
    pub shutdown_grace: Duration,
}

/// Mails.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Where mails go.
    pub target: MailTarget,
    /// Who they come from.
    pub sender: Sender,
    /// Address of the frontend, named in mails.
    pub public_url: Url,
}

/// Where mails go.
#[derive(Clone, Debug)]
pub enum MailTarget {
    /// To a mail server.
    Smtp(Box<SmtpSettings>),
    /// Into a folder, for development.
    Folder(PathBuf),
}

/// Imports.
#[derive(Clone, Copy, Debug)]
pub struct ImportSettings {
    /// Records that one file may have.
    pub max_records: u64,
    /// Records of one transaction at most.
    pub batch: usize,
    /// Grades of one transaction, about: a batch ends with the record that reaches them.
    pub batch_cells: usize,
}

/// What the system does for itself.
#[derive(Clone, Copy, Debug)]
pub struct MaintenanceSettings {
    /// For how long jobs and files are kept.
    pub keep: Keep,
    /// Students that one check of achievements looks at.
    pub checked_students: u64,
}

impl Settings {
    /// Reads all sections.
    ///
    /// # Errors
    /// Names every fault at once.
    pub fn from_environment(mut env: Environment, queues: Option<String>) -> Result<Self, ConfigError> {
        let settings = Self::read(&mut env, queues);
        env.finish()?;
        settings.ok_or(ConfigError {
            faults: vec!["the mail settings cannot be used".to_owned()],
        })
    }

    /// Reads all sections; the faults stay in `env`. `None` when a section has no usable value at all.
    pub fn read(env: &mut Environment, queues: Option<String>) -> Option<Self> {
        let database = DatabaseSettings::read(env);
        let redis = RedisSettings::read(env);
        let identity = IdentitySettings::read(env);
        let jobs = JobSettings::read(env);
        let telemetry = TelemetrySettings::read(env);
        let imports = ImportSettings::read(env);
        let maintenance = MaintenanceSettings::read(env);
        let queues = read_queues(env, queues);
        let shutdown_grace = env.seconds("ACURATE_WORKER_GRACE_SECONDS", 20);
        let concurrency = queues
            .iter()
            .find(|(queue, _)| *queue == Queue::Email)
            .map_or(1, |(_, count)| *count);
        let mail = MailSettings::read(env, concurrency)?;
        Some(Self {
            database,
            redis,
            identity,
            jobs,
            telemetry,
            mail,
            imports,
            maintenance,
            queues,
            shutdown_grace,
        })
    }
}

impl MailSettings {
    fn read(env: &mut Environment, connections: usize) -> Option<Self> {
        let target = mail_target(env, connections);
        let from = env.text("ACURATE_MAIL_FROM", "AcuRate <no-reply@acurate.localhost>");
        let sender = from
            .parse()
            .map_err(|error| env.fault(format!("ACURATE_MAIL_FROM={from}: {error}")))
            .ok();
        let url = env.text("ACURATE_PUBLIC_URL", "http://127.0.0.1:8000");
        let public_url = Url::parse(&url)
            .map_err(|error| env.fault(format!("ACURATE_PUBLIC_URL={url}: {error}")))
            .ok();
        Some(Self {
            target: target?,
            sender: sender?,
            public_url: public_url?,
        })
    }
}

/// A mail server wins over a folder; one of them must be named, so that no mail vanishes by default.
fn mail_target(env: &mut Environment, connections: usize) -> Option<MailTarget> {
    let smtp = env.optional("ACURATE_SMTP_URL");
    let folder = env.optional("ACURATE_MAIL_DIR");
    let command_seconds = env.seconds("ACURATE_SMTP_TIMEOUT_SECONDS", 10);
    let limits = SmtpLimits::read(env);
    match (smtp, folder) {
        (Some(url), _) => match SmtpSettings::from_url(&SecretString::new(url)) {
            Ok(mut settings) => {
                settings.connections = connections.max(1);
                settings.connect_timeout = command_seconds;
                settings.command_timeout = command_seconds;
                limits.apply(&mut settings);
                Some(MailTarget::Smtp(Box::new(settings)))
            }
            Err(error) => {
                env.fault(format!("ACURATE_SMTP_URL: {error}"));
                None
            }
        },
        (None, Some(folder)) => Some(MailTarget::Folder(PathBuf::from(folder))),
        (None, None) => {
            env.fault("set ACURATE_SMTP_URL (a mail server), or ACURATE_MAIL_DIR (a folder, for development)".to_owned());
            None
        }
    }
}

/// How the mail server is treated.
#[derive(Clone, Copy, Debug)]
struct SmtpLimits {
    tries: u64,
    retry_wait: Duration,
    breaker: BreakerSettings,
    per_minute: u64,
}

impl SmtpLimits {
    fn read(env: &mut Environment) -> Self {
        Self {
            tries: env.number("ACURATE_SMTP_TRIES", 3, 1, 10),
            retry_wait: env.seconds("ACURATE_SMTP_RETRY_SECONDS", 4),
            breaker: BreakerSettings {
                failures: usize::try_from(env.number("ACURATE_SMTP_BREAKER_FAILURES", 5, 1, 1000)).unwrap_or(5),
                wait: env.seconds("ACURATE_SMTP_BREAKER_SECONDS", 60),
            },
            per_minute: env.number("ACURATE_SMTP_MAILS_PER_MINUTE", 0, 0, 60_000),
        }
    }

    fn apply(self, settings: &mut SmtpSettings) {
        settings.tries = usize::try_from(self.tries).unwrap_or(1);
        settings.retry_wait = self.retry_wait;
        settings.breaker = self.breaker;
        settings.per_minute = u32::try_from(self.per_minute).ok().and_then(NonZeroU32::new);
    }
}

impl ImportSettings {
    fn read(env: &mut Environment) -> Self {
        Self {
            max_records: env.number("ACURATE_IMPORT_MAX_RECORDS", 500_000, 1, 10_000_000),
            batch: usize::try_from(env.number("ACURATE_IMPORT_BATCH", 2000, 1, 10_000)).unwrap_or(2000),
            batch_cells: usize::try_from(env.number("ACURATE_IMPORT_BATCH_GRADES", 10_000, 1, 100_000)).unwrap_or(10_000),
        }
    }
}

impl MaintenanceSettings {
    fn read(env: &mut Environment) -> Self {
        let mut days = |name| Duration::from_secs(env.number(name, 30, 1, 3650) * 86_400);
        let keep = Keep {
            jobs: days("ACURATE_JOB_KEEP_DAYS"),
            files: days("ACURATE_IMPORT_FILE_KEEP_DAYS"),
        };
        Self {
            keep,
            checked_students: env.number("ACURATE_ACHIEVEMENT_CHECK_STUDENTS", 1000, 1, 100_000),
        }
    }
}

fn read_queues(env: &mut Environment, argument: Option<String>) -> Vec<(Queue, usize)> {
    let setting = env.text(
        "ACURATE_WORKER_QUEUES",
        "email=8,import=1,achievement=2,recalculation=2,maintenance=1",
    );
    let text = argument.unwrap_or(setting);
    let mut queues = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let parsed = part
            .split_once('=')
            .and_then(|(name, count)| Some((name.parse::<Queue>().ok()?, count.parse::<usize>().ok()?)));
        match parsed {
            Some((queue, count)) if (1..=256).contains(&count) && queues.iter().all(|(known, _)| *known != queue) => {
                queues.push((queue, count))
            }
            _ => env.fault(format!(
                "queues: {part:?} is not a queue once with 1 to 256 jobs, as in email=8,import=1,achievement=2"
            )),
        }
    }
    if queues.is_empty() {
        env.fault("queues: name at least one, as in email=8,import=1,achievement=2".to_owned());
    }
    queues
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queues(text: &str) -> Result<Vec<(Queue, usize)>, ConfigError> {
        let mut env = Environment::default();
        let queues = read_queues(&mut env, Some(text.to_owned()));
        env.finish().map(|()| queues)
    }

    #[test]
    fn queues_are_read_with_their_numbers() {
        assert_eq!(queues("email=8, import=1").unwrap(), [(Queue::Email, 8), (Queue::Import, 1)]);
    }

    #[test]
    fn wrong_queues_are_named() {
        for text in ["", "email", "email=0", "email=1,email=2", "fax=1"] {
            assert!(queues(text).unwrap_err().to_string().contains("email=8,import=1"), "{text}");
        }
    }

    #[test]
    fn mails_must_go_somewhere() {
        let mut env = Environment::default();
        assert!(mail_target(&mut env, 1).is_none());
        assert!(env.finish().unwrap_err().to_string().contains("ACURATE_MAIL_DIR"));
    }

    /// Name and default of every setting stand in the table of `README.md`.
    #[test]
    fn every_setting_is_documented_with_its_default() {
        let readme = include_str!("../../README.md");
        let mut env = Environment::default();
        let _ = Settings::read(&mut env, None);
        for setting in env.settings() {
            let default = match setting.default.as_deref() {
                None => "required".to_owned(),
                Some("") => "none".to_owned(),
                Some(value) => format!("`{value}`"),
            };
            let row = format!("| `{}` | {default} |", setting.name);
            assert!(readme.contains(&row), "README.md has no row that begins with {row}");
            let as_file = format!("{}_FILE", setting.name);
            assert!(
                env.settings().iter().all(|other| other.name != as_file),
                "{as_file} would mean two things"
            );
        }
    }
}
