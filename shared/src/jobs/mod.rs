//! Jobs: what there is to do ([`definitions`]), asking for it ([`enqueue`](enqueue()), [`enqueue_many`]), and the ledger
//! in PostgreSQL that says how far it is ([`ledger`], [`outbox`]).
//!
//! The promise: a job exists exactly when the change that asked for it does; it takes effect once; it is never lost.
//! Redis carries ids and may forget them at any time. How a job is *run* is the worker's affair.

pub mod definitions;
mod enqueue;
pub mod ledger;
pub mod outbox;
mod send;
pub mod view;

pub use definitions::{Job, UnreadableJob};
pub use enqueue::{Order, enqueue, enqueue_many};
pub use outbox::Dispatched;
pub use send::{Unsent, send, send_within};
