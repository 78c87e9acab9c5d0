//! Finding courses.

use crate::actor::Actor;
use crate::curriculum::{TITLE_LIMIT, access, listing};
use crate::db::{Page, PageRequest, Sort};
use crate::entity::course::{Column, Entity, Model};
use crate::error::Result;
use crate::ids::{CourseId, DepartmentId, UserId};
use crate::kinds::Semester;
use crate::validation::Checks;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QueryTrait};

/// Case and dots of `i` aside: `İ`, `I`, `ı` and `i` are one letter. Spelled out, not left to the server's locale.
const MATCHES: &str = r#"
    (starts_with(lower(translate(courses.code, 'İIı', 'iii') COLLATE "und-x-icu"), lower(translate($1, 'İIı', 'iii') COLLATE "und-x-icu"))
     OR strpos(lower(translate(courses.title, 'İIı', 'iii') COLLATE "und-x-icu"), lower(translate($1, 'İIı', 'iii') COLLATE "und-x-icu")) > 0)"#;

/// What a list can be sorted by.
const SORTS: &[(&str, Column)] = &[
    ("academic_year", Column::AcademicYear),
    ("code", Column::Code),
    ("title", Column::Title),
    ("credits", Column::Credits),
    ("created_at", Column::CreatedAt),
];

const NEWEST_FIRST: &[(Column, Order)] = &[
    (Column::AcademicYear, Order::Desc),
    (Column::Code, Order::Asc),
    (Column::Section, Order::Asc),
];

/// Which courses a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct CourseFilter {
    /// The beginning of the code, or a part of the title.
    pub search: Option<String>,
    /// The year, `2024-2025`.
    pub academic_year: Option<String>,
    /// Part of the year.
    pub semester: Option<Semester>,
    /// Its department.
    pub department_id: Option<DepartmentId>,
    /// Its teacher.
    pub teacher_id: Option<UserId>,
    /// The wanted order, see [`Sort`]; by default the newest year first, then by code and section.
    pub sort: Option<String>,
}

/// One course: any of the institution for staff, one of its own for a student.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: CourseId) -> Result<Model> {
    access::visible_course(db, actor, id).await
}

/// Courses that the actor may see.
///
/// # Errors
/// `Invalid` for an impossible search, year or order.
pub async fn list(db: &impl ConnectionTrait, actor: &Actor, filter: &CourseFilter, request: PageRequest) -> Result<Page<Model>> {
    let institution_id = actor.institution()?;
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), TITLE_LIMIT);
    let year = filter
        .academic_year
        .as_deref()
        .and_then(|text| super::check_year(&mut checks, text));
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(NEWEST_FIRST);
    checks.finish()?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(institution_id))
        .filter(access::of_visible_course(actor, Column::Id))
        .apply_if(search, |query, text| query.filter(Expr::cust_with_values(MATCHES, [text])))
        .apply_if(year, |query, year| query.filter(Column::AcademicYear.eq(year)))
        .apply_if(filter.semester, |query, semester| query.filter(Column::Semester.eq(semester)))
        .apply_if(filter.department_id, |query, id| query.filter(Column::DepartmentId.eq(id)))
        .apply_if(filter.teacher_id, |query, id| query.filter(Column::TeacherId.eq(id)));
    listing::page(db, sort.apply(query).order_by_asc(Column::Id), request).await
}
