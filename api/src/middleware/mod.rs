//! What happens around every handler, one thing a file.

mod access_log;
mod body_limit;
mod errors;
mod idempotency;
mod security_headers;

pub use access_log::AccessLog;
pub use body_limit::BodyLimit;
pub use errors::Errors;
pub use idempotency::Idempotency;
pub use security_headers::SecurityHeaders;
