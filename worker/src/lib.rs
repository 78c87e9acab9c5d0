//! The AcuRate worker: what its binary runs.

pub mod mailer;
