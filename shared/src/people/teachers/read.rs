//! Finding teachers.

use super::Teacher;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Sort, count, sql};
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, UserId};
use crate::mail::suppressions::MAIL_STATE;
use crate::people::name_contains;
use crate::validation::Checks;
use sea_orm::{ConnectionTrait, FromQueryResult, Order, Value};

/// Longest search text, in characters.
const SEARCH_LIMIT: usize = 254;

const COLUMNS: &str = "id, email, first_name, last_name, phone, department_id, is_active, last_sign_in_at, version, created_at, updated_at";

/// What a list can be sorted by.
const SORTS: &[(&str, &str)] = &[
    ("last_name", r#"last_name COLLATE "und-x-icu""#),
    ("first_name", r#"first_name COLLATE "und-x-icu""#),
    ("email", "email"),
    ("is_active", "is_active"),
    ("last_sign_in_at", "last_sign_in_at"),
    ("created_at", "created_at"),
];

/// By name.
const DEFAULT: &[(&str, Order)] = &[
    (r#"last_name COLLATE "und-x-icu""#, Order::Asc),
    (r#"first_name COLLATE "und-x-icu""#, Order::Asc),
];

/// Which teachers a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct TeacherFilter {
    /// The beginning of the address, or a part of the name.
    pub search: Option<String>,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Whether it may sign in.
    pub is_active: Option<bool>,
    /// E.g. `-last_sign_in_at,last_name`; by name when absent.
    pub sort: Option<String>,
}

/// One teacher; administrators only.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: UserId) -> Result<Teacher> {
    by_id(db, actor.require_admin()?, id).await
}

/// Teachers, by name unless another order is wished for; administrators only.
///
/// # Errors
/// `Forbidden`; `Invalid` for an impossible search or sort.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &TeacherFilter, request: PageRequest) -> Result<Page<Teacher>> {
    let institution_id = actor.require_admin()?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), SEARCH_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(DEFAULT);
    checks.finish()?;
    let matching = format!(
        r#"
        FROM users u WHERE institution_id = $1 AND role = 'teacher'
            AND ($2::text IS NULL OR starts_with(email, lower($2 COLLATE "C")) OR {})
            AND ($3::bigint IS NULL OR department_id = $3)
            AND ($4::boolean IS NULL OR is_active = $4)"#,
        name_contains("$2")
    );
    let values: [Value; 4] = [
        institution_id.into(),
        search.into(),
        filter.department_id.into(),
        filter.is_active.into(),
    ];
    let page = format!(
        "SELECT {COLUMNS}, {MAIL_STATE} {matching} ORDER BY {} LIMIT $5 OFFSET $6",
        sort.sql("id")
    );
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Teacher::find_by_statement(sql(&page, values.iter().cloned().chain(bounds)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: count(db, &matching, values).await?,
    })
}

pub(super) async fn by_id(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Teacher> {
    one(db, institution_id, id, "").await
}

/// The teacher, locked against other changes until the end of the transaction.
pub(super) async fn lock(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Teacher> {
    one(db, institution_id, id, "FOR NO KEY UPDATE").await
}

/// The teacher, locked also against rows that would refer to it, such as courses.
pub(super) async fn lock_whole(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Teacher> {
    one(db, institution_id, id, "FOR UPDATE").await
}

async fn one(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId, lock: &str) -> Result<Teacher> {
    let select = format!("SELECT {COLUMNS}, {MAIL_STATE} FROM users u WHERE institution_id = $1 AND id = $2 AND role = 'teacher' {lock}");
    let found = Teacher::find_by_statement(sql(&select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    found.ok_or(Error::NotFound("teacher"))
}
