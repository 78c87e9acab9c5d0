//! The public API as a client sees it: every command here goes through it and through nothing else.

mod client;
pub(crate) mod documents;
mod problem;
mod session;

pub(crate) use client::Api;
