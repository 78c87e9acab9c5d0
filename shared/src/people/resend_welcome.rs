//! Sending the welcome mail again: to somebody who lost it, or came too late.
//!
//! Each mail holds a temporary password of its own, so the one before ends. For somebody who has chosen a password that
//! is a reset of the access, which must be said; such a user can also ask for a reset link without anybody's help.

use super::accounts;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::error::{Error, Result};
use crate::ids::{JobId, UserId};
use crate::kinds::Role;
use sea_orm::FromQueryResult;
use serde_json::json;

/// To whom the mail goes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newcomer {
    /// A student.
    Student(UserId),
    /// A teacher.
    Teacher(UserId),
}

impl Newcomer {
    fn role(self) -> Role {
        match self {
            Self::Student(_) => Role::Student,
            Self::Teacher(_) => Role::Teacher,
        }
    }

    fn id(self) -> UserId {
        match self {
            Self::Student(id) | Self::Teacher(id) => id,
        }
    }
}

/// Gives somebody a new temporary password, ends its sessions and orders the mail; administrators only. `reset_access`
/// takes a chosen password away.
///
/// # Errors
/// `NotFound`, also for another institution's and for somebody of another role; `Conflict`: `account_inactive`,
/// `address_suppressed`, or `password_chosen` without `reset_access`.
pub async fn resend_welcome(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    newcomer: Newcomer,
    reset_access: bool,
) -> Result<JobId> {
    let institution_id = actor.require_admin()?;
    let id = newcomer.id();
    let has_chosen = lock(work, actor, newcomer).await?;
    if has_chosen && !reset_access {
        return Err(Error::conflict(
            "password_chosen",
            "This user has chosen a password, which a new welcome mail would end. Send reset_access=true to do that, \
             or let the user ask for a reset link.",
        ));
    }
    let action = match newcomer {
        Newcomer::Student(_) => "student.welcome_resent",
        Newcomer::Teacher(_) => "teacher.welcome_resent",
    };
    let deed = Deed::new(action, "user", id.0).with(json!({ "reset_access": has_chosen }));
    activity::record(work, actor, deed).await?;
    accounts::reset_access(work, actor, settings, institution_id, id).await
}

/// Locks the account; says whether it has a chosen password.
async fn lock(work: &Work, actor: &Actor, newcomer: Newcomer) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Row {
        is_active: bool,
        has_chosen: bool,
    }
    let select = "
        SELECT is_active, password_hash IS NOT NULL AS has_chosen FROM users
        WHERE institution_id = $1 AND id = $2 AND role = $3 FOR NO KEY UPDATE";
    let values = [actor.institution_id.into(), newcomer.id().into(), newcomer.role().as_str().into()];
    let found = Row::find_by_statement(sql(select, values)).one(work.tx()).await?;
    let row = found.ok_or(Error::NotFound(match newcomer {
        Newcomer::Student(_) => "student",
        Newcomer::Teacher(_) => "teacher",
    }))?;
    if !row.is_active {
        return Err(Error::conflict(
            "account_inactive",
            "This account may not sign in; activate it first, then send the mail.",
        ));
    }
    Ok(row.has_chosen)
}
