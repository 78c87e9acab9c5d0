//! Suspending an institution, and letting it go on.
//!
//! Nobody of a suspended institution can sign in or refresh, and access tokens end with the next look at them, at most
//! `ACURATE_ACTOR_CACHE_SECONDS` later on each API server. Sessions are not revoked: who was signed in before goes on after
//! [`resume`]. Jobs go on, but for mails with a temporary password that would not work; these are made good.

use super::{lock, require_future};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::entity::institution::Model;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::jobs::{Job, Order, enqueue_many};
use crate::kinds::Role;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

/// Why the job of a welcome mail sent none, in its result as `skipped`: [`resume`] looks for it.
pub const MAIL_HELD: &str = "the institution is suspended";

/// Suspends an institution; super admins only. Suspending it twice is no error.
///
/// # Errors
/// `Forbidden`; `NotFound`.
pub async fn suspend(work: &Work, actor: &Actor, id: InstitutionId) -> Result<Model> {
    actor.require(&[Role::SuperAdmin])?;
    let before = lock(work, id).await?;
    if !before.is_active {
        return Ok(before);
    }
    let suspended = Deed::new("institution.suspended", "institution", id.0);
    activity::record_for(work, Some(actor.user_id), Some(id), suspended).await?;
    write(work, id, "is_active = false, suspended_at = now()").await
}

/// Lets a suspended institution go on and asks again for the mails that were held back; super admins only. Resuming it
/// twice is no error.
///
/// # Errors
/// `Forbidden`; `NotFound`; `Conflict` with `institution_being_deleted`.
pub async fn resume(work: &mut Work, actor: &Actor, settings: &IdentitySettings, id: InstitutionId) -> Result<Model> {
    actor.require(&[Role::SuperAdmin])?;
    let before = lock(work, id).await?;
    if before.is_active {
        return Ok(before);
    }
    require_future(&before)?;
    let mails = mail_again(work, actor, settings, id).await?;
    let deed = Deed::new("institution.resumed", "institution", id.0).with(json!({ "mails": mails }));
    activity::record_for(work, Some(actor.user_id), Some(id), deed).await?;
    write(work, id, "is_active = true, suspended_at = NULL").await
}

/// By the clock of the database, by which jobs end, too.
async fn write(work: &Work, id: InstitutionId, assignments: &str) -> Result<Model> {
    let update = format!("UPDATE institutions SET {assignments} WHERE id = $1 RETURNING *");
    let written = Model::find_by_statement(sql(&update, [id.into()])).one(work.tx()).await?;
    written.ok_or(Error::NotFound("institution"))
}

/// Nobody has seen the passwords of the mails that were held back, and time went by: each gets a new one.
async fn mail_again(work: &mut Work, actor: &Actor, settings: &IdentitySettings, id: InstitutionId) -> Result<usize> {
    let update = "
        UPDATE users u SET credential_nonce = uuid_send(gen_random_uuid()), credential_expires_at = now() + make_interval(secs => $2)
        FROM (
            SELECT DISTINCT (payload ->> 'user_id')::bigint AS user_id FROM jobs
            WHERE institution_id = $1 AND kind = $3 AND state = 'succeeded' AND result ->> 'skipped' = $4
              AND finished_at >= (SELECT COALESCE(suspended_at, created_at) FROM institutions WHERE id = $1)
        ) held
        WHERE u.id = held.user_id AND u.institution_id = $1 AND u.is_active AND u.credential_nonce IS NOT NULL
        RETURNING u.id";
    let values = [
        id.into(),
        settings.temporary_password.as_secs_f64().into(),
        Job::WELCOME_EMAIL.into(),
        MAIL_HELD.into(),
    ];
    let rows = work.tx().query_all_raw(sql(update, values)).await?;
    let held: Vec<UserId> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    let jobs: Vec<Job> = held.iter().map(|user_id| Job::WelcomeEmail { user_id: *user_id }).collect();
    let order = Order {
        institution_id: Some(id),
        created_by: Some(actor.user_id),
    };
    enqueue_many(work, &jobs, order).await?;
    Ok(jobs.len())
}
