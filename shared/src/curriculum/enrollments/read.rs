//! Finding enrollments, with the names of their students.

use crate::actor::Actor;
use crate::curriculum::access;
use crate::db::{Page, PageRequest, Sort, sql};
use crate::error::{Error, Result};
use crate::ids::{CourseId, EnrollmentId, InstitutionId, UserId};
use crate::people::name_contains;
use crate::validation::Checks;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, Order, Value};

/// Longest search text, in characters.
const SEARCH_LIMIT: usize = 254;

const COLUMNS: &str =
    "e.id, e.course_id, e.student_id, u.student_number, u.first_name, u.last_name, e.is_active, e.enrolled_at, e.version, e.updated_at";

/// What a list can be sorted by. Names sort by Turkish rules, which also sort English ones.
const SORTS: &[(&str, &str)] = &[
    ("student_number", "u.student_number"),
    ("first_name", r#"u.first_name COLLATE "tr-x-icu""#),
    ("last_name", r#"u.last_name COLLATE "tr-x-icu""#),
    ("enrolled_at", "e.enrolled_at"),
];

/// A student in a course.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// The course.
    pub course_id: CourseId,
    /// The student.
    pub student_id: UserId,
    /// Number of the student.
    pub student_number: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Whether the student takes the course.
    pub is_active: bool,
    /// When the student first came.
    pub enrolled_at: DateTime<Utc>,
    /// Rises with each change, from 1.
    pub version: i32,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which enrollments a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct EnrollmentFilter {
    /// The beginning of the student's number, or a part of the name.
    pub search: Option<String>,
    /// Active ones, or former ones.
    pub is_active: Option<bool>,
    /// The wanted order, see [`Sort`]; by default by student number.
    pub sort: Option<String>,
}

/// One enrollment; staff only.
///
/// # Errors
/// `Forbidden` for students; `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: EnrollmentId) -> Result<Enrollment> {
    by_id(db, actor.require_staff()?, id).await
}

pub(super) async fn by_id(db: &impl ConnectionTrait, institution_id: InstitutionId, id: EnrollmentId) -> Result<Enrollment> {
    let select =
        format!("SELECT {COLUMNS} FROM enrollments e JOIN users u ON u.id = e.student_id WHERE e.institution_id = $1 AND e.id = $2");
    let found = Enrollment::find_by_statement(sql(&select, [institution_id.into(), id.into()]));
    found.one(db).await?.ok_or(Error::NotFound("enrollment"))
}

/// Enrollments of a course, active and former ones; staff only.
///
/// # Errors
/// `Forbidden` for students; `Invalid` for an impossible search or order; `NotFound` for a course that is none of the institution.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    course_id: CourseId,
    filter: &EnrollmentFilter,
    request: PageRequest,
) -> Result<Page<Enrollment>> {
    let institution_id = actor.require_staff()?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), SEARCH_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS);
    checks.finish()?;
    access::visible_course(db, actor, course_id).await?;
    let named = name_contains("$2");
    let matching = format!(
        "FROM enrollments e JOIN users u ON u.id = e.student_id
         WHERE e.institution_id = $1 AND ($2::text IS NULL OR starts_with(u.student_number, $2) OR {named})
            AND e.course_id = $3 AND ($4::boolean IS NULL OR e.is_active = $4)"
    );
    let values: [Value; 4] = [institution_id.into(), search.into(), course_id.into(), filter.is_active.into()];
    let count = sql(&format!("SELECT count(*) AS total {matching}"), values.clone());
    let total: i64 = match db.query_one_raw(count).await? {
        Some(row) => row.try_get("", "total")?,
        None => return Err(Error::internal("a count has no row")),
    };
    let select = format!("SELECT {COLUMNS} {matching} ORDER BY {} LIMIT $5 OFFSET $6", order(&sort));
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Enrollment::find_by_statement(sql(&select, values.into_iter().chain(bounds)));
    Ok(Page {
        items: items.all(db).await?,
        request,
        total: total.unsigned_abs(),
    })
}

/// The wish, then the number, which makes the order total.
fn order(sort: &Sort<&'static str>) -> String {
    let wish = sort.keys().map(|(column, order)| match order {
        Order::Desc => format!("{column} DESC"),
        _ => column.to_owned(),
    });
    wish.chain(["u.student_number".to_owned()]).collect::<Vec<_>>().join(", ")
}
