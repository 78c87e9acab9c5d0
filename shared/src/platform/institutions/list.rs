//! Finding institutions, and how large they are.

use crate::actor::Actor;
use crate::db::{Page, PageRequest, Sort, contains, sql};
use crate::entity::institution::Model;
use crate::error::{Error, Result};
use crate::ids::InstitutionId;
use crate::kinds::{InstitutionType, Role};
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Order, Value};

/// Longest search text, in characters.
const SEARCH_LIMIT: usize = 255;

/// What a list can be sorted by.
const SORTS: &[(&str, &str)] = &[
    ("name", r#"name COLLATE "und-x-icu""#),
    ("institution_type", "institution_type"),
    ("city", r#"city COLLATE "und-x-icu""#),
    ("country", "country"),
    ("is_active", "is_active"),
    ("created_at", "created_at"),
    ("updated_at", "updated_at"),
];

/// Which institutions a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct InstitutionFilter {
    /// A part of the name or of the city.
    pub search: Option<String>,
    /// Whether its people may sign in.
    pub is_active: Option<bool>,
    /// What kind it is.
    pub institution_type: Option<InstitutionType>,
    /// ISO 3166-1 alpha-2, in any case.
    pub country: Option<String>,
    /// E.g. `-created_at,name`; by name when absent.
    pub sort: Option<String>,
}

/// How many there are of what, active or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Sizes {
    /// Its administrators.
    pub administrators: i64,
    /// Its teachers.
    pub teachers: i64,
    /// Its students.
    pub students: i64,
    /// Its courses, of all years.
    pub courses: i64,
}

/// An institution and how it is used.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Listed {
    /// The institution.
    #[sea_orm(nested)]
    pub institution: Model,
    /// How large it is.
    #[sea_orm(nested)]
    pub sizes: Sizes,
    /// The last sign-in of any of its administrators.
    pub admins_last_sign_in_at: Option<DateTime<Utc>>,
}

/// Sizes of the rows of `page` only, each an index's range.
const MEASURED: &str = "
    SELECT page.*,
        (SELECT count(*) FROM users u WHERE u.institution_id = page.id AND u.role = 'institution_admin') AS administrators,
        (SELECT count(*) FROM users u WHERE u.institution_id = page.id AND u.role = 'teacher') AS teachers,
        (SELECT count(*) FROM users u WHERE u.institution_id = page.id AND u.role = 'student') AS students,
        (SELECT count(*) FROM courses c WHERE c.institution_id = page.id) AS courses,
        (SELECT max(u.last_sign_in_at) FROM users u WHERE u.institution_id = page.id AND u.role = 'institution_admin')
            AS admins_last_sign_in_at
    FROM page";

/// Institutions with their sizes, in two statements; super admins only.
///
/// # Errors
/// `Forbidden`; `Invalid` for an impossible search or sort.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &InstitutionFilter, request: PageRequest) -> Result<Page<Listed>> {
    actor.require(&[Role::SuperAdmin])?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), SEARCH_LIMIT);
    let country = checks.optional_text("country", filter.country.as_deref(), 2);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[(r#"name COLLATE "und-x-icu""#, Order::Asc)]);
    checks.finish()?;
    let matching = format!(
        "FROM institutions
         WHERE ($1::text IS NULL OR {} OR {})
           AND ($2::boolean IS NULL OR is_active = $2)
           AND ($3::text IS NULL OR institution_type = $3)
           AND ($4::text IS NULL OR country = upper($4))",
        contains("name", "$1"),
        contains("COALESCE(city, '')", "$1"),
    );
    let values: [Value; 4] = [
        search.into(),
        filter.is_active.into(),
        filter.institution_type.map(InstitutionType::as_str).into(),
        country.into(),
    ];
    let order = sort.sql("id");
    let page = format!("WITH page AS MATERIALIZED (SELECT * {matching} ORDER BY {order} LIMIT $5 OFFSET $6) {MEASURED} ORDER BY {order}");
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Listed::find_by_statement(sql(&page, values.iter().cloned().chain(bounds)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: crate::db::count(db, &matching, values).await?,
    })
}

/// One institution: any for a super admin, its own for one of its administrators.
///
/// # Errors
/// `Forbidden` for everybody else; `NotFound`, also for somebody else's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: InstitutionId) -> Result<Listed> {
    actor.require(&[Role::SuperAdmin, Role::InstitutionAdmin])?;
    if actor.role != Role::SuperAdmin && actor.institution_id != Some(id) {
        return Err(Error::NotFound("institution"));
    }
    let select = format!("WITH page AS MATERIALIZED (SELECT * FROM institutions WHERE id = $1) {MEASURED}");
    let found = Listed::find_by_statement(sql(&select, [id.into()])).one(db).await?;
    found.ok_or(Error::NotFound("institution"))
}
