//! Changing what an institution is: everything by the super admin, some of it by its own administrators.

use super::{NAME_LIMIT, Particulars, check_time_zone, lock, require_future};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::db::{Expected, Work};
use crate::entity::institution::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::InstitutionId;
use crate::kinds::{Locale, Role};
use crate::validation::Checks;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable};
use serde_json::json;

/// A partial change: `None` leaves a field.
#[derive(Clone, Debug, Default)]
pub struct InstitutionPatch {
    /// 1 to 255 characters, unique whatever the case.
    pub name: Option<String>,
    /// Language of its mails.
    pub locale: Option<Locale>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// What else is known of it.
    pub particulars: Particulars,
}

/// What an administrator may change of its own institution: `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct OwnInstitutionPatch {
    /// Language of its mails.
    pub locale: Option<Locale>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// As in [`Particulars`].
    pub address: Option<Option<String>>,
    /// As in [`Particulars`].
    pub website: Option<Option<String>>,
    /// As in [`Particulars`].
    pub contact_email: Option<Option<String>>,
    /// As in [`Particulars`].
    pub contact_phone: Option<Option<String>>,
}

impl From<OwnInstitutionPatch> for InstitutionPatch {
    fn from(own: OwnInstitutionPatch) -> Self {
        Self {
            name: None,
            locale: own.locale,
            time_zone: own.time_zone,
            particulars: Particulars {
                address: own.address,
                website: own.website,
                contact_email: own.contact_email,
                contact_phone: own.contact_phone,
                ..Particulars::default()
            },
        }
    }
}

/// Changes an institution; super admins only.
///
/// # Errors
/// `Invalid`, naming every fault; `NotFound`; `Outdated`; `Conflict` with `name_in_use` or `institution_being_deleted`.
pub async fn update(work: &Work, actor: &Actor, id: InstitutionId, expected: &Expected, patch: InstitutionPatch) -> Result<Model> {
    actor.require(&[Role::SuperAdmin])?;
    change(work, actor, id, expected, patch).await
}

/// The actor's own institution.
///
/// # Errors
/// `Forbidden` for the super admin, who has none.
pub async fn own(db: &impl ConnectionTrait, actor: &Actor) -> Result<Model> {
    let found = Entity::find_by_id(actor.institution()?).one(db).await?;
    found.ok_or(Error::NotFound("institution"))
}

/// Changes the actor's own institution; its administrators only.
///
/// # Errors
/// `Invalid`, naming every fault; `Outdated`.
pub async fn update_own(work: &Work, actor: &Actor, expected: &Expected, patch: OwnInstitutionPatch) -> Result<Model> {
    let id = actor.require_admin()?;
    change(work, actor, id, expected, patch.into()).await
}

/// Writes what differs; a change that changes nothing writes nothing.
async fn change(work: &Work, actor: &Actor, id: InstitutionId, expected: &Expected, patch: InstitutionPatch) -> Result<Model> {
    let before = lock(work, id).await?;
    expected.check(before.version)?;
    require_future(&before)?;
    let mut checks = Checks::default();
    let mut change = before.clone().into_active_model();
    if let Some(name) = patch.name {
        change.name.set_if_not_equals(checks.text("name", &name, NAME_LIMIT));
    }
    if let Some(locale) = patch.locale {
        change.locale.set_if_not_equals(locale);
    }
    if let Some(zone) = patch.time_zone {
        let zone = check_time_zone(work.tx(), &mut checks, &zone).await?;
        change.time_zone.set_if_not_equals(zone);
    }
    patch.particulars.apply(&mut checks, &mut change);
    checks.finish()?;
    let changed = written(&change);
    if changed.is_empty() {
        return Ok(before);
    }
    let after = change.update(work.tx()).await?;
    let deed = Deed::new("institution.updated", "institution", id.0).with(json!({ "changed": changed }));
    activity::record_for(work, Some(actor.user_id), Some(id), deed).await?;
    Ok(after)
}

/// Names of the columns that a change writes; the log keeps these, not the values.
fn written(change: &ActiveModel) -> Vec<&'static str> {
    Column::iter()
        .filter(|column| change.get(*column).is_set())
        .map(|column| column.as_str())
        .collect()
}
