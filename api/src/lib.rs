//! The AcuRate API server: HTTP in front of the use cases of `acurate-shared`.
//!
//! A handler extracts, calls one use case in one unit of work, and maps the outcome; it decides nothing about the domain.

pub mod app;
pub mod cli;
pub mod config;
mod create_superuser;
pub mod document;
pub mod extract;
pub mod middleware;
pub mod permissions;
pub mod problem;
pub mod routes;
mod serve;
pub mod state;
pub mod token;
