//! What the AcuRate API and worker share: entities, domain rules, jobs, configuration and telemetry.
//!

pub mod achievement;
pub mod activity;
pub mod actor;
pub mod config;
pub mod db;
pub mod entity;
pub mod error;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod kinds;
pub mod secret;
#[cfg(feature = "testing")]
pub mod testing;
pub mod validation;
