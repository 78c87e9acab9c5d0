//! What the system does for itself so that the database stays in order: what there is to do ([`Task`]), the ticks by which
//! it is asked for exactly once ([`ticks`]), partitions ahead of time ([`partitions`]) and the end of what is old ([`purge`]).
//!
//! It has no clock of its own, every function is told what time it is, and it runs nothing: when a task is due, and the
//! job that does it batch by batch, are the worker's. The check of stored achievements is [`crate::achievement::check`].

pub mod partitions;
pub mod purge;
mod task;
pub mod ticks;

pub use task::{Task, UnknownTask};
