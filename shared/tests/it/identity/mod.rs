//! Who someone is.

mod forgotten_passwords;
mod passwords;
mod pictures;
mod sessions;
mod sign_ins;
mod signing_in;
mod the_own_profile;
mod the_platform_owner;

use crate::campus::Campus;
use acurate_shared::actor::Actor;
use acurate_shared::identity::{SignedIn, authenticate};

/// The actor of a session's access token.
async fn actor(campus: &Campus, session: &SignedIn) -> Actor {
    authenticate(campus.db(), session.user.id, session.family).await.unwrap()
}
