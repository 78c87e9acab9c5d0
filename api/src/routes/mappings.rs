//! Weights between assessments, learning outcomes and program outcomes; each list is read and replaced as a whole.

use super::Tag;
use super::numbers::number;
use super::versions::{Versioned, expected};
use crate::extract::{RequestContext, SignedIn};
use crate::problem::{ReadProblem, WriteProblem};
use crate::state::AppState;
use acurate_shared::curriculum::mappings::{NewWeight, of_assessment, of_learning_outcome};
use acurate_shared::ids::{AssessmentId, LearningOutcomeId, ProgramOutcomeId};
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

/// The operations.
#[derive(Debug)]
pub struct MappingsApi;

/// How much an assessment says about a learning outcome.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields)]
struct LearningOutcomeWeight {
    /// A learning outcome of the assessment's course.
    learning_outcome_id: i64,
    /// 0 to 100, at most two decimal places; only ratios matter. Zero means mapped but without influence.
    weight: f64,
}

/// All that an assessment measures.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct LearningOutcomeWeights {
    /// At most 500, each outcome once.
    items: Vec<LearningOutcomeWeight>,
}

impl Example for LearningOutcomeWeights {
    fn example() -> Self {
        let item = |learning_outcome_id, weight| LearningOutcomeWeight {
            learning_outcome_id,
            weight,
        };
        Self {
            items: vec![item(21, 30.0), item(22, 50.0)],
        }
    }
}

/// A learning outcome that an assessment measures.
#[derive(Clone, Debug, Object)]
struct MeasuredOutcome {
    /// The outcome.
    learning_outcome_id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// 0 to 100.
    weight: f64,
}

/// All that an assessment measures, by code.
#[derive(Clone, Debug, Object)]
struct MeasuredOutcomes {
    /// The outcomes.
    items: Vec<MeasuredOutcome>,
}

/// How much a learning outcome serves a program outcome.
#[derive(Clone, Copy, Debug, Object)]
#[oai(deny_unknown_fields)]
struct ProgramOutcomeWeight {
    /// A program outcome of any program of the institution.
    program_outcome_id: i64,
    /// Above 0, at most 100 and two decimal places; only ratios matter.
    weight: f64,
}

/// All that a learning outcome serves.
#[derive(Clone, Debug, Object)]
#[oai(deny_unknown_fields, example)]
struct ProgramOutcomeWeights {
    /// At most 500, each outcome once.
    items: Vec<ProgramOutcomeWeight>,
}

impl Example for ProgramOutcomeWeights {
    fn example() -> Self {
        let item = |program_outcome_id, weight| ProgramOutcomeWeight {
            program_outcome_id,
            weight,
        };
        Self {
            items: vec![item(4, 3.0), item(7, 1.0)],
        }
    }
}

/// A program outcome that a learning outcome serves.
#[derive(Clone, Debug, Object)]
struct ServedOutcome {
    /// The outcome.
    program_outcome_id: i64,
    /// Its program.
    program_id: i64,
    /// Its code.
    code: String,
    /// Its title.
    title: String,
    /// Above 0, at most 100.
    weight: f64,
}

/// All that a learning outcome serves, by program and code.
#[derive(Clone, Debug, Object)]
struct ServedOutcomes {
    /// The outcomes.
    items: Vec<ServedOutcome>,
}

#[OpenApi(tag = "Tag::Courses")]
impl MappingsApi {
    /// Read what an assessment measures
    ///
    /// For staff, and for students who take the course.
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
    ) -> Result<Versioned<MeasuredOutcomes>, ReadProblem> {
        let rows = of_assessment::list(state.database.orm(), &user.0.actor, AssessmentId(id.0)).await?;
        Ok(Versioned::of(of_assessment::version(&rows), rows))
    }

    /// Replace what an assessment measures
    ///
    /// For the course's teacher and administrators. The outcomes of the course's students are computed anew.
    #[oai(
        path = "/assessments/:id/learning-outcomes",
        method = "put",
        operation_id = "putAssessmentOutcomes"
    )]
    async fn measure(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the assessment.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<LearningOutcomeWeights>,
    ) -> Result<Versioned<MeasuredOutcomes>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let items: Vec<NewWeight<LearningOutcomeId>> = body.0.items.into_iter().map(Into::into).collect();
        let mut work = state.begin(&context).await?;
        let rows = of_assessment::replace(&mut work, &user.0.actor, AssessmentId(id.0), &expected, &items).await?;
        state.commit(work).await?;
        Ok(Versioned::of(of_assessment::version(&rows), rows))
    }

    /// Read what a learning outcome serves
    ///
    /// For staff, and for students who take the course.
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
    ) -> Result<Versioned<ServedOutcomes>, ReadProblem> {
        let rows = of_learning_outcome::list(state.database.orm(), &user.0.actor, LearningOutcomeId(id.0)).await?;
        Ok(Versioned::of(of_learning_outcome::version(&rows), rows))
    }

    /// Replace what a learning outcome serves
    ///
    /// For the course's teacher and administrators. The outcomes of the course's students are computed anew.
    #[oai(
        path = "/learning-outcomes/:id/program-outcomes",
        method = "put",
        operation_id = "putServedOutcomes"
    )]
    async fn serve(
        &self,
        state: Data<&AppState>,
        context: RequestContext,
        user: SignedIn,
        /// Id of the learning outcome.
        id: Path<i64>,
        /// The `ETag` that the change was made for; without it the last change wins.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Json<ProgramOutcomeWeights>,
    ) -> Result<Versioned<ServedOutcomes>, WriteProblem> {
        let expected = expected(if_match.0.as_deref())?;
        let items: Vec<NewWeight<ProgramOutcomeId>> = body.0.items.into_iter().map(Into::into).collect();
        let mut work = state.begin(&context).await?;
        let rows = of_learning_outcome::replace(&mut work, &user.0.actor, LearningOutcomeId(id.0), &expected, &items).await?;
        state.commit(work).await?;
        Ok(Versioned::of(of_learning_outcome::version(&rows), rows))
    }
}

impl From<LearningOutcomeWeight> for NewWeight<LearningOutcomeId> {
    fn from(item: LearningOutcomeWeight) -> Self {
        Self {
            outcome_id: LearningOutcomeId(item.learning_outcome_id),
            weight: item.weight,
        }
    }
}

impl From<ProgramOutcomeWeight> for NewWeight<ProgramOutcomeId> {
    fn from(item: ProgramOutcomeWeight) -> Self {
        Self {
            outcome_id: ProgramOutcomeId(item.program_outcome_id),
            weight: item.weight,
        }
    }
}

impl From<Vec<of_assessment::MeasuredOutcome>> for MeasuredOutcomes {
    fn from(rows: Vec<of_assessment::MeasuredOutcome>) -> Self {
        let item = |row: of_assessment::MeasuredOutcome| MeasuredOutcome {
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
        let item = |row: of_learning_outcome::ServedOutcome| ServedOutcome {
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
