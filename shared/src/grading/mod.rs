//! The grade book of a course: many cells at once ([`bulk`]), one cell ([`single`]), and reading it ([`list`]).
//!
//! A cell holds a score, or the fact that there is none (absent, excused, non-attendance); not graded yet is no cell. What follows from
//! grades is computed elsewhere: a change here only marks the students whose results it can move.

pub mod bulk;
pub mod cells;
pub(crate) mod feedback;
pub mod list;
pub mod single;
pub(crate) mod write;

pub use bulk::put;
pub use cells::{Entry, NewCell};
pub use write::Written;
