//! Finding assessments.

use crate::actor::Actor;
use crate::curriculum::listing;
use crate::curriculum::{TITLE_LIMIT, access};
use crate::db::{Page, PageRequest, Sort};
use crate::entity::assessment::{Column, Entity, Model};
use crate::error::{Error, Result};
use crate::ids::{AssessmentId, CourseId};
use crate::kinds::AssessmentType;
use crate::validation::Checks;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QueryTrait};

/// What a list can be sorted by.
const SORTS: &[(&str, Column)] = &[
    ("due_date", Column::DueDate),
    ("title", Column::Title),
    ("assessment_type", Column::AssessmentType),
    ("weight", Column::Weight),
    ("created_at", Column::CreatedAt),
];

/// What is due first; what is never due comes last.
const NEXT_FIRST: &[(Column, Order)] = &[(Column::DueDate, Order::Asc), (Column::Title, Order::Asc)];

/// Which assessments a list shows; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct AssessmentFilter {
    /// A part of the title.
    pub search: Option<String>,
    /// Its form.
    pub assessment_type: Option<AssessmentType>,
    /// Whether it counts in results.
    pub is_active: Option<bool>,
    /// The wanted order, see [`Sort`]; by default by due date, those without one last, then by title.
    pub sort: Option<String>,
}

/// One assessment of a course that the actor may see.
///
/// # Errors
/// `NotFound`, also for another institution's.
pub async fn find(db: &impl ConnectionTrait, actor: &Actor, id: AssessmentId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::InstitutionId.eq(actor.institution()?))
        .filter(access::of_visible_course(actor, Column::CourseId))
        .one(db)
        .await?
        .ok_or(Error::NotFound("assessment"))
}

/// Assessments of a course.
///
/// # Errors
/// `Invalid` for an impossible search or order; `NotFound` for a course that the actor may not see.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    course_id: CourseId,
    filter: &AssessmentFilter,
    request: PageRequest,
) -> Result<Page<Model>> {
    let mut checks = Checks::default();
    let search = checks.optional_text("search", filter.search.as_deref(), TITLE_LIMIT);
    let sort = Sort::read(&mut checks, filter.sort.as_deref(), SORTS).or(NEXT_FIRST);
    checks.finish()?;
    let course = access::visible_course(db, actor, course_id).await?;
    let query = Entity::find()
        .filter(Column::InstitutionId.eq(course.institution_id))
        .filter(Column::CourseId.eq(course_id))
        .apply_if(search, |query, text| query.filter(listing::contains(Column::Title, &text)))
        .apply_if(filter.assessment_type, |query, form| query.filter(Column::AssessmentType.eq(form)))
        .apply_if(filter.is_active, |query, active| query.filter(Column::IsActive.eq(active)));
    listing::page(db, sort.apply(query).order_by_asc(Column::Id), request).await
}
