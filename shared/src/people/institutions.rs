//! Institutions and their first administrator: the super admin's work.

use super::accounts::{self, Account, NewPerson, Studies};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Page, PageRequest, Work, sql};
use crate::entity::institution;
use crate::error::{Error, Result};
use crate::ids::{InstitutionId, UserId};
use crate::kinds::{Locale, Role};
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};
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
    /// Its first administrator.
    pub admin: NewPerson,
}

/// An institution's administrator.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Administrator {
    /// The user.
    pub id: UserId,
    /// Address, in lower case.
    pub email: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Whether it may sign in.
    pub is_active: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// What [`create`] made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The institution.
    pub institution: institution::Model,
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
    let name = checks.text("name", &order.name, NAME_LIMIT);
    let time_zone = checks
        .optional_text("time_zone", order.time_zone.as_deref(), TIME_ZONE_LIMIT)
        .unwrap_or_else(|| "Europe/Istanbul".to_owned());
    if !is_time_zone(work.tx(), &time_zone).await? {
        checks.fault("time_zone", "unknown_time_zone", "is not a name of the IANA time zone database");
    }
    let person = order.admin.check(&mut checks, "admin.");
    checks.finish()?;

    let institution = insert(work, &name, order.locale.unwrap_or(Locale::Tr), &time_zone).await?;
    let account = Account {
        institution_id: institution.id,
        role: Role::InstitutionAdmin,
        person,
        department_id: None,
        studies: Studies::default(),
    };
    let admin_id = accounts::create(work, actor, settings, account).await?;
    let made = Deed::new("institution.created", "institution", institution.id.0).with(json!({ "admin_id": admin_id }));
    activity::record_for(work, Some(actor.user_id), Some(institution.id), made).await?;
    Ok(Created {
        admin: administrator(work.tx(), institution.id, admin_id).await?,
        institution,
    })
}

/// Institutions by name; super admins only. `search` is a part of the name.
///
/// # Errors
/// `Forbidden`; `Invalid` for an impossible search.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    search: Option<&str>,
    request: PageRequest,
) -> Result<Page<institution::Model>> {
    actor.require(&[Role::SuperAdmin])?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", search, NAME_LIMIT);
    checks.finish()?;
    let matching = "FROM institutions WHERE $1::text IS NULL OR strpos(lower(name), lower($1)) > 0";
    let page = format!("SELECT * {matching} ORDER BY name, id LIMIT $2 OFFSET $3");
    let values = [
        search.clone().into(),
        request.page_size.cast_signed().into(),
        request.offset().cast_signed().into(),
    ];
    let items = institution::Model::find_by_statement(sql(&page, values)).all(db).await?;
    Ok(Page {
        items,
        request,
        total: super::count(db, matching, [search.into()]).await?,
    })
}

/// One institution: any for a super admin, its own for everybody else.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: InstitutionId) -> Result<institution::Model> {
    if actor.role != Role::SuperAdmin && actor.institution_id != Some(id) {
        return Err(Error::NotFound("institution"));
    }
    let found = institution::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Error::NotFound("institution"))
}

async fn insert(work: &Work, name: &str, locale: Locale, time_zone: &str) -> Result<institution::Model> {
    let insert = "INSERT INTO institutions (name, locale, time_zone) VALUES ($1, $2, $3) RETURNING *";
    let inserted = institution::Model::find_by_statement(sql(insert, [name.into(), locale.as_str().into(), time_zone.into()]))
        .one(work.tx())
        .await?;
    inserted.ok_or_else(|| Error::internal("an inserted institution is not returned"))
}

async fn administrator(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Administrator> {
    let select = "
        SELECT id, email, first_name, last_name, phone, is_active, created_at FROM users
        WHERE institution_id = $1 AND id = $2 AND role = 'institution_admin'";
    let found = Administrator::find_by_statement(sql(select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    found.ok_or(Error::NotFound("administrator"))
}

/// Whether PostgreSQL, which computes with time zones, knows this name. It also lists the whole database a second time
/// below `posix/`, a name that other programs do not know.
async fn is_time_zone(db: &impl ConnectionTrait, name: &str) -> Result<bool> {
    let select = "SELECT name FROM pg_timezone_names WHERE name = $1 AND name NOT LIKE 'posix%'";
    Ok(db.query_one_raw(sql(select, [name.into()])).await?.is_some())
}
