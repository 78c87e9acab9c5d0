//! The AcuRate worker: takes job ids from Redis, claims the jobs in PostgreSQL and does them.
//!
//! PostgreSQL is the truth and Redis the transport: a message is a hint to look at a row. [`dispatcher`] sends the
//! hints, [`executor`] turns one into a run, [`handlers`] know what each kind of job does, [`schedules`] ask for jobs by the
//! clock. [`presence`] tells operators that the process lives.

pub mod cli;
pub mod config;
pub mod context;
pub mod dispatcher;
pub mod executor;
pub mod handlers;
pub mod mailer;
pub mod presence;
mod preview_mail;
mod run;
pub mod schedules;
