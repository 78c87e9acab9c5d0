//! What the AcuRate API and worker share: entities, domain rules, jobs, configuration and telemetry.
//!
//! Neither HTTP nor SMTP is known here.

pub mod identity;
pub mod secret;
