//! How jobs are leased, limited and retried.

use super::Environment;
use std::time::Duration;

/// How often a kind of job is tried and how long it waits in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRule {
    /// The first try and all retries.
    pub max_attempts: u32,
    /// Wait before the first retry.
    pub delay: Duration,
    /// Whether each further wait doubles (up to one hour) or stays the same.
    pub doubles: bool,
}

/// Settings of the job ledger; the API needs them to enqueue, the worker to run.
#[derive(Clone, Debug)]
pub struct JobSettings {
    /// How long a worker owns a job without renewing the claim.
    pub lease: Duration,
    /// How often a worker renews its claims.
    pub heartbeat: Duration,
    /// After this a job is asked to stop.
    pub soft_limit: Duration,
    /// After this a job is ended.
    pub hard_limit: Duration,
    /// How long a job whose end was asked for may take to notice, before it is ended.
    pub cancel_grace: Duration,
    /// Imports and recalculations of one institution that run at the same time, whatever the number of workers.
    pub heavy_per_institution: u32,
    /// Wait until a message that nobody took is sent again; doubles with each one.
    pub redispatch: Duration,
    /// Messages that may wait in one Redis queue before dispatching stops.
    pub window: u64,
    /// Workers that may vanish under a job, without progress in between, before it counts as dead.
    pub max_lost_leases: u32,
    /// Mails: the first try and three retries, a minute apart.
    pub email: RetryRule,
    /// How long a mail about grades waits for more grades of the same student and course.
    pub grade_mail_delay: Duration,
    /// Imports.
    pub import: RetryRule,
    /// Achievements.
    pub achievement: RetryRule,
    /// What the system does for itself.
    pub maintenance: RetryRule,
}

impl JobSettings {
    /// Reads the section.
    pub fn read(env: &mut Environment) -> Self {
        let settings = Self {
            lease: env.seconds("ACURATE_JOB_LEASE_SECONDS", 15),
            heartbeat: env.seconds("ACURATE_JOB_HEARTBEAT_SECONDS", 5),
            soft_limit: env.seconds("ACURATE_JOB_SOFT_LIMIT_SECONDS", 1500),
            hard_limit: env.seconds("ACURATE_JOB_HARD_LIMIT_SECONDS", 1800),
            cancel_grace: env.seconds("ACURATE_JOB_CANCEL_SECONDS", 30),
            heavy_per_institution: u32::try_from(env.number("ACURATE_HEAVY_JOBS_PER_INSTITUTION", 3, 1, 1000)).unwrap_or(3),
            redispatch: env.seconds("ACURATE_JOB_REDISPATCH_SECONDS", 15),
            window: env.number("ACURATE_JOB_WINDOW", 2000, 1, 5000),
            max_lost_leases: u32::try_from(env.number("ACURATE_JOB_MAX_LOST_LEASES", 10, 1, 1000)).unwrap_or(10),
            email: retry(env, "ACURATE_EMAIL_ATTEMPTS", 4, "ACURATE_EMAIL_RETRY_SECONDS", 60, false),
            grade_mail_delay: env.seconds("ACURATE_GRADE_MAIL_DELAY_SECONDS", 300),
            import: retry(env, "ACURATE_IMPORT_ATTEMPTS", 5, "ACURATE_IMPORT_RETRY_SECONDS", 5, true),
            achievement: retry(env, "ACURATE_ACHIEVEMENT_ATTEMPTS", 8, "ACURATE_ACHIEVEMENT_RETRY_SECONDS", 1, true),
            maintenance: retry(
                env,
                "ACURATE_MAINTENANCE_ATTEMPTS",
                5,
                "ACURATE_MAINTENANCE_RETRY_SECONDS",
                60,
                true,
            ),
        };
        if settings.heartbeat * 2 > settings.lease {
            env.fault("ACURATE_JOB_LEASE_SECONDS must be at least twice ACURATE_JOB_HEARTBEAT_SECONDS".to_owned());
        }
        if settings.soft_limit >= settings.hard_limit {
            env.fault("ACURATE_JOB_SOFT_LIMIT_SECONDS must be less than ACURATE_JOB_HARD_LIMIT_SECONDS".to_owned());
        }
        settings
    }
}

fn retry(env: &mut Environment, attempts: &'static str, default: u64, delay: &'static str, seconds: u64, doubles: bool) -> RetryRule {
    RetryRule {
        max_attempts: u32::try_from(env.number(attempts, default, 1, 100)).unwrap_or(1),
        delay: env.seconds(delay, seconds),
        doubles,
    }
}
