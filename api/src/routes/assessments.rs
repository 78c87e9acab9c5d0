//! Assessments of a course.

use super::Tag;
use super::answers::{Created, NoContent};
use super::numbers::number;
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::versions::{Versioned, expected};
use super::words::AssessmentType;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::assessments;
use acurate_shared::entity::assessment;
use acurate_shared::ids::{AssessmentId, CourseId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct AssessmentsApi;

/// Words for those who reach a percentage from the minimum, inclusive, to the maximum, exclusive unless it is 100.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields)]
struct FeedbackRange {
    /// 0 to 100, at most two decimal places.
    min_percentage: f64,
    /// Above the minimum, at most 100, at most two decimal places.
    max_percentage: f64,
    /// 1 to 1000 characters.
    feedback: String,
}

/// An assessment to be made.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct NewAssessment {
    /// Unique within the course; 1 to 200 characters.
    title: String,
    /// At most 5000 characters.
    description: Option<String>,
    /// Its form.
    assessment_type: AssessmentType,
    /// Share of the course grade, 0 to 999.99; only ratios matter. Outcomes use the weights of the mappings instead.
    weight: f64,
    /// The score of a perfect work, 0.01 to 9999.99; default 100.
    max_score: Option<f64>,
    /// When it is due.
    due_date: Option<DateTime<Utc>>,
    /// At most 50; may touch but not overlap. A grade without words of its own gets those of its range.
    feedback_ranges: Option<Vec<FeedbackRange>>,
    /// `true` claims that the ranges leave out no percentage from 0 to 100; then they must not. Default `false`.
    feedback_complete: Option<bool>,
}

impl Example for NewAssessment {
    fn example() -> Self {
        let range = |min_percentage, max_percentage, feedback: &str| FeedbackRange {
            min_percentage,
            max_percentage,
            feedback: feedback.to_owned(),
        };
        Self {
            title: "Midterm".to_owned(),
            description: None,
            assessment_type: AssessmentType::Midterm,
            weight: 40.0,
            max_score: Some(100.0),
            due_date: None,
            feedback_ranges: Some(vec![
                range(0.0, 50.0, "Read chapters 3 to 5 again"),
                range(50.0, 100.0, "Well done"),
            ]),
            feedback_complete: Some(true),
        }
    }
}

/// A partial change: what is absent stays, `null` empties what may be empty.
#[derive(Debug, Object)]
#[oai(deny_unknown_fields)]
struct AssessmentChange {
    /// As for a new assessment.
    title: Option<String>,
    /// As for a new assessment.
    description: MaybeUndefined<String>,
    /// As for a new assessment.
    assessment_type: Option<AssessmentType>,
    /// As for a new assessment.
    weight: Option<f64>,
    /// As for a new assessment; not below a score that was given.
    max_score: Option<f64>,
    /// As for a new assessment.
    due_date: MaybeUndefined<DateTime<Utc>>,
    /// Replaced as a whole. Words of grades that nobody wrote follow; those that a person wrote stay.
    feedback_ranges: Option<Vec<FeedbackRange>>,
    /// As for a new assessment.
    feedback_complete: Option<bool>,
    /// Whether it counts in results and may be graded; its grades stay either way.
    is_active: Option<bool>,
}

/// An assessment.
#[derive(Debug, Object)]
struct Assessment {
    /// Its id.
    id: i64,
    /// Its course.
    course_id: i64,
    /// Unique within the course.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// Its form.
    assessment_type: AssessmentType,
    /// Share of the course grade, 0 to 999.99.
    weight: f64,
    /// The score of a perfect work.
    max_score: f64,
    /// When it is due.
    due_date: Option<DateTime<Utc>>,
    /// Words by percentage, in ascending order.
    feedback_ranges: Vec<FeedbackRange>,
    /// Whether the ranges leave out no percentage from 0 to 100.
    feedback_complete: bool,
    /// Whether it counts in results and may be graded.
    is_active: bool,
    /// Raised by each change; in quotes it is the `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(tag = "Tag::Courses")]
impl AssessmentsApi {
    /// Make an assessment of a course
    ///
    /// For the course's teacher and administrators. It moves no outcome until it is mapped to one.
    #[oai(path = "/courses/:id/assessments", method = "post", operation_id = "createAssessment")]
    async fn create(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        body: Json<NewAssessment>,
    ) -> Result<Created<Assessment>, WriteProblem> {
        let work = state.begin(&context).await?;
        let row = assessments::create(&work, &user.0.actor, CourseId(id.0), body.0.into()).await?;
        let location = format!("/api/assessments/{}", row.id);
        Ok(state.create(&context, work, location, row).await?)
    }

