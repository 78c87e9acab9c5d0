//! What a handler takes besides its parameters: who is signed in, and the circumstances of the request.
//!
//! A handler of a private route names one of the sign-in types; that is its authorisation.

mod context;
mod signed_in;

pub use context::RequestContext;
pub(crate) use signed_in::actor;
pub use signed_in::{PasswordChanger, SignedIn};
