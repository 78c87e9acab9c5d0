//! One sea-orm entity per table; no logic. The schema itself, with its constraints, is in the migration crate.

pub mod achievement_mark;
pub mod activity;
pub mod assessment;
pub mod assessment_lo;
pub mod contact_request;
pub mod course;
pub mod department;
pub mod email_delivery;
pub mod enrollment;
pub mod grade;
pub mod import;
pub mod import_error;
pub mod institution;
pub mod job;
pub mod learning_outcome;
pub mod lo_po;
pub mod password_history;
pub mod password_reset_token;
pub mod program;
pub mod program_outcome;
pub mod session;
pub mod student_lo_achievement;
pub mod student_po_achievement;
pub mod upload;
pub mod upload_chunk;
pub mod user;
