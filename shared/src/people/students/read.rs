//! Finding students.

use super::Student;
use crate::actor::Actor;
use crate::db::{Page, PageRequest, Sort, count, sql};
use crate::error::{Error, Result};
use crate::ids::{DepartmentId, InstitutionId, ProgramId, UserId};
use crate::kinds::Role;
use crate::mail::suppressions::MAIL_STATE;
use crate::people::name_contains;
use crate::validation::Checks;
use sea_orm::{ConnectionTrait, FromQueryResult, Order, Value};

/// Longest search text, in characters.
const SEARCH_LIMIT: usize = 254;

const COLUMNS: &str = "id, student_number, email, first_name, last_name, phone, department_id, program_id, year_of_study, entry_year, \
                       is_active, last_sign_in_at, version, created_at, updated_at";

/// What a list can be sorted by.
const SORTS: &[(&str, &str)] = &[
    ("student_number", "student_number"),
    ("last_name", r#"last_name COLLATE "und-x-icu""#),
    ("first_name", r#"first_name COLLATE "und-x-icu""#),
    ("email", "email"),
    ("year_of_study", "year_of_study"),
    ("entry_year", "entry_year"),
    ("is_active", "is_active"),
    ("last_sign_in_at", "last_sign_in_at"),
    ("created_at", "created_at"),
];

/// Which students a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct StudentFilter {
    /// The beginning of the number or of the address, or a part of the name.
    pub search: Option<String>,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Its program.
    pub program_id: Option<ProgramId>,
    /// Whether it may sign in.
    pub is_active: Option<bool>,
    /// 1 to 6.
    pub year_of_study: Option<i16>,
    /// Calendar year.
    pub entry_year: Option<i16>,
    /// E.g. `last_name,-entry_year`; by number when absent.
    pub sort: Option<String>,
}

/// One student: any of the institution for staff, itself for a student.
///
/// # Errors
/// `NotFound`, also for another institution's; `Forbidden` for a student that asks for somebody else.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: UserId) -> Result<Student> {
    let institution_id = if actor.role == Role::Student {
        // The same answer whether the other one exists or not.
        if actor.user_id != id {
            return Err(Error::forbidden("not_your_record", "Students see their own record only."));
        }
        actor.institution()?
    } else {
        actor.require_staff()?
    };
    by_id(db, institution_id, id).await
}

/// Students, by number unless another order is wished for; staff only.
///
/// # Errors
/// `Forbidden`; `Invalid` for an impossible search or sort.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &StudentFilter, request: PageRequest) -> Result<Page<Student>> {
    let institution_id = actor.require_staff()?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), SEARCH_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(&[("student_number", Order::Asc)]);
    checks.finish()?;
    let matching = format!(
        r#"
        FROM users u WHERE institution_id = $1 AND role = 'student'
            AND ($2::text IS NULL OR starts_with(student_number, $2) OR starts_with(email, lower($2 COLLATE "C"))
                 OR {})
            AND ($3::bigint IS NULL OR department_id = $3)
            AND ($4::bigint IS NULL OR program_id = $4)
            AND ($5::boolean IS NULL OR is_active = $5)
            AND ($6::smallint IS NULL OR year_of_study = $6)
            AND ($7::smallint IS NULL OR entry_year = $7)"#,
        name_contains("$2")
    );
    let values: [Value; 7] = [
        institution_id.into(),
        search.into(),
        filter.department_id.into(),
        filter.program_id.into(),
        filter.is_active.into(),
        filter.year_of_study.into(),
        filter.entry_year.into(),
    ];
    let page = format!(
        "SELECT {COLUMNS}, {MAIL_STATE} {matching} ORDER BY {} LIMIT $8 OFFSET $9",
        sort.sql("id")
    );
    let bounds: [Value; 2] = [request.page_size.cast_signed().into(), request.offset().cast_signed().into()];
    let items = Student::find_by_statement(sql(&page, values.iter().cloned().chain(bounds)))
        .all(db)
        .await?;
    Ok(Page {
        items,
        request,
        total: count(db, &matching, values).await?,
    })
}

pub(super) async fn by_id(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Student> {
    one(db, institution_id, id, "").await
}

/// The student, locked until the end of the transaction.
pub(super) async fn lock(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Student> {
    one(db, institution_id, id, "FOR NO KEY UPDATE").await
}

/// The student, locked also against rows that would refer to it, such as enrollments.
pub(super) async fn lock_whole(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId) -> Result<Student> {
    one(db, institution_id, id, "FOR UPDATE").await
}

async fn one(db: &impl ConnectionTrait, institution_id: InstitutionId, id: UserId, lock: &str) -> Result<Student> {
    let select = format!("SELECT {COLUMNS}, {MAIL_STATE} FROM users u WHERE institution_id = $1 AND id = $2 AND role = 'student' {lock}");
    let found = Student::find_by_statement(sql(&select, [institution_id.into(), id.into()]))
        .one(db)
        .await?;
    found.ok_or(Error::NotFound("student"))
}
