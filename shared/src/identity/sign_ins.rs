//! The own sign-ins: seeing where one is signed in, and ending that from afar.
//!
//! A sign-in is a family of sessions. How sessions begin and rotate is `session`.

use super::credential;
use super::session;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Work, sql};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;
use uuid::Uuid;

/// One sign-in that goes on.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct SignIn {
    /// Its family.
    pub family: Uuid,
    /// When the password was given.
    pub started_at: DateTime<Utc>,
    /// When its tokens were last exchanged; requests in between are not kept.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless its tokens are exchanged before.
    pub expires_at: DateTime<Utc>,
    /// Address of the client at its last use.
    pub ip: Option<String>,
    /// What the client called itself at its last use.
    pub user_agent: Option<String>,
}

/// The actor's sign-ins that go on, the last used first.
///
/// # Errors
/// When the database refuses.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, request: PageRequest) -> Result<Page<SignIn>> {
    #[derive(FromQueryResult)]
    struct Row {
        #[sea_orm(nested)]
        sign_in: SignIn,
        total: i64,
    }
    // The total rides along with the rows; a page past the end has none, and then it is counted by itself.
    let living = "
        SELECT family, min(created_at) AS started_at, max(created_at) AS last_used_at, max(expires_at) AS expires_at,
               (array_agg(ip ORDER BY id DESC))[1] AS ip, (array_agg(user_agent ORDER BY id DESC))[1] AS user_agent
        FROM sessions WHERE user_id = $1 AND revoked_at IS NULL GROUP BY family HAVING max(expires_at) > now()";
    let page = format!("SELECT *, count(*) OVER () AS total FROM ({living}) AS s ORDER BY last_used_at DESC, family LIMIT $2 OFFSET $3");
    let values = [
        actor.user_id.into(),
        request.page_size.cast_signed().into(),
        request.offset().cast_signed().into(),
    ];
    let rows = Row::find_by_statement(sql(&page, values)).all(db).await?;
    let total = match rows.first() {
        Some(row) => row.total,
        None => count(db, actor, living).await?,
    };
    Ok(Page {
        items: rows.into_iter().map(|row| row.sign_in).collect(),
        request,
        total: total.unsigned_abs(),
    })
}

/// Ends one of the actor's sign-ins, this one or another.
///
/// # Errors
/// `NotFound`, also when it is somebody else's or has ended before.
pub async fn end(work: &Work, actor: &Actor, family: Uuid) -> Result<()> {
    credential::lock(work, actor.user_id).await?;
    if session::revoke_family(work, actor.user_id, family).await? == 0 {
        return Err(Error::NotFound("session"));
    }
    let deed = Deed::new("user.session_ended", "user", actor.user_id.0).with(json!({ "session": family }));
    activity::record(work, actor, deed).await
}

/// Ends all sign-ins of the actor, this one included; names them.
///
/// # Errors
/// When the database refuses.
pub async fn end_all(work: &Work, actor: &Actor) -> Result<Vec<Uuid>> {
    credential::lock(work, actor.user_id).await?;
    let ended = session::revoke_all(work, actor.user_id).await?;
    let deed = Deed::new("user.signed_out_everywhere", "user", actor.user_id.0).with(json!({ "sessions": ended.len() }));
    activity::record(work, actor, deed).await?;
    Ok(ended)
}

async fn count(db: &impl ConnectionTrait, actor: &Actor, living: &str) -> Result<i64> {
    let count = format!("SELECT count(*) AS total FROM ({living}) AS s");
    let row = db.query_one_raw(sql(&count, [actor.user_id.into()])).await?;
    let row = row.ok_or_else(|| Error::internal("a count has no row"))?;
    Ok(row.try_get("", "total")?)
}
