//! The transport against a real Redis: delivery, workers, outages, memory.

pub(crate) mod bench;
mod delivery;
mod memory;
mod outage;
mod retries;
mod scripts;
mod server;
mod stopping;
mod workers;
