//! Creates what is taught: department, program, outcomes, courses, assessments, and the weights between them.

use super::dataset::{Assessment, Dataset, Presentation};
use super::outcomes::PROGRAM_OUTCOMES;
use crate::api::Api;
use crate::api::documents::Created;
use crate::failure::Result;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

/// Code of the one department.
pub(crate) const DEPARTMENT: &str = "OU";

/// Code of the one program.
pub(crate) const PROGRAM: &str = "OPEN";

/// The data set does not tell the modules' credits; most modules there have 30 or 60, and 30 is the API's maximum.
const CREDITS: u8 = 30;

/// Courses that are made at the same time.
const IN_FLIGHT: usize = 4;

/// The ids of what was created.
#[derive(Debug)]
pub(crate) struct Structure {
    /// In the order of [`PROGRAM_OUTCOMES`].
    pub(crate) program_outcomes: Vec<i64>,
    /// In the order of the data set's presentations.
    pub(crate) courses: Vec<Course>,
}

/// A presentation as the API knows it.
#[derive(Debug)]
pub(crate) struct Course {
    /// The course.
    pub(crate) id: i64,
    /// Its only learning outcome.
    pub(crate) learning_outcome: i64,
    /// In the order of the presentation's assessments.
    pub(crate) assessments: Vec<i64>,
}

/// Creates everything that `data` needs but its students.
///
/// # Errors
/// When the API is away or refuses.
pub(crate) async fn create(api: &Api, data: &Dataset) -> Result<Structure> {
    let department = json!({"code": DEPARTMENT, "name": "Open University"});
    let department: Created = api.post("/departments", &department).await?;
    let program = json!({"department_id": department.id, "code": PROGRAM, "name": "Open degree"});
    let program: Created = api.post("/programs", &program).await?;
    let mut program_outcomes = Vec::with_capacity(PROGRAM_OUTCOMES.len());
    for outcome in &PROGRAM_OUTCOMES {
        let order = json!({"code": outcome.code, "title": outcome.title, "target_percentage": 70});
        let created: Created = api.post(&format!("/programs/{}/outcomes", program.id), &order).await?;
        program_outcomes.push(created.id);
    }
    let making = data
        .presentations
        .iter()
        .map(|presentation| course(api, department, presentation, &program_outcomes));
    let courses = stream::iter(making).buffered(IN_FLIGHT).try_collect().await?;
    Ok(Structure { program_outcomes, courses })
}

async fn course(api: &Api, department: Created, presentation: &Presentation, program_outcomes: &[i64]) -> Result<Course> {
    let course: Created = api.post("/courses", &course_order(department, presentation)).await?;
    let order = json!({"code": "LO1", "title": format!("Masters what {} teaches", presentation.module), "target_percentage": 70});
    let outcome: Created = api.post(&format!("/courses/{}/learning-outcomes", course.id), &order).await?;
    let mut assessments = Vec::with_capacity(presentation.assessments.len());
    for assessment in &presentation.assessments {
        let created: Created = api
            .post(&format!("/courses/{}/assessments", course.id), &assessment_order(assessment))
            .await?;
        assessments.push(created.id);
    }
    for (position, assessment) in presentation.measuring() {
        let Some(id) = assessments.get(position) else { continue };
        let items = json!({"items": [{"learning_outcome_id": outcome.id, "weight": assessment.weight.as_f64()}]});
        api.put(&format!("/assessments/{id}/learning-outcomes"), &items).await?;
    }
    let items = json!({"items": served(presentation, program_outcomes)});
    api.put(&format!("/learning-outcomes/{}/program-outcomes", outcome.id), &items)
        .await?;
    Ok(Course {
        id: course.id,
        learning_outcome: outcome.id,
        assessments,
    })
}

fn course_order(department: Created, presentation: &Presentation) -> Value {
    json!({
        "code": presentation.module,
        "title": format!("Module {}, presentation {}", presentation.module, presentation.term.code),
        "department_id": department.id,
        "credits": CREDITS,
        "academic_year": presentation.term.academic_year(),
        "semester": presentation.term.semester,
    })
}

fn assessment_order(assessment: &Assessment) -> Value {
    json!({
        "title": format!("{} {}", assessment.kind.word(), assessment.id),
        "assessment_type": assessment.kind.assessment_type(),
        "weight": assessment.weight.as_f64(),
        "max_score": 100,
    })
}

/// The program outcomes that the presentation's learning outcome serves.
fn served(presentation: &Presentation, ids: &[i64]) -> Vec<Value> {
    PROGRAM_OUTCOMES
        .iter()
        .zip(ids)
        .filter(|(outcome, _)| outcome.is_served_by(&presentation.module))
        .map(|(outcome, id)| json!({"program_outcome_id": id, "weight": outcome.weight(presentation).as_f64()}))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    #[test]
    fn an_assessment_is_ordered_with_its_type_and_published_weight() {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let orders: Vec<_> = data.presentations[0].assessments.iter().map(assessment_order).collect();
        assert_eq!(
            orders[1],
            json!({"title": "CMA 2", "assessment_type": "quiz", "weight": 12.5, "max_score": 100})
        );
        assert_eq!(
            orders[2],
            json!({"title": "Exam 3", "assessment_type": "final", "weight": 100.0, "max_score": 100})
        );
    }

    #[test]
    fn a_presentation_serves_its_field_and_the_common_outcome() {
        let data = files::read(files::tests::folder(|_, text| text).path()).unwrap();
        let items = served(&data.presentations[0], &[11, 12, 13]);
        assert_eq!(
            items,
            [
                json!({"program_outcome_id": 11, "weight": 2.0}),
                json!({"program_outcome_id": 12, "weight": 2.0})
            ]
        );
    }
}
