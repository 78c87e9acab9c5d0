//! From marks to outcomes: one student in one course as a graph.

use super::figures::{Freshness, Standing, figure};
use crate::extract::SignedIn;
use crate::problem::ReadProblem;
use crate::routes::Tag;
use crate::routes::numbers::number;
use crate::routes::words::{AssessmentType, GradeStatus};
use crate::state::AppState;
use acurate_shared::analytics::outcome_graph as graph;
use acurate_shared::ids::{CourseId, UserId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

/// The operation.
#[derive(Debug)]
pub(in crate::routes) struct OutcomeGraphApi;

/// Assessments, learning outcomes and program outcomes as nodes; edges say how much one value weighs in the next.
#[derive(Clone, Debug, Object)]
struct OutcomeGraph {
    /// The student.
    student_id: i64,
    /// The course.
    course_id: i64,
    /// Of the values of outcomes.
    freshness: Freshness,
    /// Active assessments by due date.
    assessments: Vec<AssessmentNode>,
    /// Active learning outcomes of the course by code.
    learning_outcomes: Vec<LearningOutcomeNode>,
    /// Active outcomes of the student's program that the course serves, by code.
    program_outcomes: Vec<ProgramOutcomeNode>,
    /// What each assessment says about learning outcomes.
    measures: Vec<MeasureEdge>,
    /// What each learning outcome says about program outcomes.
    serves: Vec<ServeEdge>,
}

/// An assessment and the student's mark.
#[derive(Clone, Debug, Object)]
struct AssessmentNode {
    /// The assessment.
    assessment_id: i64,
    /// Its title.
    title: String,
    /// Its form.
    assessment_type: AssessmentType,
    /// Its relative weight in the course grade, 0 to 100.
    weight: f64,
    /// The best possible score.
    max_score: f64,
    /// Whether there is a score, and if not, why; `null`: not graded.
    status: Option<GradeStatus>,
    /// The score.
    score: Option<f64>,
    /// Score ÷ maximum × 100, two places.
    percentage: Option<f64>,
    /// Words of the teacher.
    feedback: Option<String>,
}

/// How far an outcome was reached.
#[derive(Clone, Debug, Object)]
struct OutcomeValue {
    /// Code of the outcome.
    code: String,
    /// What is to be learnt, or is promised.
    title: String,
    /// What is to be reached, 0 to 100.
    target_percentage: f64,
    /// 0 to 100, two places; `null`: not assessed.
    percentage: Option<f64>,
    /// Whether the target is reached, compared before rounding; `null`: not assessed.
    met: Option<bool>,
    /// How it stands to the target.
    standing: Standing,
}

/// A learning outcome and what the student reached.
#[derive(Clone, Debug, Object)]
struct LearningOutcomeNode {
    /// The outcome.
    learning_outcome_id: i64,
    /// How far.
    value: OutcomeValue,
}

/// A program outcome and what the student reached in all courses together.
#[derive(Clone, Debug, Object)]
struct ProgramOutcomeNode {
    /// The outcome.
    program_outcome_id: i64,
    /// How far.
    value: OutcomeValue,
}

/// From an assessment to a learning outcome.
#[derive(Clone, Debug, Object)]
struct MeasureEdge {
    /// From.
    assessment_id: i64,
    /// To.
    learning_outcome_id: i64,
    /// The relative weight, 0 to 100.
    weight: f64,
    /// Its share of the outcome's value, 0 to 100, two places: of the weights of all assessments with a score. `null` when this
    /// one has none, or when all these weights are zero.
    share: Option<f64>,
}

/// From a learning outcome to a program outcome.
#[derive(Clone, Debug, Object)]
struct ServeEdge {
    /// From.
    learning_outcome_id: i64,
    /// To.
    program_outcome_id: i64,
    /// The relative weight, above 0 to 100.
    weight: f64,
    /// Its share of the outcome's value, 0 to 100, two places: of the weights of the assessed learning outcomes of all the
    /// student's courses. `null` when this one is not assessed.
    share: Option<f64>,
}

#[OpenApi(prefix_path = "/students", tag = "Tag::Analytics")]
impl OutcomeGraphApi {
    /// Read how a student's marks in a course become outcomes
    ///
    /// For the student, the course's teacher and institution admins. The student takes or took the course, else 404.
    #[oai(path = "/:id/courses/:course_id/outcome-graph", method = "get", operation_id = "getOutcomeGraph")]
    async fn of_student(
        &self,
        state: Data<&AppState>,
        user: SignedIn,
        /// Id of the student.
        id: Path<i64>,
        /// Id of the course.
        course_id: Path<i64>,
    ) -> Result<Json<OutcomeGraph>, ReadProblem> {
        let found = graph::of(state.database.orm(), &user.0.actor, UserId(id.0), CourseId(course_id.0)).await?;
        Ok(Json(found.into()))
    }
}

impl From<graph::OutcomeGraph> for OutcomeGraph {
    fn from(found: graph::OutcomeGraph) -> Self {
        Self {
            student_id: found.student_id.0,
            course_id: found.course_id.0,
            freshness: found.freshness.into(),
            assessments: found.assessments.into_iter().map(Into::into).collect(),
            learning_outcomes: found.learning_outcomes.into_iter().map(Into::into).collect(),
            program_outcomes: found.program_outcomes.into_iter().map(Into::into).collect(),
            measures: found.measures.into_iter().map(Into::into).collect(),
            serves: found.serves.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<graph::AssessmentNode> for AssessmentNode {
    fn from(node: graph::AssessmentNode) -> Self {
        Self {
            assessment_id: node.assessment_id.0,
            title: node.title,
            assessment_type: node.assessment_type.into(),
            weight: number(node.weight),
            max_score: number(node.max_score),
            status: node.status.map(Into::into),
            score: figure(node.score),
            percentage: figure(node.percentage),
            feedback: node.feedback,
        }
    }
}

impl From<graph::NodeValue> for OutcomeValue {
    fn from(value: graph::NodeValue) -> Self {
        Self {
            standing: value.standing().into(),
            code: value.code,
            title: value.title,
            target_percentage: number(value.target_percentage),
            percentage: figure(value.percentage),
            met: value.met,
        }
    }
}

impl From<graph::LearningOutcomeNode> for LearningOutcomeNode {
    fn from(node: graph::LearningOutcomeNode) -> Self {
        Self {
            learning_outcome_id: node.learning_outcome_id.0,
            value: node.value.into(),
        }
    }
}

impl From<graph::ProgramOutcomeNode> for ProgramOutcomeNode {
    fn from(node: graph::ProgramOutcomeNode) -> Self {
        Self {
            program_outcome_id: node.program_outcome_id.0,
            value: node.value.into(),
        }
    }
}

impl From<graph::MeasureEdge> for MeasureEdge {
    fn from(edge: graph::MeasureEdge) -> Self {
        Self {
            assessment_id: edge.assessment_id.0,
            learning_outcome_id: edge.learning_outcome_id.0,
            weight: number(edge.weight),
            share: figure(edge.share),
        }
    }
}

impl From<graph::ServeEdge> for ServeEdge {
    fn from(edge: graph::ServeEdge) -> Self {
        Self {
            learning_outcome_id: edge.learning_outcome_id.0,
            program_outcome_id: edge.program_outcome_id.0,
            weight: number(edge.weight),
            share: figure(edge.share),
        }
    }
}
