//! Weights between assessments, learning outcomes and program outcomes.

use super::{School, home, outcome};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::mappings::of_assessment::{self, MeasuredOutcome};
use acurate_shared::curriculum::mappings::of_learning_outcome::{self, ServedOutcome};
use acurate_shared::curriculum::mappings::{ITEMS_LIMIT, NewWeight};
use acurate_shared::curriculum::program_outcomes;
use acurate_shared::db::Expected;
use acurate_shared::error::Result;
use acurate_shared::ids::{AssessmentId, LearningOutcomeId, ProgramId, ProgramOutcomeId};

fn weight<I>(outcome_id: I, weight: f64) -> NewWeight<I> {
    NewWeight { outcome_id, weight }
}

async fn measure(school: &School, actor: &Actor, id: AssessmentId, items: &[NewWeight<LearningOutcomeId>]) -> Result<Vec<MeasuredOutcome>> {
    school
        .write(async |work| of_assessment::replace(work, actor, id, &Expected::Any, items).await)
        .await
}

async fn serve(school: &School, actor: &Actor, id: LearningOutcomeId, items: &[NewWeight<ProgramOutcomeId>]) -> Result<Vec<ServedOutcome>> {
    school
        .write(async |work| of_learning_outcome::replace(work, actor, id, &Expected::Any, items).await)
        .await
}

async fn program_outcome(school: &School, actor: &Actor, program: ProgramId, code: &str) -> ProgramOutcomeId {
    let made = school.write(async |work| program_outcomes::create(work, actor, program, outcome(code)).await);
    made.await.unwrap().id
}

fn measured(rows: &[MeasuredOutcome]) -> Vec<(LearningOutcomeId, String)> {
    rows.iter()
        .map(|row| (row.learning_outcome_id, row.weight.normalize().to_string()))
        .collect()
}

fn served(rows: &[ServedOutcome]) -> Vec<(ProgramOutcomeId, String)> {
    rows.iter()
        .map(|row| (row.program_outcome_id, row.weight.normalize().to_string()))
        .collect()
}

#[tokio::test]
async fn what_an_assessment_measures_is_replaced_as_a_whole() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let exam = school.assessment(school.course, "Final").await;
    let (one, two) = (
        school.outcome(school.course, "LO1").await,
        school.outcome(school.course, "LO2").await,
    );
    let three = school.outcome(school.course, "LO3").await;
    school.marked().await;

    let items = [weight(two, 30.25), weight(one, 0.0)];
    let rows = measure(&school, &school.teacher, exam, &items).await.unwrap();
    assert_eq!(measured(&rows), [(one, "0".into()), (two, "30.25".into())]);
    assert_eq!(rows[1].code, "LO2");
    assert_eq!(school.marked().await, [student]);

    let rows = measure(&school, &school.teacher, exam, &items).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(school.marked().await, [], "the same again changes nothing");

    let rows = measure(&school, &school.teacher, exam, &[weight(two, 40.0), weight(three, 5.0)])
        .await
        .unwrap();
    assert_eq!(measured(&rows), [(two, "40".into()), (three, "5".into())]);
    assert_eq!(school.marked().await, [student]);
    let listed = of_assessment::list(school.campus.db(), &school.as_student(student), exam)
        .await
        .unwrap();
    assert_eq!(listed, rows);

    assert_eq!(measure(&school, school.admin(), exam, &[]).await.unwrap(), []);
    assert_eq!(school.marked().await, [student]);
    let replaced = school.deeds("assessment", exam.0).await;
    assert_eq!(replaced.iter().filter(|deed| *deed == "assessment.outcomes_replaced").count(), 3);
}

