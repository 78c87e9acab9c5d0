//! Sessions: families of refresh tokens, one family a sign-in, one row a rotation.
//!
//! A refresh token works once. Its second use means that two parties hold it, so the whole family ends. Two refreshes
//! with one token at the same time are the same thing: one gets new tokens, and the other ends the family, new tokens
//! included. Every change of a user's sessions happens under the lock of the user's row; without it a rotation could
//! slip a fresh row past a revocation.

use super::credential::{self, Credential};
use super::profile::{self, Profile};
use super::tokens::{OpaqueToken, TokenDigest};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, SessionId, UserId};
use crate::kinds::Role;
use crate::secret::SecretString;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Longest user agent that is kept, in characters.
const USER_AGENT_LIMIT: usize = 300;

const INVALID: Error = Error::Unauthorized {
    code: "invalid_refresh_token",
    message: "This is not a refresh token; sign in.",
};

const EXPIRED: Error = Error::Unauthorized {
    code: "refresh_token_expired",
    message: "The refresh token has expired; sign in again.",
};

const REUSED: Error = Error::Unauthorized {
    code: "refresh_token_reused",
    message: "The refresh token was used before, so its session was ended; sign in again.",
};

pub(super) const ENDED: Error = Error::Unauthorized {
    code: "session_ended",
    message: "The session has ended; sign in again.",
};

/// Where a request came from, as far as it is kept with a session.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Address.
    pub ip: Option<String>,
    /// What the client calls itself; cut to 300 characters when stored.
    pub user_agent: Option<String>,
}

/// A session that was just opened or continued.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub user: Profile,
    /// The session's family, for the claims of the access token.
    pub family: Uuid,
    /// Continues the session, once; `None` while a temporary password waits to be changed.
    pub refresh_token: Option<SecretString>,
}

impl SignedIn {
    /// Whether the session is good for nothing but the change of password.
    #[must_use]
    pub fn must_change_password(&self) -> bool {
        self.user.must_change_password
    }
}

/// The actor of a request, from the claims of a valid access token; one query.
///
/// # Errors
/// `Unauthorized` with `session_ended` when the session was ended or has expired, or the user or its institution is not active.
pub async fn authenticate(db: &impl ConnectionTrait, user_id: UserId, family: Uuid) -> Result<Actor> {
    #[derive(FromQueryResult)]
    struct Row {
        role: Role,
        institution_id: Option<InstitutionId>,
    }
    let select = "
        SELECT u.role, u.institution_id FROM users u LEFT JOIN institutions i ON i.id = u.institution_id
        WHERE u.id = $1 AND u.is_active AND COALESCE(i.is_active, true) AND EXISTS (
            SELECT FROM sessions s WHERE s.family = $2 AND s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > now())";
    let row = db.query_one_raw(sql(select, [user_id.into(), family.into()])).await?.ok_or(ENDED)?;
    let row = Row::from_query_result(&row, "")?;
    Ok(Actor {
        user_id,
        role: row.role,
        institution_id: row.institution_id,
    })
}

/// Opens a session of its own family. The caller holds the user's lock.
pub(super) async fn open(work: &Work, settings: &IdentitySettings, user_id: UserId, client: &Client) -> Result<SignedIn> {
    let user = profile::find(work.tx(), user_id).await?;
    let life = if user.must_change_password {
        settings.password_change_token
    } else {
        settings.refresh_token
    };
    let family = Uuid::new_v4();
    let token = insert(work, user_id, family, life, client).await?;
    // With a temporary password the row only lets the session be found and ended: nobody gets its token.
    let refresh_token = (!user.must_change_password).then(|| token.encoded());
    Ok(SignedIn {
        user,
        family,
        refresh_token,
    })
}

