//! From marks to outcomes: what one student did in one course, as a graph of assessments, learning outcomes and program
//! outcomes. An edge says how much one value weighs in the next, so that every number can be followed.

use super::access;
use super::freshness::Freshness;
use super::reading::{self, all, only};
use super::results::PERCENTAGE;
use super::standing::Standing;
use crate::actor::Actor;
use crate::db::sql;
use crate::error::Result;
use crate::ids::{AssessmentId, CourseId, LearningOutcomeId, ProgramOutcomeId, UserId};
use crate::kinds::{AssessmentType, GradeStatus};
use rust_decimal::Decimal;
use sea_orm::{DatabaseConnection, DatabaseTransaction, FromQueryResult, Value};

/// The graph.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeGraph {
    /// The student.
    pub student_id: UserId,
    /// The course.
    pub course_id: CourseId,
    /// Of the values of outcomes.
    pub freshness: Freshness,
    /// Active assessments by due date.
    pub assessments: Vec<AssessmentNode>,
    /// Active learning outcomes of the course by code.
    pub learning_outcomes: Vec<LearningOutcomeNode>,
    /// Active outcomes of the student's program that the course serves, by code.
    pub program_outcomes: Vec<ProgramOutcomeNode>,
    /// What each assessment says about learning outcomes.
    pub measures: Vec<MeasureEdge>,
    /// What each learning outcome says about program outcomes.
    pub serves: Vec<ServeEdge>,
}

/// An assessment and the student's mark.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct AssessmentNode {
    /// The assessment.
    pub assessment_id: AssessmentId,
    /// Its title.
    pub title: String,
    /// Its form.
    pub assessment_type: AssessmentType,
    /// Its relative weight in the course grade.
    pub weight: Decimal,
    /// The best possible score.
    pub max_score: Decimal,
    /// Whether there is a score, and if not, why; `None`: not graded.
    pub status: Option<GradeStatus>,
    /// The score.
    pub score: Option<Decimal>,
    /// Score ÷ maximum × 100, two places.
    pub percentage: Option<Decimal>,
    /// Words of the teacher.
    pub feedback: Option<String>,
}

/// How far an outcome was reached.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct NodeValue {
    /// Its code.
    pub code: String,
    /// What is to be reached.
    pub title: String,
    /// What is to be reached, 0 to 100.
    pub target_percentage: Decimal,
    /// 0 to 100, two places; `None`: not assessed.
    pub percentage: Option<Decimal>,
    /// Whether the target is reached, before rounding; `None`: not assessed.
    pub met: Option<bool>,
}

impl NodeValue {
    /// How it stands to its target.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::of(self.percentage, self.met, self.target_percentage)
    }
}

/// A learning outcome and what the student reached.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct LearningOutcomeNode {
    /// The outcome.
    pub learning_outcome_id: LearningOutcomeId,
    /// How far.
    #[sea_orm(nested)]
    pub value: NodeValue,
}

/// A program outcome and what the student reached in all courses together.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct ProgramOutcomeNode {
    /// The outcome.
    pub program_outcome_id: ProgramOutcomeId,
    /// How far.
    #[sea_orm(nested)]
    pub value: NodeValue,
}

/// From an assessment to a learning outcome.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct MeasureEdge {
    /// From.
    pub assessment_id: AssessmentId,
    /// To.
    pub learning_outcome_id: LearningOutcomeId,
    /// The relative weight, 0 to 100.
    pub weight: Decimal,
    /// Its share of the outcome's value, 0 to 100, two places: of the weights of all assessments with a score. `None` when
    /// this one has none, or when all these weights are zero.
    pub share: Option<Decimal>,
}

/// From a learning outcome to a program outcome.
#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub struct ServeEdge {
    /// From.
    pub learning_outcome_id: LearningOutcomeId,
    /// To.
    pub program_outcome_id: ProgramOutcomeId,
    /// The relative weight, above 0 to 100.
    pub weight: Decimal,
    /// Its share of the outcome's value, 0 to 100, two places: of the weights of the assessed learning outcomes of all the
    /// student's courses. `None` when this one is not assessed.
    pub share: Option<Decimal>,
}

const ASSESSMENTS: &str = "
    SELECT a.id AS assessment_id, a.title, a.assessment_type, a.weight, a.max_score, g.status, g.score, g.feedback,
        round({PERCENTAGE}, 2) AS percentage
    FROM assessments a
    LEFT JOIN grades g ON g.assessment_id = a.id AND g.student_id = $2 AND g.academic_year = a.academic_year
    WHERE a.course_id = $3 AND a.institution_id = $1 AND a.is_active
    ORDER BY a.due_date NULLS LAST, a.id";

