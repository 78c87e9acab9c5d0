//! Chosen passwords as Argon2id hashes, computed off the async threads and a few at a time.
//!
//! What a password may look like is `password_policy`; the passwords of new accounts are `temporary_password`, which
//! need no slow hash because they already hold 100 random bits.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::Error as LibraryError;
use argon2::{Algorithm, Argon2, Params, Version};
use argon2::{PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::password_policy::MAX_CHARACTERS;
use crate::secret::SecretString;

/// The cost of a hash and how many are computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashSettings {
    /// Memory of one hash in KiB; at least 8 per lane.
    pub memory_kib: u32,
    /// Passes over the memory; at least 1.
    pub iterations: u32,
    /// Lanes; at least 1.
    pub parallelism: u32,
    /// Hashes computed at the same time; at least 1. Peak memory is this times `memory_kib`.
    pub concurrency: usize,
}

impl Default for HashSettings {
    /// OWASP's first choice for Argon2id: 19 MiB, 2 passes, 1 lane; two at once.
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
            concurrency: 2,
        }
    }
}

/// Settings no hasher can be made of.
#[derive(Debug, thiserror::Error)]
pub enum HashSettingsError {
    /// No hash would ever be computed, or more at once than a semaphore can count.
    #[error("password hashing cannot run {concurrency} at once; it takes 1 to {max}", max = Semaphore::MAX_PERMITS)]
    Concurrency {
        /// What was asked for.
        concurrency: usize,
    },
    /// Argon2 does not take these costs.
    #[error("Argon2id does not take these costs (memory, iterations, parallelism): {0}")]
    Costs(argon2::Error),
    /// The first hash, the one that stands for unknown accounts, could not be computed.
    #[error("Argon2id failed at start: {0}")]
    FirstHash(LibraryError),
}

/// A hash could not be computed or compared. None of these says whether the password was right.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text is no PHC string, or of an algorithm other than Argon2.
    #[error("the stored password hash cannot be read: {0}")]
    Stored(String),
    /// Argon2 failed, which means the machine is out of memory or of randomness.
    #[error("Argon2id failed: {0}")]
    Library(LibraryError),
    /// The runtime is shutting down, so the work was not done.
    #[error("password hashing was interrupted")]
    Interrupted,
}

/// The answer to a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// The password is right.
    Match {
        /// The stored hash was made with other settings than today's; store a new one while the password is at hand.
        needs_rehash: bool,
    },
    /// The password is wrong.
    Mismatch,
}

/// Computes and checks Argon2id hashes on the blocking pool, at most `concurrency` at a time.
///
/// Cheap to clone; the clones share the limit. Passwords are compared in Unicode NFC, so that one typed on a keyboard
/// that composes `ş` and one typed on a keyboard that does not are the same.
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// What unknown accounts are checked against.
    decoy: Arc<str>,
}

impl PasswordHasher {
    /// Computes one hash on the calling thread, for [`verify_dummy`](Self::verify_dummy); call it at start.
    ///
    /// # Errors
    /// [`HashSettingsError`] when the settings are out of range.
    pub fn new(settings: HashSettings) -> Result<Self, HashSettingsError> {
        if !(1..=Semaphore::MAX_PERMITS).contains(&settings.concurrency) {
            return Err(HashSettingsError::Concurrency {
                concurrency: settings.concurrency,
            });
        }
        let params = Params::new(settings.memory_kib, settings.iterations, settings.parallelism, None).map_err(HashSettingsError::Costs)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let unknown: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let decoy = argon2.hash_password(unknown.as_slice()).map_err(HashSettingsError::FirstHash)?;
        Ok(Self {
            argon2,
            permits: Arc::new(Semaphore::new(settings.concurrency)),
            decoy: decoy.to_string().into(),
        })
    }

    /// The hash of `password` with a new salt, as a PHC string (`$argon2id$v=19$m=...`).
    ///
    /// # Errors
    /// [`HashError::Library`] and [`HashError::Interrupted`]. The policy is not checked here.
    pub async fn hash(&self, password: &SecretString) -> Result<String, HashError> {
        let password = composed(password);
        self.run(move |argon2| {
            argon2
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(HashError::Library)
        })
        .await
    }

