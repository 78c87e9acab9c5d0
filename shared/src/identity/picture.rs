//! The profile picture: setting and removing the own one, seeing those of one's institution.
//!
//! The picture lies in the database like every upload; what it may be is `portrait`'s affair. A picture that is replaced
//! goes in the same transaction: the schema deletes it with its last reference, also when the user goes.

use super::portrait::{CONTENT_TYPE, Portrait};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{UploadId, UserId};
use crate::imports::upload::{self, FileInfo};
use crate::kinds::UploadPurpose;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A stored picture, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Picture {
    /// Where its bytes are.
    pub id: UploadId,
    /// SHA-256 of its bytes: tells one picture from another.
    pub sha256: Vec<u8>,
    /// Length of the file, in bytes.
    pub size_bytes: i64,
}

/// Sets the actor's picture; the one before is deleted.
///
/// # Errors
/// `NotFound` when the user was deleted meanwhile.
pub async fn set(work: &Work, actor: &Actor, portrait: &Portrait) -> Result<Picture> {
    let info = FileInfo {
        name: Some("picture.jpg".to_owned()),
        content_type: Some(CONTENT_TYPE.to_owned()),
        purpose: UploadPurpose::ProfilePicture,
    };
    let upload_id = upload::store(work, actor, info, portrait.jpeg.as_slice()).await?;
    let update = "UPDATE users SET picture_upload_id = $2 WHERE id = $1";
    let values = [actor.user_id.into(), upload_id.into()];
    if work.tx().execute_raw(sql(update, values)).await?.rows_affected() == 0 {
        return Err(Error::NotFound("user"));
    }
    activity::record(work, actor, Deed::new("user.picture_set", "user", actor.user_id.0)).await?;
    find(work.tx(), actor, actor.user_id).await
}

/// Removes the actor's picture; without one it does nothing.
///
/// # Errors
/// When the database refuses.
pub async fn remove(work: &Work, actor: &Actor) -> Result<()> {
    let update = "UPDATE users SET picture_upload_id = NULL WHERE id = $1 AND picture_upload_id IS NOT NULL";
    if work.tx().execute_raw(sql(update, [actor.user_id.into()])).await?.rows_affected() > 0 {
        activity::record(work, actor, Deed::new("user.picture_removed", "user", actor.user_id.0)).await?;
    }
    Ok(())
}

/// The picture of somebody of the actor's institution; the super admin, who has none, sees those of its kind.
///
/// # Errors
/// `NotFound`, whether the user has no picture, is of another institution or does not exist.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, user_id: UserId) -> Result<Picture> {
    let select = "
        SELECT p.id, p.sha256, p.size_bytes FROM users u JOIN uploads p ON p.id = u.picture_upload_id
        WHERE u.id = $1 AND u.institution_id IS NOT DISTINCT FROM $2";
    let found = Picture::find_by_statement(sql(select, [user_id.into(), actor.institution_id.into()]));
    found.one(db).await?.ok_or(Error::NotFound("picture"))
}

/// The bytes of a picture that [`find`] has found.
///
/// # Errors
/// `NotFound` when it was replaced or removed since.
pub async fn bytes(db: &impl ConnectionTrait, picture: &Picture) -> Result<Vec<u8>> {
    let select = "SELECT string_agg(data, ''::bytea ORDER BY seq) AS data FROM upload_chunks WHERE upload_id = $1";
    let row = db.query_one_raw(sql(select, [picture.id.into()])).await?;
    let row = row.ok_or_else(|| Error::internal("an aggregate has no row"))?;
    row.try_get::<Option<Vec<u8>>>("", "data")?.ok_or(Error::NotFound("picture"))
}