    /// List the assessments of a course
    ///
    /// By due date unless `sort` says otherwise, those without one last, then by title. For staff, and for students who take the course.
    #[oai(path = "/courses/:id/assessments", method = "get", operation_id = "listAssessments")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// A part of the title.
        search: Query<Option<String>>,
        /// Assessments of this form only.
        assessment_type: Query<Option<AssessmentType>>,
        /// Only active ones, or only inactive ones.
        is_active: Query<Option<bool>>,
        /// `due_date`, `title`, `assessment_type`, `weight`, `created_at`, several with commas, descending with a leading minus.
        sort: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Assessment>>, ReadProblem> {
        let filter = assessments::AssessmentFilter {
            search: search.0,
            assessment_type: assessment_type.0.map(Into::into),
            is_active: is_active.0,
            sort: sort.0,
        };
        let request = wanted(page.0, page_size.0);
        let found = assessments::list(state.database.orm(), &user.0.actor, CourseId(id.0), &filter, request).await?;
        Ok(Json(found.into()))
    }

    /// Get an assessment
    ///
    /// For staff, and for students who take the course.
    #[oai(path = "/assessments/:id", method = "get", operation_id = "getAssessment")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
    ) -> Result<Versioned<Assessment>, ReadProblem> {
        let row = assessments::find(state.database.orm(), &user.0.actor, AssessmentId(id.0)).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Change an assessment
    ///
    /// For the course's teacher and administrators. After a change of `max_score` or `is_active` the outcomes that it measures
    /// are computed anew.
    #[oai(path = "/assessments/:id", method = "patch", operation_id = "updateAssessment")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<AssessmentChange>,
    ) -> Result<Versioned<Assessment>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let mut work = state.begin(&context).await?;
        let row = assessments::update(&mut work, &user.0.actor, AssessmentId(id.0), &expected, body.0.into()).await?;
        state.commit(work).await?;
        Ok(Versioned::of(row.version, row))
    }

    /// Delete an assessment
    ///
    /// For the course's teacher and administrators, while it has no grades; later it is deactivated. Its weights go with it, and
    /// the outcomes that it measures are computed anew.
    #[oai(path = "/assessments/:id", method = "delete", operation_id = "deleteAssessment")]
    async fn delete(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
    ) -> Result<NoContent, WriteProblem> {
        let mut work = state.begin(&context).await?;
        assessments::delete(&mut work, &user.0.actor, AssessmentId(id.0)).await?;
        state.commit(work).await?;
        Ok(NoContent::Done)
    }
}

impl From<FeedbackRange> for assessments::FeedbackRange {
    fn from(range: FeedbackRange) -> Self {
        Self {
            min_percentage: range.min_percentage,
            max_percentage: range.max_percentage,
            feedback: range.feedback,
        }
    }
}

impl From<assessment::FeedbackRange> for FeedbackRange {
    fn from(range: assessment::FeedbackRange) -> Self {
        Self {
            min_percentage: range.min_percentage,
            max_percentage: range.max_percentage,
            feedback: range.feedback,
        }
    }
}

fn ranges(ranges: Vec<FeedbackRange>) -> Vec<assessment::FeedbackRange> {
    ranges.into_iter().map(Into::into).collect()
}

impl From<NewAssessment> for assessments::NewAssessment {
    fn from(body: NewAssessment) -> Self {
        Self {
            title: body.title,
            description: body.description,
            assessment_type: body.assessment_type.into(),
            weight: body.weight,
            max_score: body.max_score,
            due_date: body.due_date,
            feedback_ranges: ranges(body.feedback_ranges.unwrap_or_default()),
            feedback_complete: body.feedback_complete.unwrap_or(false),
        }
    }
}

impl From<AssessmentChange> for assessments::AssessmentPatch {
    fn from(body: AssessmentChange) -> Self {
        Self {
            title: body.title,
            description: patch(body.description, identity),
            assessment_type: body.assessment_type.map(Into::into),
            weight: body.weight,
            max_score: body.max_score,
            due_date: patch(body.due_date, identity),
            feedback_ranges: body.feedback_ranges.map(ranges),
            feedback_complete: body.feedback_complete,
            is_active: body.is_active,
        }
    }
}

impl From<assessment::Model> for Assessment {
    fn from(row: assessment::Model) -> Self {
        Self {
            id: row.id.0,
            course_id: row.course_id.0,
            title: row.title,
            description: row.description,
            assessment_type: row.assessment_type.into(),
            weight: number(row.weight),
            max_score: number(row.max_score),
            due_date: row.due_date,
            feedback_ranges: row.feedback_ranges.0.into_iter().map(Into::into).collect(),
            feedback_complete: row.feedback_complete,
            is_active: row.is_active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
