//! Sign-ins as rows: who is behind a token right now.

use crate::actor::Actor;
use crate::db::sql;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::kinds::Role;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Row {
    id: UserId,
    role: Role,
    institution_id: Option<InstitutionId>,
}

/// The user of a sign-in that still holds: not signed out, not expired, user and institution active.
///
/// # Errors
/// `Unauthorized` when it does not hold any more.
pub async fn authenticate(db: &impl ConnectionTrait, user_id: UserId, family: Uuid) -> Result<Actor> {
    let select = "
        SELECT u.id, u.role, u.institution_id
        FROM users u LEFT JOIN institutions i ON i.id = u.institution_id
        WHERE u.id = $1 AND u.is_active AND COALESCE(i.is_active, true)
          AND EXISTS (SELECT FROM sessions s WHERE s.family = $2 AND s.user_id = u.id AND s.expires_at > now() AND s.used_at IS NULL AND s.revoked_at IS NULL)";
    let row = Row::find_by_statement(sql(select, [user_id.into(), family.into()])).one(db).await?;
    let row = row.ok_or(Error::Unauthorized {
        code: "session_ended",
        message: "This sign-in has ended; sign in again.",
    })?;
    Ok(Actor {
        user_id: row.id,
        role: row.role,
        institution_id: row.institution_id,
    })
}
