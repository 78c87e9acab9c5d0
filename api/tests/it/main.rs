//! Tests of the API in one process: requests in, responses out, a real PostgreSQL and Redis behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod account;
mod achievements;
mod activity;
mod analytics;
mod auth;
mod bad_input;
mod contact_requests;
mod create_superuser;
mod curriculum;
mod grade_exports;
mod grade_imports;
mod gradebook;
mod grades;
mod institution_lifecycle;
mod institutions;
mod jobs;
mod mails;
mod openapi;
mod permissions;
mod query_counts;
mod queues;
mod sent_again;
mod server;
mod students;
mod teachers;
mod versions;