/// Exchanges a refresh token for the next one. Takes the work as a whole, because a reuse must be committed, too.
///
/// # Errors
/// `Unauthorized` with `invalid_refresh_token`, `refresh_token_expired`, `session_ended`, or `refresh_token_reused`;
/// the last one has ended the family.
pub async fn refresh(work: Work, settings: &IdentitySettings, token: &str, client: &Client) -> Result<SignedIn> {
    let digest = OpaqueToken::parse(token).map_err(|_| INVALID)?.digest();
    let user_id = find(&work, &digest).await?.ok_or(INVALID)?.user_id;
    let account = credential::lock(&work, user_id).await?.ok_or(INVALID)?;
    let row = find(&work, &digest).await?.ok_or(INVALID)?;
    if row.used {
        if revoke_family(&work, user_id, row.family).await? > 0 {
            let deed = Deed::new("user.refresh_token_reused", "user", user_id.0).with(json!({ "session": row.family }));
            activity::record_for(&work, Some(user_id), account.institution_id, deed).await?;
        }
        let _no_jobs = work.commit().await?;
        return Err(REUSED);
    }
    if row.revoked || !account.is_open || matches!(account.credential, Credential::Temporary { .. }) {
        return Err(ENDED);
    }
    if row.expired {
        return Err(EXPIRED);
    }
    let mark = "UPDATE sessions SET used_at = now() WHERE id = $1";
    work.tx().execute_raw(sql(mark, [row.id.into()])).await?;
    let next = insert(&work, user_id, row.family, settings.refresh_token, client).await?;
    let user = profile::find(work.tx(), user_id).await?;
    let _no_jobs = work.commit().await?;
    Ok(SignedIn {
        user,
        family: row.family,
        refresh_token: Some(next.encoded()),
    })
}

/// Ends the session that the actor uses; ending it twice is no error.
///
/// # Errors
/// When the database refuses.
pub async fn sign_out(work: &Work, actor: &Actor, family: Uuid) -> Result<()> {
    credential::lock(work, actor.user_id).await?;
    if revoke_family(work, actor.user_id, family).await? > 0 {
        activity::record(work, actor, Deed::new("user.signed_out", "user", actor.user_id.0)).await?;
    }
    Ok(())
}

/// Ends every session of a user whose row the caller has locked; names their families.
pub(crate) async fn revoke_all(work: &Work, user_id: UserId) -> Result<Vec<Uuid>> {
    let update = "
        WITH ended AS (UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL RETURNING family)
        SELECT DISTINCT family FROM ended";
    let rows = work.tx().query_all_raw(sql(update, [user_id.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get("", "family")).collect::<Result<_, _>>()?)
}

/// Ends one session of a user whose row the caller has locked; says how many rotations that were.
pub(super) async fn revoke_family(work: &Work, user_id: UserId, family: Uuid) -> Result<u64> {
    let update = "UPDATE sessions SET revoked_at = now() WHERE family = $1 AND user_id = $2 AND revoked_at IS NULL";
    let result = work.tx().execute_raw(sql(update, [family.into(), user_id.into()])).await?;
    Ok(result.rows_affected())
}

async fn insert(work: &Work, user_id: UserId, family: Uuid, life: Duration, client: &Client) -> Result<OpaqueToken> {
    let token = OpaqueToken::generate();
    let insert = "
        INSERT INTO sessions (family, user_id, token_hash, expires_at, ip, user_agent)
        VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5, $6)";
    let user_agent: Option<String> = client.user_agent.as_ref().map(|text| text.chars().take(USER_AGENT_LIMIT).collect());
    let values = [
        family.into(),
        user_id.into(),
        token.digest().as_bytes().to_vec().into(),
        life.as_secs_f64().into(),
        client.ip.clone().into(),
        user_agent.into(),
    ];
    work.tx().execute_raw(sql(insert, values)).await?;
    Ok(token)
}

/// One rotation.
#[derive(FromQueryResult)]
struct Rotation {
    id: SessionId,
    family: Uuid,
    user_id: UserId,
    used: bool,
    revoked: bool,
    expired: bool,
}

async fn find(work: &Work, digest: &TokenDigest) -> Result<Option<Rotation>> {
    let select = "
        SELECT id, family, user_id, used_at IS NOT NULL AS used, revoked_at IS NOT NULL AS revoked, expires_at <= now() AS expired
        FROM sessions WHERE token_hash = $1";
    let row = work.tx().query_one_raw(sql(select, [digest.as_bytes().to_vec().into()])).await?;
    Ok(row.map(|row| Rotation::from_query_result(&row, "")).transpose()?)
}
