//! The tokens of a sign-in, and when they want renewing.

use super::documents::SignedIn;
use std::time::{Duration, Instant};

/// A token is renewed this long before it ends, so that no request on its way finds it ended.
const MARGIN: Duration = Duration::from_secs(60);

/// The tokens of one sign-in.
pub(super) struct Session {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    renew_at: Instant,
}

impl Session {
    /// `asked` is when the tokens were asked for: they cannot have begun earlier.
    pub(super) fn new(tokens: SignedIn, asked: Instant) -> Self {
        let life = Duration::from_secs(tokens.expires_in);
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            renew_at: asked + life.saturating_sub(MARGIN).max(life / 2),
        }
    }

    pub(super) fn wants_renewal(&self, now: Instant) -> bool {
        now >= self.renew_at
    }
}

/// Shows no token.
impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("renew_at", &self.renew_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(expires_in: u64, asked: Instant) -> Session {
        let tokens = SignedIn {
            access_token: "a".to_owned(),
            expires_in,
            refresh_token: None,
            must_change_password: false,
        };
        Session::new(tokens, asked)
    }

    #[test]
    fn a_token_is_renewed_a_minute_before_it_ends() {
        let asked = Instant::now();
        let session = session(900, asked);
        assert!(!session.wants_renewal(asked + Duration::from_secs(839)));
        assert!(session.wants_renewal(asked + Duration::from_secs(840)));
    }

    #[test]
    fn a_short_token_is_renewed_half_way() {
        let asked = Instant::now();
        let session = session(30, asked);
        assert!(!session.wants_renewal(asked + Duration::from_secs(14)));
        assert!(session.wants_renewal(asked + Duration::from_secs(15)));
    }

    #[test]
    fn debug_output_shows_no_token() {
        let shown = format!("{:?}", session(900, Instant::now()));
        assert!(!shown.contains("access_token"), "{shown}");
    }
}
