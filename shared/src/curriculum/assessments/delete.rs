//! Deleting assessments that nobody was graded in.

use super::lock;
use crate::achievement::mark;
use crate::activity::{self, Deed};
use crate::actor::Actor;
use crate::curriculum::deletion;
use crate::db::Work;
use crate::error::{Error, Result};
use crate::ids::AssessmentId;
use sea_orm::ModelTrait;
use serde_json::json;

/// Deletes an assessment with its weights. Where learning outcomes are measured by it, marks every student of the course:
/// they have one item less.
///
/// # Errors
/// `Forbidden` for another teacher's course; `NotFound`; `Conflict` `has_grades`: such an assessment is deactivated.
pub async fn delete(work: &mut Work, actor: &Actor, id: AssessmentId) -> Result<()> {
    let assessment = lock(work, actor, id).await?;
    let select = "
        SELECT (SELECT count(*) FROM grades WHERE assessment_id = $1 AND academic_year = $2) AS grades,
            (SELECT count(*) FROM assessment_lo WHERE assessment_id = $1) AS mappings";
    let values = [id.into(), assessment.academic_year.into()];
    let [(_, grades), (_, mappings)] = deletion::count(work, select, values, ["grades", "mappings"]).await?;
    if grades > 0 {
        let message = format!("The assessment has grades ({grades}); deactivate it instead.");
        return Err(Error::conflict("has_grades", message));
    }
    let deed =
        Deed::new("assessment.deleted", "assessment", id.0).with(json!({ "title": assessment.title, "course_id": assessment.course_id }));
    let (institution_id, course_id) = (assessment.institution_id, assessment.course_id);
    assessment.delete(work.tx()).await?;
    activity::record(work, actor, deed).await?;
    if mappings > 0 {
        mark::course(work, institution_id, course_id).await?;
    }
    Ok(())
}
