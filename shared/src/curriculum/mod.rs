//! What an institution promises and teaches: departments, programs and their outcomes, courses with their learning
//! outcomes and assessments, the weights between these, and who is enrolled.
//!
//! Every change that can move somebody's result marks exactly those students, in its own transaction. Grades are
//! `grading`'s, and the results are computed by `achievement`.

mod access;
pub mod assessments;
mod changes;
pub mod courses;
mod deletion;
pub mod departments;
pub mod enrollments;
pub mod learning_outcomes;
mod listing;
pub mod mappings;
pub mod matrices;
pub mod offerings;
mod outcome;
pub mod program_outcomes;
pub mod programs;

pub use outcome::{NewOutcome, OutcomeFilter, OutcomePatch};

/// Longest code of anything, in characters.
pub const CODE_LIMIT: usize = 20;

/// Longest title, in characters.
pub const TITLE_LIMIT: usize = 200;

/// Longest description of an outcome, a course or an assessment, in characters.
pub const DESCRIPTION_LIMIT: usize = 5000;
