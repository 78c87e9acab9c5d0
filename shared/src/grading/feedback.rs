//! Whose words a cell holds: a person's, or those of the assessment's range that the score lies in.
//!
//! A grade that comes without words gets those of its range, and `feedback_by_range` says so. Such words follow the score, the
//! maximum and the ranges. Words that a person wrote are never touched, nor is the place of words that a person took away: the
//! flag is false from then on, until the cell is cleared. Words that are sent back as they were read are nobody's change.

use crate::db::{Work, sql};
use crate::entity::assessment;
use crate::error::Result;
use sea_orm::ConnectionTrait;

/// The words for the score `t.score` in the assessment `a`, null where no range matches. A range is half-open, so that ranges
/// which touch have no hole between them; one that ends at 100 holds it. Compared as products: a quotient would be rounded.
pub(super) const WORDS: &str = "(
    SELECT r ->> 'feedback' FROM jsonb_array_elements(a.feedback_ranges) AS r
    WHERE 100 * t.score >= (r ->> 'min_percentage')::numeric * a.max_score
        AND (100 * t.score < (r ->> 'max_percentage')::numeric * a.max_score
            OR (r ->> 'max_percentage')::numeric = 100 AND t.score = a.max_score)
    LIMIT 1)";

/// Brings the words that nobody wrote to the ranges and the maximum of the assessment as they are now stored. The caller holds
/// the lock on the course, so that nobody grades meanwhile. One statement, whatever the number of grades.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn refresh(work: &Work, assessment: &assessment::Model) -> Result<()> {
    let update = format!(
        "UPDATE grades g SET feedback = n.feedback
         FROM (
            SELECT t.student_id, {WORDS} AS feedback
            FROM assessments a JOIN grades t ON t.assessment_id = a.id AND t.academic_year = $2 AND t.feedback_by_range
            WHERE a.id = $1
         ) n
         WHERE g.assessment_id = $1 AND g.academic_year = $2 AND g.student_id = n.student_id AND g.feedback IS DISTINCT FROM n.feedback"
    );
    let values = [assessment.id.into(), assessment.academic_year.into()];
    work.tx().execute_raw(sql(&update, values)).await?;
    Ok(())
}
