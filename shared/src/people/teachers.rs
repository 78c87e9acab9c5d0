//! Teachers, managed by the administrators of their institution.

use super::accounts::{self, Account, NewPerson, Studies};
use super::{NAME_CONTAINS_2, placement};
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::config::IdentitySettings;
use crate::db::{Page, PageRequest, Work, sql};
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, UserId};
use crate::kinds::Role;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// Longest search text, in characters.
const SEARCH_LIMIT: usize = 254;

const COLUMNS: &str = "id, email, first_name, last_name, phone, department_id, is_active, last_sign_in_at, created_at, updated_at";

/// A teacher to be made.
#[derive(Clone, Debug)]
pub struct NewTeacher {
    /// Who it is.
    pub person: NewPerson,
    /// Its department.
    pub department_id: Option<DepartmentId>,
}

/// A teacher as administrators see it.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Teacher {
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
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Whether it may sign in.
    pub is_active: bool,
    /// The last sign-in with a password.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which teachers a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct TeacherFilter {
    /// The beginning of the address, or a part of the name.
    pub search: Option<String>,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Whether it may sign in.
    pub is_active: Option<bool>,
}

/// Makes a teacher and the order of the welcome mail; administrators only.
///
/// # Errors
/// `Invalid`, naming every fault; `Conflict` when the address is taken.
pub async fn create(work: &mut Work, actor: &Actor, settings: &IdentitySettings, order: NewTeacher) -> Result<Teacher> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    let person = order.person.check(&mut checks, "");
    let department_id = placement::resolve(work.tx(), &mut checks, institution_id, order.department_id, None).await?;
    checks.finish()?;
    let account = Account {
        institution_id,
        role: Role::Teacher,
        person,
        department_id,
        studies: Studies::default(),
    };
    let id = accounts::create(work, actor, settings, account).await?;
    activity::record(work, actor, Deed::new("teacher.created", "user", id.0)).await?;
    read(work.tx(), institution_id, id).await
}

/// One teacher; administrators only.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: UserId) -> Result<Teacher> {
    read(db, actor.require_admin()?, id).await
}

/// Teachers by name; administrators only.
///
/// # Errors
/// `Forbidden`; `Invalid` for an impossible search.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &TeacherFilter, request: PageRequest) -> Result<Page<Teacher>> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), SEARCH_LIMIT);
    checks.finish()?;
    let matching = format!(
        r#"
        FROM users WHERE institution_id = $1 AND role = 'teacher'
            AND ($2::text IS NULL OR starts_with(email, lower($2 COLLATE "C")) OR {NAME_CONTAINS_2})
            AND ($3::bigint IS NULL OR department_id = $3)
            AND ($4::boolean IS NULL OR is_active = $4)"#
    );
    let values: [Value; 4] = [
        institution_id.into(),
        search.into(),
        filter.department_id.into(),
        filter.is_active.into(),
    ];
    let page = format!("SELECT {COLUMNS} {matching} ORDER BY last_name, first_name, id LIMIT $5 OFFSET $6");
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Teacher::find_by_statement(sql(&page, values.iter().cloned().chain(bounds)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: super::count(db, &matching, values).await?,
    })
}

async fn read(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Teacher> {
    let select = format!("SELECT {COLUMNS} FROM users WHERE institution_id = $1 AND id = $2 AND role = 'teacher'");
    let found = Teacher::find_by_statement(sql(&select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    found.ok_or(Error::NotFound("teacher"))
}
