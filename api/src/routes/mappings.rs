//! The weights between assessments and learning outcomes, and between learning and program outcomes. Read and replaced
//! as a whole.

use super::Tag;
use super::numbers::number;
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::mappings::{NewWeight, of_assessment, of_learning_outcome};
use acurate_shared::ids::{AssessmentId, LearningOutcomeId, ProgramOutcomeId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct MappingsApi;

/// How much an assessment says about an outcome.
#[derive(Debug, Object)]
struct MeasuredEntry {
    /// A learning outcome of the assessment's course, at most once.
    learning_outcome_id: i64,
    /// 0 to 100, at most two decimal places; only ratios matter.
    weight: f64,
}

/// All outcomes that an assessment measures.
#[derive(Debug, Object)]
struct MeasuredEntries {
    /// What is not named is not measured any more.
    items: Vec<MeasuredEntry>,
}

/// An outcome that an assessment measures.
#[derive(Debug, Object)]
struct Measured {
    /// The learning outcome.
    learning_outcome_id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// Relative weight.
    weight: f64,
}

/// All outcomes that an assessment measures.
#[derive(Debug, Object)]
struct MeasuredOutcomes {
    /// By code.
    items: Vec<Measured>,
}

/// How much a learning outcome does for a program outcome.
#[derive(Debug, Object)]
struct ServedEntry {
    /// A program outcome of the institution, at most once.
    program_outcome_id: i64,
    /// Above 0, at most 100 and two decimal places; only ratios matter.
    weight: f64,
}

/// All program outcomes that a learning outcome serves.
#[derive(Debug, Object)]
struct ServedEntries {
    /// What is not named is not served any more.
    items: Vec<ServedEntry>,
}

/// A program outcome that a learning outcome serves.
#[derive(Debug, Object)]
struct Served {
    /// The program outcome.
    program_outcome_id: i64,
    /// Its program.
    program_id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// Relative weight.
    weight: f64,
}

/// All program outcomes that a learning outcome serves.
#[derive(Debug, Object)]
struct ServedOutcomes {
    /// By program and code.
    items: Vec<Served>,
}

#[OpenApi(tag = "Tag::Courses")]
impl MappingsApi {
    /// List what an assessment measures
    #[oai(
        path = "/assessments/:id/learning-outcomes",
        method = "get",
        operation_id = "getAssessmentOutcomes"
    )]
    async fn measured(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
    ) -> Result<Json<MeasuredOutcomes>, ReadProblem> {
        let found = of_assessment::list(state.database.orm(), &user.0.actor, AssessmentId(id.0)).await?;
        Ok(Json(found.into()))
    }

    /// Replace what an assessment measures
    ///
    /// For institution admins and the course's teacher. The course's achievements are computed anew.
    #[oai(
        path = "/assessments/:id/learning-outcomes",
        method = "put",
        operation_id = "putAssessmentOutcomes"
    )]
    async fn put_measured(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
        body: Json<MeasuredEntries>,
    ) -> Result<Json<MeasuredOutcomes>, WriteProblem> {
        let entry = |entry: &MeasuredEntry| NewWeight {
            outcome_id: LearningOutcomeId(entry.learning_outcome_id),
            weight: entry.weight,
        };
        let items: Vec<_> = body.0.items.iter().map(entry).collect();
        let mut work = state.begin(&context).await?;
        let now = of_assessment::replace(&mut work, &user.0.actor, AssessmentId(id.0), &items).await?;
        state.commit(work).await?;
        Ok(Json(now.into()))
    }

    /// List what a learning outcome serves
    #[oai(
        path = "/learning-outcomes/:id/program-outcomes",
        method = "get",
        operation_id = "getServedOutcomes"
    )]
    async fn served(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the learning outcome.
        id: Path<i64>,
    ) -> Result<Json<ServedOutcomes>, ReadProblem> {
        let found = of_learning_outcome::list(state.database.orm(), &user.0.actor, LearningOutcomeId(id.0)).await?;
        Ok(Json(found.into()))
    }

    /// Replace what a learning outcome serves
    ///
    /// For institution admins and the course's teacher. The course's achievements are computed anew.
    #[oai(
        path = "/learning-outcomes/:id/program-outcomes",
        method = "put",
        operation_id = "putServedOutcomes"
    )]
    async fn put_served(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the learning outcome.
        id: Path<i64>,
        body: Json<ServedEntries>,
    ) -> Result<Json<ServedOutcomes>, WriteProblem> {
        let entry = |entry: &ServedEntry| NewWeight {
            outcome_id: ProgramOutcomeId(entry.program_outcome_id),
            weight: entry.weight,
        };
        let items: Vec<_> = body.0.items.iter().map(entry).collect();
        let mut work = state.begin(&context).await?;
        let now = of_learning_outcome::replace(&mut work, &user.0.actor, LearningOutcomeId(id.0), &items).await?;
        state.commit(work).await?;
        Ok(Json(now.into()))
    }
}

impl From<Vec<of_assessment::MeasuredOutcome>> for MeasuredOutcomes {
    fn from(rows: Vec<of_assessment::MeasuredOutcome>) -> Self {
        let item = |row: of_assessment::MeasuredOutcome| Measured {
            learning_outcome_id: row.learning_outcome_id.0,
            code: row.code,
            title: row.title,
            weight: number(row.weight),
        };
        Self {
            items: rows.into_iter().map(item).collect(),
        }
    }
}

impl From<Vec<of_learning_outcome::ServedOutcome>> for ServedOutcomes {
    fn from(rows: Vec<of_learning_outcome::ServedOutcome>) -> Self {
        let item = |row: of_learning_outcome::ServedOutcome| Served {
            program_outcome_id: row.program_outcome_id.0,
            program_id: row.program_id.0,
            code: row.code,
            title: row.title,
            weight: number(row.weight),
        };
        Self {
            items: rows.into_iter().map(item).collect(),
        }
    }
}
