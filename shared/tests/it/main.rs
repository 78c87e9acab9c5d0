//! The shared crate against a real PostgreSQL and a real Redis.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod achievement;
mod achievement_agreement;
mod achievement_check;
mod achievement_together;
mod analytics;
mod campus;
mod classroom;
mod curriculum;
mod grading;
mod grading_together;
mod identity;
mod imports;
mod jobs;
mod mail;
mod maintenance;
mod partitions;
mod people;
mod platform;
mod schema;
mod transport;
