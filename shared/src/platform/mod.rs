//! The platform as its owner runs it: institutions from the first day to the last, their administrators, the requests of
//! visitors, and the log of what was done.
//!
//! Teachers and students, whom an institution's administrators look after, are `people`; what is taught is `curriculum`.
//! Only [`activity_log`] and the own institution are open to institution admins, too.

pub mod activity_log;
pub mod administrators;
pub mod contact_requests;
pub mod deletion;
pub mod institutions;
