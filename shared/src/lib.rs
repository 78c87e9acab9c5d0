//! What the AcuRate API and worker share: entities, domain rules, jobs, configuration and telemetry.
//!
//! Nothing here knows HTTP or mail servers. Use cases take a [`db::Work`] (an open transaction that collects the jobs
//! it enqueues) and an [`actor::Actor`]; rules are plain functions over plain data.

pub mod academic_year;
pub mod achievement;
pub mod activity;
pub mod actor;
pub mod analytics;
pub mod breaker;
pub mod config;
pub mod curriculum;
pub mod db;
pub mod entity;
pub mod error;
pub mod exports;
#[cfg(debug_assertions)]
pub mod fault;
pub mod grading;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod imports;
pub mod jobs;
pub mod kinds;
pub mod mail;
pub mod maintenance;
pub mod people;
pub mod platform;
pub mod secret;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
pub mod validation;
