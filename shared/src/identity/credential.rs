//! What an account is proven by, as the database holds it: the hash of a chosen password, or the nonce of a temporary one.
//!
//! Reads and locks only; what a proof leads to is `sign_in` and `change_password`.

use super::temporary_password::{CredentialNonce, TemporaryPassword};
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::secret::SecretString;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// The one thing that proves an account.
#[derive(Clone, Debug)]
pub(super) enum Credential {
    /// A password that the user chose, as its hash.
    Chosen(SecretString),
    /// A password that was mailed and must be changed.
    Temporary {
        /// What it is derived from.
        nonce: CredentialNonce,
        /// Whether its time is over.
        expired: bool,
    },
}

impl Credential {
    /// Whether both stand for the same password. One that has expired meanwhile is still the same.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Chosen(one), Self::Chosen(two)) => one.expose() == two.expose(),
            (Self::Temporary { nonce: one, .. }, Self::Temporary { nonce: two, .. }) => one == two,
            _ => false,
        }
    }
}

/// An account, as far as signing in needs it.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: UserId,
    pub(super) institution_id: Option<InstitutionId>,
    pub(super) email: String,
    /// The account and its institution are both active.
    pub(super) is_open: bool,
    /// Its user has chosen a password at some time, even if a temporary one has taken its place.
    pub(super) has_chosen: bool,
    pub(super) credential: Credential,
}

impl Account {
    /// The temporary password that the account waits to be changed, if it does.
    pub(super) fn temporary_password(&self, settings: &IdentitySettings) -> Option<TemporaryPassword> {
        match &self.credential {
            Credential::Chosen(_) => None,
            Credential::Temporary { nonce, .. } => Some(TemporaryPassword::derive(&settings.secret, self.id, nonce)),
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: UserId,
    institution_id: Option<InstitutionId>,
    email: String,
    is_open: bool,
    has_chosen: bool,
    password_hash: Option<String>,
    credential_nonce: Option<Vec<u8>>,
    expired: bool,
}

impl TryFrom<Row> for Account {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let credential = match (row.password_hash, row.credential_nonce) {
            (Some(hash), None) => Credential::Chosen(hash.into()),
            (None, Some(nonce)) => Credential::Temporary {
                nonce: CredentialNonce::try_from(nonce.as_slice()).map_err(|error| Error::caused("a stored nonce", error))?,
                expired: row.expired,
            },
            _ => return Err(Error::internal("an account has not exactly one credential")),
        };
        Ok(Self {
            id: row.id,
            institution_id: row.institution_id,
            email: row.email,
            is_open: row.is_open,
            has_chosen: row.has_chosen,
            credential,
        })
    }
}

const SELECT: &str = "
    SELECT u.id, u.institution_id, u.email, u.password_hash, u.credential_nonce,
           u.is_active AND COALESCE(i.is_active, true) AS is_open,
           u.password_hash IS NOT NULL OR u.password_changed_at IS NOT NULL AS has_chosen,
           COALESCE(u.credential_expires_at <= now(), false) AS expired
    FROM users u LEFT JOIN institutions i ON i.id = u.institution_id";

/// The account with a normalized address.
pub(super) async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Account>> {
    one(db, "WHERE u.email = $1", email.into()).await
}

/// The account of a user.
pub(super) async fn by_id(db: &impl ConnectionTrait, user_id: UserId) -> Result<Option<Account>> {
    one(db, "WHERE u.id = $1", user_id.into()).await
}

/// The account of a user, locked until the end of the work: credentials and sessions change under this lock only.
pub(super) async fn lock(work: &Work, user_id: UserId) -> Result<Option<Account>> {
    one(work.tx(), "WHERE u.id = $1 FOR NO KEY UPDATE OF u", user_id.into()).await
}

async fn one(db: &impl ConnectionTrait, which: &str, value: Value) -> Result<Option<Account>> {
    let row = db.query_one_raw(sql(&format!("{SELECT} {which}"), [value])).await?;
    row.map(|row| Account::try_from(Row::from_query_result(&row, "")?)).transpose()
}
