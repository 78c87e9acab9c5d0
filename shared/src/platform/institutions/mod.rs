//! Institutions: making, finding, changing, suspending. Their end is [`deletion`](super::deletion).

mod list;
mod particulars;
mod suspension;
mod update;

pub use list::{InstitutionFilter, Listed, Sizes, find, list};
pub use particulars::Particulars;
pub use suspension::{MAIL_HELD, resume, suspend};
pub use update::{InstitutionPatch, OwnInstitutionPatch, own, update, update_own};

use super::administrators::{self, Administrator};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Work, sql};
use crate::entity::institution::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::InstitutionId;
use crate::kinds::{Locale, Role};
use crate::people::NewPerson;
use crate::validation::Checks;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

/// Longest name, in characters.
const NAME_LIMIT: usize = 255;

/// Longest name of a time zone, in characters.
const TIME_ZONE_LIMIT: usize = 64;

/// An institution to be made.
#[derive(Clone, Debug)]
pub struct NewInstitution {
    /// 1 to 255 characters, unique whatever the case.
    pub name: String,
    /// Language of its mails; Turkish when absent.
    pub locale: Option<Locale>,
    /// IANA name; `Europe/Istanbul` when absent.
    pub time_zone: Option<String>,
    /// What else is known of it.
    pub particulars: Particulars,
    /// Its first administrator.
    pub admin: NewPerson,
}

/// What [`create`] made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The institution.
    pub institution: Model,
    /// Its administrator, to whom a welcome mail is on its way.
    pub admin: Administrator,
}

/// Makes an institution, its first administrator and the order of the welcome mail; super admins only.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when the name or the administrator's address is taken.
pub async fn create(work: &mut Work, actor: &Actor, settings: &IdentitySettings, order: NewInstitution) -> Result<Created> {
    actor.require(&[Role::SuperAdmin])?;
    let mut checks = Checks::default();
    let mut institution = ActiveModel {
        name: ActiveValue::Set(checks.text("name", &order.name, NAME_LIMIT)),
        locale: ActiveValue::Set(order.locale.unwrap_or(Locale::Tr)),
        ..Default::default()
    };
    if let Some(zone) = order.time_zone.filter(|zone| !zone.trim().is_empty()) {
        institution.time_zone = ActiveValue::Set(check_time_zone(work.tx(), &mut checks, &zone).await?);
    }
    order.particulars.apply(&mut checks, &mut institution);
    let person = order.admin.check(&mut checks, "admin.");
    checks.finish()?;

    let institution = institution.insert(work.tx()).await?;
    let admin = administrators::make(work, actor, settings, institution.id, person).await?;
    let made = Deed::new("institution.created", "institution", institution.id.0).with(json!({ "admin_id": admin.id }));
    activity::record_for(work, Some(actor.user_id), Some(institution.id), made).await?;
    Ok(Created { institution, admin })
}

/// The institution, locked until the end of the work against other changes of its row, not against new people and courses.
pub(super) async fn lock(work: &Work, id: InstitutionId) -> Result<Model> {
    let found = Entity::find().filter(Column::Id.eq(id)).lock(LockType::NoKeyUpdate);
    found.one(work.tx()).await?.ok_or(Error::NotFound("institution"))
}

/// Passes unless the institution is on its way out.
pub(super) fn require_future(institution: &Model) -> Result<()> {
    if institution.deletion_requested_at.is_none() {
        return Ok(());
    }
    Err(Error::conflict(
        "institution_being_deleted",
        "The institution is being deleted; nothing of it can be changed any more.",
    ))
}

/// The tidied name; one that PostgreSQL, which computes with time zones, does not know is a fault. It also lists the whole
/// database a second time below `posix/`, a name that other programs do not know.
async fn check_time_zone(db: &impl ConnectionTrait, checks: &mut Checks, name: &str) -> Result<String> {
    let name = checks.text("time_zone", name, TIME_ZONE_LIMIT);
    if name.contains('\0') {
        // A fault already, and no text for PostgreSQL.
        return Ok(name);
    }
    let select = "SELECT name FROM pg_timezone_names WHERE name = $1 AND name NOT LIKE 'posix%'";
    if db.query_one_raw(sql(select, [name.clone().into()])).await?.is_none() {
        checks.fault("time_zone", "unknown_time_zone", "is not a name of the IANA time zone database");
    }
    Ok(name)
}