    /// Compares `password` with `stored`, a PHC string of any Argon2 variant and cost.
    ///
    /// A password longer than the policy allows is a mismatch at once; that takes the same time for every account.
    ///
    /// # Errors
    /// [`HashError`]; each means that the comparison did not take place.
    pub async fn verify(&self, password: &SecretString, stored: &str) -> Result<Verification, HashError> {
        if password.expose().chars().nth(MAX_CHARACTERS).is_some() {
            return Ok(Verification::Mismatch);
        }
        let password = composed(password);
        let stored = stored.to_owned();
        self.run(move |argon2| compare(argon2, &password, &stored)).await
    }

    /// Spends what [`verify`](Self::verify) would spend; call it where there is no account to verify against, so that
    /// the time of the answer does not tell which addresses have an account.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub async fn verify_dummy(&self, password: &SecretString) -> Result<(), HashError> {
        self.verify(password, &self.decoy).await.map(drop)
    }

    /// Runs `work` on the blocking pool. The permit goes with it: a caller that gives up does not let the next one in
    /// while its own hash is still being computed.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Interrupted)?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let result = work(&argon2);
            drop(permit);
            result
        })
        .await
        .map_err(|_| HashError::Interrupted)?
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PasswordHasher")
            .field("argon2", &self.argon2)
            .field("free_permits", &self.permits.available_permits())
            .finish_non_exhaustive()
    }
}

fn compare(argon2: &Argon2<'static>, password: &str, stored: &str) -> Result<Verification, HashError> {
    let stored = PasswordHash::new(stored).map_err(|error| HashError::Stored(error.to_string()))?;
    match argon2.verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(Verification::Match {
            needs_rehash: !is_current(argon2, &stored),
        }),
        Err(LibraryError::PasswordInvalid) => Ok(Verification::Mismatch),
        Err(error @ (LibraryError::OutOfMemory | LibraryError::Internal)) => Err(HashError::Library(error)),
        Err(error) => Err(HashError::Stored(error.to_string())),
    }
}

fn is_current(argon2: &Argon2<'static>, stored: &PasswordHash) -> bool {
    let wanted = argon2.params();
    stored.algorithm == Algorithm::Argon2id.ident()
        && stored.version == Some(Version::V0x13.into())
        && Params::try_from(stored)
            .is_ok_and(|found| (found.m_cost(), found.t_cost(), found.p_cost()) == (wanted.m_cost(), wanted.t_cost(), wanted.p_cost()))
}