#[tokio::test]
async fn an_assessment_measures_outcomes_of_its_own_course_once_each() {
    let school = School::open().await;
    let exam = school.assessment(school.course, "Final").await;
    let own = school.outcome(school.course, "LO1").await;
    let other_course = school.teach("CENG202").await;
    let foreign = school.outcome(other_course, "LO1").await;
    let items = [
        weight(own, 10.0),
        weight(foreign, 10.0),
        weight(own, 20.0),
        weight(LearningOutcomeId(999_999), 100.01),
    ];
    let refused = measure(&school, &school.teacher, exam, &items).await;
    assert_eq!(
        refusal(refused),
        "items[1].learning_outcome_id: unknown_learning_outcome, items[2].learning_outcome_id: duplicate, \
         items[3].learning_outcome_id: unknown_learning_outcome, items[3].weight: out_of_range"
    );
    let many = vec![weight(own, 1.0); ITEMS_LIMIT + 1];
    assert_eq!(refusal(measure(&school, &school.teacher, exam, &many).await), "items: too_many");
    assert_eq!(of_assessment::list(school.campus.db(), school.admin(), exam).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_learning_outcome_serves_is_replaced_as_a_whole() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let lo = school.outcome(school.course, "LO1").await;
    let (_, other_program) = school.campus.department(home(school.admin()), "MATH").await;
    let one = program_outcome(&school, school.admin(), school.program, "PO1").await;
    let two = program_outcome(&school, school.admin(), school.program, "PO2").await;
    let of_other = program_outcome(&school, school.admin(), other_program, "PO1").await;
    school.marked().await;

    let items = [weight(of_other, 1.0), weight(two, 3.0), weight(one, 2.5)];
    let rows = serve(&school, &school.teacher, lo, &items).await.unwrap();
    assert_eq!(served(&rows), [(one, "2.5".into()), (two, "3".into()), (of_other, "1".into())]);
    assert_eq!(rows[2].program_id, other_program);
    assert_eq!(school.marked().await, [student]);
    serve(&school, &school.teacher, lo, &items).await.unwrap();
    assert_eq!(school.marked().await, []);
    let rows = serve(&school, &school.teacher, lo, &[weight(two, 4.0)]).await.unwrap();
    assert_eq!(served(&rows), [(two, "4".into())]);
    assert_eq!(school.marked().await, [student]);
    let listed = of_learning_outcome::list(school.campus.db(), &school.as_student(student), lo)
        .await
        .unwrap();
    assert_eq!(listed, rows);
}

#[tokio::test]
async fn a_learning_outcome_serves_program_outcomes_of_its_institution_once_each_with_some_weight() {
    let school = School::open().await;
    let lo = school.outcome(school.course, "LO1").await;
    let own = program_outcome(&school, school.admin(), school.program, "PO1").await;
    let rival = school.campus.rival.clone();
    let (_, foreign_program) = school.campus.department(home(&rival), "BIO").await;
    let foreign = program_outcome(&school, &rival, foreign_program, "PO1").await;
    let items = [weight(own, 0.0), weight(foreign, 1.0), weight(own, 1.0)];
    assert_eq!(
        refusal(serve(&school, &school.teacher, lo, &items).await),
        "items[0].weight: out_of_range, items[1].program_outcome_id: unknown_program_outcome, \
         items[2].program_outcome_id: duplicate"
    );
    assert_eq!(of_learning_outcome::list(school.campus.db(), school.admin(), lo).await.unwrap(), []);
}

#[tokio::test]
async fn weights_are_written_by_who_may_write_the_course_and_seen_by_who_may_see_it() {
    let school = School::open().await;
    let exam = school.assessment(school.course, "Final").await;
    let lo = school.outcome(school.course, "LO1").await;
    let stranger = school.as_student(school.student("1").await);
    for (actor, expected) in [(&school.colleague, "not_your_course"), (&stranger, "role_required")] {
        assert_eq!(refusal(measure(&school, actor, exam, &[]).await), expected);
        assert_eq!(refusal(serve(&school, actor, lo, &[]).await), expected);
    }
    let rival = &school.campus.rival;
    assert_eq!(refusal(measure(&school, rival, exam, &[]).await), "no assessment");
    assert_eq!(refusal(serve(&school, rival, lo, &[]).await), "no learning outcome");
    let db = school.campus.db();
    for actor in [&stranger, rival] {
        assert_eq!(refusal(of_assessment::list(db, actor, exam).await), "no assessment");
        assert_eq!(refusal(of_learning_outcome::list(db, actor, lo).await), "no learning outcome");
    }
    assert_eq!(of_assessment::list(db, &school.colleague, exam).await.unwrap(), []);
}
