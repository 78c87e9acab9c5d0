//! Dashboards and analytics: what grades and achievements say about a student, a course, a teacher's courses, an
//! institution and the platform. Reads only; the data behind it, grading schemes and thresholds, is written here too.
//!
//! # Definitions
//!
//! A **result** is an active enrollment in an active course. Its **grade** so far is Σ(score ÷ max × 100 × weight) ÷ Σ weight
//! over the active assessments that have a score. Absent, excused, non-attendance and not yet graded are no score, and no zero; weights
//! that sum to zero give no grade. It is exact until it is shown, rounded once, half up, to two places; letters and
//! thresholds are compared before rounding.
//!
//! A result is **complete** when every active assessment of positive weight is settled for the student: scored, absent,
//! excused or non-attendance. It **passes** when its letter does; in a year without a grading scheme, from the institution's pass
//! percentage on. The **grade point average** is Σ(points × credits) ÷ Σ credits.
//!
//! An assessment is **due** when its due date has passed. Due and without a mark it waits to be graded. A student has
//! **missed** it when marked absent or non-attendance, or when it is due and others of the course have a mark. Somebody is **at risk** in a
//! course for a low grade, for missed work, or for learning outcomes not met; the thresholds are the institution's.
//!
//! Figures about learning and program outcomes rest on the stored achievements, which say when they were computed and
//! whether a change waits. Students see figures of a group from [`suppression::SMALLEST_GROUP`] values on.
//!
//! Every view is a constant number of statements, whatever it holds, in one snapshot of the database.

pub mod academic_policy;
mod access;
pub mod alerts;
pub mod assessment_statistics;
pub mod at_risk;
pub mod course;
pub mod course_figures;
pub mod departments;
mod freshness;
pub mod grade_distribution;
pub mod grade_points;
pub mod grading_schemes;
pub mod institution;
pub mod outcome_graph;
pub mod outcome_statistics;
pub mod platform;
pub mod program_outcome_trend;
mod reading;
mod results;
mod scope;
pub mod standing;
pub mod statistics;
pub mod student;
pub mod suppression;
pub mod teacher;

pub use freshness::Freshness;
pub use scope::Filter;
