//! The worker against real servers and against servers that misbehave.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cancelling;
mod fake_smtp;
mod grade_imports;
mod grades_posted_mails;
mod import_finished_mails;
mod institution_deletions;
mod mail_fixture;
mod mail_outages;
mod mail_suppressions;
mod mailer;
mod maintenance;
mod password_changed_mails;
mod password_reset_mails;
mod scaling;
mod schedules;
mod silent_database;
mod smtp_failures;
mod smtp_sessions;
mod smtp_tls;
mod stopping;
mod student_imports;
mod welcome_mails;
mod workbench;
mod worker_process;
