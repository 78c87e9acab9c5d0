//! Jobs: what there is to do ([`definitions`]), asking for it ([`enqueue`](enqueue()), [`enqueue_many`]), and the ledger
//! in PostgreSQL that says how far it is ([`ledger`], [`outbox`]). Operators see ([`view`], [`listing`], [`queues`],
//! [`workers`]) and steer it ([`control`], [`bulk_retry`], [`probe`]).
//!
//! The promise: a job exists exactly when the change that asked for it does; it takes effect once; it is never lost.
//! Redis carries ids and may forget them at any time. How a job is *run* is the worker's affair.

pub mod belongings;
pub mod bulk_retry;
mod claiming;
pub mod control;
pub mod definitions;
#[cfg(debug_assertions)]
mod drill;
mod enqueue;
mod fair_share;
pub mod ledger;
pub mod listing;
pub mod outbox;
pub mod probe;
pub mod queues;
mod send;
pub mod view;
pub mod workers;

pub use definitions::{Job, UnreadableJob};
#[cfg(debug_assertions)]
pub use drill::Drill;
pub use enqueue::{Order, enqueue, enqueue_many};
pub use outbox::Dispatched;
pub use send::{Unsent, send, send_within};
