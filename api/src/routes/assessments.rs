//! Assessments of courses.

use super::Tag;
use super::answers::Created;
use super::numbers::number;
use super::paging::{PageOf, wanted};
use super::partial::patch;
use super::words::AssessmentType;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::assessments;
use acurate_shared::entity::assessment;
use acurate_shared::ids::{AssessmentId, CourseId};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Object, OpenApi};
use std::convert::identity;

/// The operations.
#[derive(Debug)]
pub struct AssessmentsApi;

/// Words for results between two percentages; ranges of one assessment must not overlap.
#[derive(Clone, Debug, Object)]
struct FeedbackRange {
    /// 0 to 100.
    min_percentage: f64,
    /// 0 to 100, not less than the minimum.
    max_percentage: f64,
    /// What the student reads.
    feedback: String,
}

/// An assessment to be made.
#[derive(Debug, Object)]
struct NewAssessment {
    /// 1 to 200 characters, unique in the course.
    title: String,
    /// At most 5000 characters.
    description: Option<String>,
    /// Its form.
    assessment_type: AssessmentType,
    /// Share of the course grade; only the ratio of the weights matters.
    weight: f64,
    /// The best possible score, above 0; default 100.
    max_score: Option<f64>,
    /// When it is due.
    due_date: Option<DateTime<Utc>>,
    /// Words for results.
    feedback_ranges: Option<Vec<FeedbackRange>>,
}

/// What changes; absent fields stay, `null` empties.
#[derive(Debug, Object)]
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
    /// As for a new assessment; replaces all.
    feedback_ranges: Option<Vec<FeedbackRange>>,
    /// Whether it counts.
    is_active: Option<bool>,
}

/// An assessment.
#[derive(Debug, Object)]
struct Assessment {
    /// Its id.
    id: i64,
    /// Its course.
    course_id: i64,
    /// Its title.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// Its form.
    assessment_type: AssessmentType,
    /// Share of the course grade.
    weight: f64,
    /// The best possible score.
    max_score: f64,
    /// When it is due.
    due_date: Option<DateTime<Utc>>,
    /// Words for results, by ascending percentage.
    feedback_ranges: Vec<FeedbackRange>,
    /// Whether it counts.
    is_active: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

#[OpenApi(tag = "Tag::Courses")]
impl AssessmentsApi {
    /// Make an assessment
    ///
    /// For institution admins and the course's teacher.
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
        let assessment = assessments::create(&work, &user.0.actor, CourseId(id.0), body.0.into()).await?;
        state.commit(work).await?;
        Ok(Created::at(format!("/api/assessments/{}", assessment.id), assessment))
    }

    /// List the assessments of a course
    #[oai(path = "/courses/:id/assessments", method = "get", operation_id = "listAssessments")]
    async fn list(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the course.
        id: Path<i64>,
        /// From 1.
        page: Query<Option<u64>>,
        /// 1 to 100; default 20.
        page_size: Query<Option<u64>>,
    ) -> Result<Json<PageOf<Assessment>>, ReadProblem> {
        let request = wanted(page.0, page_size.0);
        let found = assessments::list(state.database.orm(), &user.0.actor, CourseId(id.0), request).await?;
        Ok(Json(found.into()))
    }

    /// Get an assessment
    #[oai(path = "/assessments/:id", method = "get", operation_id = "getAssessment")]
    async fn find(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
    ) -> Result<Json<Assessment>, ReadProblem> {
        let found = assessments::find(state.database.orm(), &user.0.actor, AssessmentId(id.0)).await?;
        Ok(Json(found.into()))
    }

    /// Change an assessment
    ///
    /// For institution admins and the course's teacher. Achievements that the change can move are computed anew.
    #[oai(path = "/assessments/:id", method = "patch", operation_id = "updateAssessment")]
    async fn update(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
        body: Json<AssessmentChange>,
    ) -> Result<Json<Assessment>, WriteProblem> {
        let mut work = state.begin(&context).await?;
        let assessment = assessments::update(&mut work, &user.0.actor, AssessmentId(id.0), body.0.into()).await?;
        state.commit(work).await?;
        Ok(Json(assessment.into()))
    }
}

impl From<FeedbackRange> for assessments::FeedbackRange {
    fn from(body: FeedbackRange) -> Self {
        Self {
            min_percentage: body.min_percentage,
            max_percentage: body.max_percentage,
            feedback: body.feedback,
        }
    }
}

impl From<assessments::FeedbackRange> for FeedbackRange {
    fn from(range: assessments::FeedbackRange) -> Self {
        Self {
            min_percentage: range.min_percentage,
            max_percentage: range.max_percentage,
            feedback: range.feedback,
        }
    }
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
            feedback_ranges: body.feedback_ranges.unwrap_or_default().into_iter().map(Into::into).collect(),
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
            feedback_ranges: body.feedback_ranges.map(|ranges| ranges.into_iter().map(Into::into).collect()),
            is_active: body.is_active,
        }
    }
}

impl From<assessment::Model> for Assessment {
    fn from(row: assessment::Model) -> Self {
        let ranges: Vec<assessments::FeedbackRange> = serde_json::from_value(row.feedback_ranges).unwrap_or_default();
        Self {
            id: row.id.0,
            course_id: row.course_id.0,
            title: row.title,
            description: row.description,
            assessment_type: row.assessment_type.into(),
            weight: number(row.weight),
            max_score: number(row.max_score),
            due_date: row.due_date,
            feedback_ranges: ranges.into_iter().map(Into::into).collect(),
            is_active: row.is_active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