const LEARNING_OUTCOMES: &str = "
    SELECT o.id AS learning_outcome_id, o.code, o.title, o.target_percentage, s.percentage, s.is_met AS met
    FROM learning_outcomes o
    LEFT JOIN student_lo_achievements s ON s.learning_outcome_id = o.id AND s.student_id = $2
    WHERE o.course_id = $3 AND o.institution_id = $1 AND o.is_active
    ORDER BY o.code";

const PROGRAM_OUTCOMES: &str = "
    SELECT p.id AS program_outcome_id, p.code, p.title, p.target_percentage, s.percentage, s.is_met AS met
    FROM users u
    JOIN program_outcomes p ON p.program_id = u.program_id AND p.is_active
    LEFT JOIN student_po_achievements s ON s.program_outcome_id = p.id AND s.student_id = u.id
    WHERE u.id = $2 AND u.institution_id = $1 AND EXISTS (
        SELECT FROM lo_po w JOIN learning_outcomes o ON o.id = w.learning_outcome_id AND o.is_active
        WHERE w.program_outcome_id = p.id AND o.course_id = $3)
    ORDER BY p.code";

const MEASURES: &str = "
    SELECT m.assessment_id, m.learning_outcome_id, m.weight,
        CASE WHEN g.score IS NOT NULL THEN round(100 * m.weight / NULLIF(
            sum(m.weight) FILTER (WHERE g.score IS NOT NULL) OVER (PARTITION BY m.learning_outcome_id), 0), 2) END AS share
    FROM assessment_lo m
    JOIN assessments a ON a.id = m.assessment_id AND a.is_active
    JOIN learning_outcomes o ON o.id = m.learning_outcome_id AND o.is_active AND o.institution_id = $1
    LEFT JOIN grades g ON g.assessment_id = a.id AND g.student_id = $2 AND g.academic_year = a.academic_year
    WHERE m.course_id = $3
    ORDER BY m.learning_outcome_id, m.assessment_id";

const SERVES: &str = "
    WITH edge AS (
        SELECT o.course_id, w.learning_outcome_id, w.program_outcome_id, w.weight,
            CASE WHEN s.percentage IS NOT NULL THEN round(100 * w.weight / sum(w.weight) FILTER (WHERE s.percentage IS NOT NULL)
                OVER (PARTITION BY w.program_outcome_id), 2) END AS share
        FROM users u
        JOIN program_outcomes p ON p.program_id = u.program_id AND p.is_active
        JOIN lo_po w ON w.program_outcome_id = p.id
        JOIN learning_outcomes o ON o.id = w.learning_outcome_id AND o.is_active
        LEFT JOIN student_lo_achievements s ON s.learning_outcome_id = o.id AND s.student_id = u.id
        WHERE u.id = $2 AND u.institution_id = $1 AND (s.student_id IS NOT NULL OR o.course_id = $3)
    )
    SELECT learning_outcome_id, program_outcome_id, weight, share FROM edge WHERE course_id = $3
    ORDER BY program_outcome_id, learning_outcome_id";

const FRESHNESS: &str = "
    SELECT EXISTS (SELECT FROM achievement_marks m WHERE m.student_id = $2 AND m.institution_id = $1) AS stale,
        (SELECT min(s.computed_at) FROM student_lo_achievements s WHERE s.student_id = $2 AND s.course_id = $3) AS computed_at";

/// The graph of a student and a course that it takes or took: for the student, the course's teacher, and administrators.
///
/// # Errors
/// `Forbidden` for other students and teachers, and for the platform's owner; `NotFound`.
pub async fn of(db: &DatabaseConnection, actor: &Actor, student_id: UserId, course_id: CourseId) -> Result<OutcomeGraph> {
    let snapshot = reading::snapshot(db).await?;
    let institution_id = access::of_student_in_course(&snapshot, actor, student_id, course_id).await?;
    let values: [Value; 3] = [institution_id.into(), student_id.into(), course_id.into()];
    let graph = read(&snapshot, student_id, course_id, &values).await?;
    snapshot.commit().await?;
    Ok(graph)
}

async fn read(db: &DatabaseTransaction, student_id: UserId, course_id: CourseId, values: &[Value; 3]) -> Result<OutcomeGraph> {
    let statement = |text: &str| sql(text, values.clone());
    Ok(OutcomeGraph {
        student_id,
        course_id,
        freshness: only(db, statement(FRESHNESS)).await?,
        assessments: all(db, statement(&ASSESSMENTS.replace("{PERCENTAGE}", PERCENTAGE))).await?,
        learning_outcomes: all(db, statement(LEARNING_OUTCOMES)).await?,
        program_outcomes: all(db, statement(PROGRAM_OUTCOMES)).await?,
        measures: all(db, statement(MEASURES)).await?,
        serves: all(db, statement(SERVES)).await?,
    })
}
