//! Changing a teacher's account, and what follows from it: sessions to end, mails to send again.

use super::{Teacher, read};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Expected, Work, sql};
use crate::error::Result;
use crate::identity::session;
use crate::ids::{DepartmentId, UserId};
use crate::people::accounts::{self, NewPerson};
use crate::people::placement;
use crate::validation::Checks;
use sea_orm::ConnectionTrait;
use serde_json::json;

/// A partial change: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct TeacherPatch {
    /// Address. While no password was chosen, a new one gets a new welcome mail, and the old mail's password ends.
    pub email: Option<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<Option<String>>,
    /// Department.
    pub department_id: Option<Option<DepartmentId>>,
    /// Whether the teacher may sign in; `false` ends its sessions. Its courses stay its own.
    pub is_active: Option<bool>,
}

/// Changes a teacher; administrators only. A change that changes nothing writes nothing.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`, also for another institution's; `Outdated`; `Conflict` when the address is taken.
pub async fn update(
    work: &mut Work,
    actor: &Actor,
    settings: &IdentitySettings,
    id: UserId,
    expected: &Expected,
    patch: TeacherPatch,
) -> Result<Teacher> {
    let institution_id = actor.require_admin()?;
    let before = read::lock(work.tx(), institution_id, id).await?;
    expected.check(before.version)?;
    let mut checks = Checks::default();
    let after = merge(&mut checks, &before, patch);
    if before.department_id != after.department_id {
        placement::resolve(work.tx(), &mut checks, institution_id, after.department_id, None).await?;
    }
    checks.finish()?;
    let changed = differences(&before, &after);
    if changed.is_empty() {
        return Ok(before);
    }
    write(work, &after).await?;
    if before.email != after.email {
        accounts::renew_credential(work, actor, settings, institution_id, id).await?;
    }
    if before.is_active && !after.is_active {
        session::revoke_all(work, id).await?;
    }
    let deed = Deed::new("teacher.updated", "user", id.0).with(json!({ "changed": changed }));
    activity::record(work, actor, deed).await?;
    read::by_id(work.tx(), institution_id, id).await
}

fn merge(checks: &mut Checks, before: &Teacher, patch: TeacherPatch) -> Teacher {
    let wanted = NewPerson {
        email: patch.email.unwrap_or_else(|| before.email.clone()),
        first_name: patch.first_name.unwrap_or_else(|| before.first_name.clone()),
        last_name: patch.last_name.unwrap_or_else(|| before.last_name.clone()),
        phone: patch.phone.unwrap_or_else(|| before.phone.clone()),
    };
    let person = wanted.check(checks, "");
    Teacher {
        email: person.email,
        first_name: person.first_name,
        last_name: person.last_name,
        phone: person.phone,
        department_id: patch.department_id.unwrap_or(before.department_id),
        is_active: patch.is_active.unwrap_or(before.is_active),
        ..before.clone()
    }
}

/// Names of the fields that differ; the activity log keeps these, not the values.
fn differences(before: &Teacher, after: &Teacher) -> Vec<&'static str> {
    [
        ("email", before.email != after.email),
        ("first_name", before.first_name != after.first_name),
        ("last_name", before.last_name != after.last_name),
        ("phone", before.phone != after.phone),
        ("department_id", before.department_id != after.department_id),
        ("is_active", before.is_active != after.is_active),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

async fn write(work: &Work, teacher: &Teacher) -> Result<()> {
    let update = "
        UPDATE users SET email = $2, first_name = $3, last_name = $4, phone = $5, department_id = $6, is_active = $7 WHERE id = $1";
    let values = [
        teacher.id.into(),
        teacher.email.clone().into(),
        teacher.first_name.clone().into(),
        teacher.last_name.clone().into(),
        teacher.phone.clone().into(),
        teacher.department_id.into(),
        teacher.is_active.into(),
    ];
    work.tx().execute_raw(sql(update, values)).await?;
    Ok(())
}
