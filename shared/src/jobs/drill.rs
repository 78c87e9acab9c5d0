//! Jobs that misbehave on purpose, so that tests see what the worker does with such. Debug builds only.

use serde::{Deserialize, Serialize};

/// How the job misbehaves; as a payload `{"drill": "panic"}`, `{"drill": "allocate", "mebibytes": 8192}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "drill", rename_all = "snake_case")]
pub enum Drill {
    /// Panics.
    Panic,
    /// Never ends by itself, but when it is asked to.
    Hang,
    /// Never ends, whoever asks.
    IgnoreSoftLimit,
    /// Asks for memory, which it does not touch: only a process whose address space is limited comes to grief.
    Allocate {
        /// How much.
        mebibytes: u32,
    },
}
