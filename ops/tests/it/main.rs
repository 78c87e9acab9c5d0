//! The product from outside: the real binaries over HTTP, with a real PostgreSQL, Redis and mail server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod chaos;
mod client;
mod contract;
mod journey;
mod mailbox;
mod measurements;
mod product;
mod real_data;
mod web_client;