/// The password in NFC.
fn composed(password: &SecretString) -> Zeroizing<String> {
    let text = password.expose();
    // NFC makes UTF-8 at most three times as long (Unicode, UAX 15), so the text never moves and leaves a copy behind.
    let mut composed = Zeroizing::new(String::with_capacity(text.len() * 3));
    composed.extend(text.nfc());
    composed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least Argon2 takes, so that the tests are fast.
    const CHEAP: HashSettings = HashSettings {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
        concurrency: 1,
    };

    fn hasher(settings: HashSettings) -> PasswordHasher {
        PasswordHasher::new(settings).unwrap()
    }

    const RIGHT: Result<Verification, ()> = Ok(Verification::Match { needs_rehash: false });
    const RIGHT_BUT_OLD: Result<Verification, ()> = Ok(Verification::Match { needs_rehash: true });
    const WRONG: Result<Verification, ()> = Ok(Verification::Mismatch);

    async fn check(hasher: &PasswordHasher, password: &str, stored: &str) -> Result<Verification, ()> {
        hasher.verify(&password.into(), stored).await.map_err(|error| panic!("{error}"))
    }

    #[tokio::test]
    async fn the_default_is_argon2id_with_19_mib_two_passes_and_one_lane() {
        let hasher = hasher(HashSettings::default());
        let hash = hasher.hash(&"correct horse".into()).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(check(&hasher, "correct horse", &hash).await, RIGHT);
        assert_eq!(check(&hasher, "Correct horse", &hash).await, WRONG);
    }

    #[tokio::test]
    async fn a_hash_made_by_the_reference_implementation_is_understood() {
        // A vector of the reference implementation (test.c, Argon2id, version 0x13).
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hasher = hasher(CHEAP);

        assert_eq!(check(&hasher, "password", stored).await, RIGHT_BUT_OLD);
        assert_eq!(check(&hasher, "passwore", stored).await, WRONG);
    }

    #[tokio::test]
    async fn equal_passwords_have_different_hashes() {
        let hasher = hasher(CHEAP);
        let password = SecretString::from("correct horse");

        assert_ne!(hasher.hash(&password).await.unwrap(), hasher.hash(&password).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_other_costs_still_matches_and_asks_for_a_new_one() {
        let old = hasher(CHEAP);
        let hash = old.hash(&"correct horse".into()).await.unwrap();
        for changed in [
            HashSettings { memory_kib: 16, ..CHEAP },
            HashSettings { iterations: 2, ..CHEAP },
            HashSettings {
                memory_kib: 16,
                parallelism: 2,
                ..CHEAP
            },
        ] {
            let new = hasher(changed);

            assert_eq!(check(&new, "correct horse", &hash).await, RIGHT_BUT_OLD);
            assert_eq!(check(&new, "wrong horse", &hash).await, WRONG);
        }
    }

    #[tokio::test]
    async fn a_decomposed_password_is_the_composed_one() {
        let hasher = hasher(CHEAP);
        let hash = hasher.hash(&"g\u{fc}le\u{15f} y\u{fc}z".into()).await.unwrap();

        let decomposed = "gu\u{308}les\u{327} yu\u{308}z";
        assert_eq!(check(&hasher, decomposed, &hash).await, RIGHT);
    }

    #[tokio::test]
    async fn a_password_longer_than_the_policy_allows_never_matches() {
        let hasher = hasher(CHEAP);
        let long = "a".repeat(MAX_CHARACTERS + 1);
        let hash = hasher.hash(&long.as_str().into()).await.unwrap();

        assert_eq!(check(&hasher, &long, &hash).await, WRONG);
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_an_error_and_no_answer() {
        let hasher = hasher(CHEAP);
        for stored in [
            "",
            "correct horse",
            "$argon2id$v=19$m=x$c29tc2FsdA$AAAA",
            "$scrypt$ln=15,r=8,p=1$c29tc2FsdHNvbWU$c29tc2FsdHNvbWU",
        ] {
            let answer = hasher.verify(&"correct horse".into(), stored).await;

            assert!(matches!(answer, Err(HashError::Stored(_))), "{stored}: {answer:?}");
        }
    }

    #[tokio::test]
    async fn the_dummy_is_checked_with_the_costs_of_today() {
        let hasher = hasher(CHEAP);

        assert!(hasher.decoy.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        hasher.verify_dummy(&"correct horse".into()).await.unwrap();
    }

    #[tokio::test]
    async fn no_more_hashes_run_at_once_than_there_are_permits() {
        let hasher = hasher(CHEAP);
        let held = Arc::clone(&hasher.permits).acquire_owned().await.unwrap();
        let password = SecretString::from("correct horse");
        let mut waiting = Box::pin(hasher.hash(&password));

        assert!(futures::poll!(waiting.as_mut()).is_pending());
        tokio::task::yield_now().await;
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        drop(held);
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_keeps_its_permit_until_its_hash_is_done() {
        let hasher = hasher(CHEAP);
        let (started, is_started) = tokio::sync::oneshot::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let running = {
            let hasher = hasher.clone();
            tokio::spawn(async move {
                hasher
                    .run(move |_| {
                        started.send(()).unwrap();
                        released.recv().unwrap();
                        Ok(())
                    })
                    .await
            })
        };
        is_started.await.unwrap();
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());

        assert_eq!(hasher.permits.available_permits(), 0);
        release.send(()).unwrap();
        hasher.hash(&"correct horse".into()).await.unwrap();
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let refused = |settings| PasswordHasher::new(settings).unwrap_err();

        assert!(matches!(
            refused(HashSettings { concurrency: 0, ..CHEAP }),
            HashSettingsError::Concurrency { concurrency: 0 }
        ));
        for costs in [
            HashSettings { memory_kib: 7, ..CHEAP },
            HashSettings { iterations: 0, ..CHEAP },
            HashSettings { parallelism: 0, ..CHEAP },
        ] {
            assert!(matches!(refused(costs), HashSettingsError::Costs(_)), "{costs:?}");
        }
    }
}
