//! The weights of a course as tables.

use super::{School, home};
use crate::campus::refusal;
use acurate_shared::actor::Actor;
use acurate_shared::curriculum::matrices::{CELLS_LIMIT, Cell, NewCell, measured, served};
use acurate_shared::db::Expected;
use acurate_shared::error::Result;
use acurate_shared::ids::{AssessmentId, LearningOutcomeId, ProgramId, ProgramOutcomeId};

fn cell<R, C>(row: R, column: C, weight: f64) -> NewCell<R, C> {
    Cell { row, column, weight }
}

async fn measure(school: &School, actor: &Actor, cells: &[NewCell<AssessmentId, LearningOutcomeId>]) -> Result<measured::Matrix> {
    let course = school.course;
    school
        .write(async |work| measured::replace(work, actor, course, &Expected::Any, cells).await)
        .await
}

async fn serve(
    school: &School,
    actor: &Actor,
    program: ProgramId,
    cells: &[NewCell<LearningOutcomeId, ProgramOutcomeId>],
) -> Result<served::Matrix> {
    let course = school.course;
    school
        .write(async |work| served::replace(work, actor, course, program, &Expected::Any, cells).await)
        .await
}

fn weights<R: Copy, C: Copy>(cells: &[Cell<R, C>]) -> Vec<(R, C, String)> {
    cells
        .iter()
        .map(|cell| (cell.row, cell.column, cell.weight.normalize().to_string()))
        .collect()
}

#[tokio::test]
async fn what_assessments_measure_is_replaced_as_one_table() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let (exam, quiz) = (
        school.assessment(school.course, "Final").await,
        school.assessment(school.course, "Quiz").await,
    );
    let (one, two) = (
        school.outcome(school.course, "LO1").await,
        school.outcome(school.course, "LO2").await,
    );
    let elsewhere = school.teach("CENG102").await;
    let (other_exam, other_outcome) = (school.assessment(elsewhere, "Final").await, school.outcome(elsewhere, "LO1").await);
    school.measure(other_exam, other_outcome, 7.0).await;
    school.marked().await;

    let cells = [cell(exam, one, 30.25), cell(exam, two, 0.0), cell(quiz, one, 10.0)];
    let table = measure(&school, &school.teacher, &cells).await.unwrap();
    let expected = [(exam, one, "30.25".to_owned()), (exam, two, "0".into()), (quiz, one, "10".into())];
    assert_eq!(weights(&table.cells), expected);
    assert_eq!(school.marked().await, [student]);
    let again = measure(&school, &school.teacher, &cells).await.unwrap();
    assert_eq!(again, table);
    assert_eq!(school.marked().await, [], "the same again changes nothing");

    let table = measure(&school, &school.teacher, &[cell(quiz, one, 20.0), cell(quiz, two, 5.0)])
        .await
        .unwrap();
    assert_eq!(weights(&table.cells), [(quiz, one, "20".to_owned()), (quiz, two, "5".into())]);
    assert_eq!(school.marked().await, [student]);
    assert_eq!(school.rows("assessment_lo", elsewhere).await, 1, "another course keeps its own");
    let replaced = school.deeds("course", school.course.0).await;
    let replaced = replaced.iter().filter(|deed| *deed == "course.assessment_outcomes_replaced");
    assert_eq!(replaced.count(), 2);
    let seen = measured::find(school.campus.db(), &school.as_student(student), school.course).await;
    assert_eq!(seen.unwrap(), table);
}

#[tokio::test]
async fn a_table_says_what_looks_forgotten() {
    let school = School::open().await;
    let (exam, quiz) = (
        school.assessment(school.course, "Final").await,
        school.assessment(school.course, "Quiz").await,
    );
    let retired = school.assessment(school.course, "Old").await;
    school
        .campus
        .execute("UPDATE assessments SET is_active = false WHERE id = $1", [retired.into()])
        .await;
    let (one, two) = (
        school.outcome(school.course, "LO1").await,
        school.outcome(school.course, "LO2").await,
    );
    let promised = school.promise("PO1").await;
    let table = measure(&school, &school.teacher, &[cell(exam, one, 0.0)]).await.unwrap();
    let findings = table.findings();
    assert_eq!(
        (findings.unmapped_rows, findings.unmapped_columns, findings.zero_weight),
        (vec![quiz], vec![two], vec![(exam, one)])
    );
    assert_eq!(table.weight_total().to_string(), "80.00", "two active ones of 40");
    let table = serve(&school, &school.teacher, school.program, &[]).await.unwrap();
    let findings = table.findings();
    assert_eq!(
        (findings.unmapped_rows, findings.unmapped_columns),
        (vec![one, two], vec![promised])
    );
}

#[tokio::test]
async fn a_table_of_one_program_leaves_the_others_alone() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let (one, two) = (
        school.outcome(school.course, "LO1").await,
        school.outcome(school.course, "LO2").await,
    );
    let (math, math_program) = school.campus.department(home(school.admin()), "MATH").await;
    assert_ne!(math, school.department);
    let insert = "INSERT INTO program_outcomes (institution_id, program_id, code, title) VALUES ($1, $2, 'M1', 'Proofs') RETURNING id";
    let proofs: ProgramOutcomeId = school
        .campus
        .value(insert, [home(school.admin()).into(), math_program.into()])
        .await;
    let (design, teams) = (school.promise("PO1").await, school.promise("PO2").await);
    school.marked().await;
    serve(&school, &school.teacher, math_program, &[cell(one, proofs, 2.0)])
        .await
        .unwrap();
    assert_eq!(school.marked().await, [student]);
    let table = serve(
        &school,
        &school.teacher,
        school.program,
        &[cell(one, design, 3.0), cell(two, teams, 1.5)],
    )
    .await
    .unwrap();
    assert_eq!(weights(&table.cells), [(one, design, "3".to_owned()), (two, teams, "1.5".into())]);
    serve(&school, &school.teacher, school.program, &[]).await.unwrap();
    let db = school.campus.db();
    let kept = served::find(db, school.admin(), school.course, math_program).await.unwrap();
    assert_eq!(weights(&kept.cells), [(one, proofs, "2".to_owned())]);
    let refused = serve(
        &school,
        &school.teacher,
        school.program,
        &[cell(one, proofs, 1.0), cell(one, design, 0.0)],
    )
    .await;
    assert_eq!(
        refusal(refused),
        "cells[0].program_outcome_id: unknown_program_outcome, cells[1].weight: out_of_range"
    );
}

#[tokio::test]
async fn a_wrong_cell_is_named_and_nothing_is_written() {
    let school = School::open().await;
    let exam = school.assessment(school.course, "Final").await;
    let one = school.outcome(school.course, "LO1").await;
    let foreign = school.outcome(school.teach("CENG102").await, "LO1").await;
    let cells = [
        cell(exam, one, 1.0),
        cell(exam, foreign, 1.0),
        cell(AssessmentId(0), one, 1.0),
        cell(exam, one, 100.5),
    ];
    assert_eq!(
        refusal(measure(&school, &school.teacher, &cells).await),
        "cells[1].learning_outcome_id: unknown_learning_outcome, cells[2].assessment_id: unknown_assessment, \
         cells[3].learning_outcome_id: duplicate, cells[3].weight: out_of_range"
    );
    assert_eq!(school.rows("assessment_lo", school.course).await, 0);
    let many = vec![cell(exam, one, 1.0); CELLS_LIMIT + 1];
    assert_eq!(refusal(measure(&school, &school.teacher, &many).await), "cells: too_many");
}

#[tokio::test]
async fn tables_are_written_by_who_may_write_the_course_and_seen_by_who_may_see_it() {
    let school = School::open().await;
    let stranger = school.as_student(school.student("1").await);
    let (db, rival) = (school.campus.db(), &school.campus.rival);
    for (actor, expected) in [
        (&school.colleague, "not_your_course"),
        (&stranger, "role_required"),
        (rival, "no course"),
    ] {
        assert_eq!(refusal(measure(&school, actor, &[]).await), expected);
        assert_eq!(refusal(serve(&school, actor, school.program, &[]).await), expected);
    }
    for actor in [&stranger, rival] {
        assert_eq!(refusal(measured::find(db, actor, school.course).await), "no course");
        assert_eq!(refusal(served::find(db, actor, school.course, school.program).await), "no course");
    }
    let (_, foreign) = school.campus.department(home(rival), "BIO").await;
    assert_eq!(
        refusal(served::find(db, &school.teacher, school.course, foreign).await),
        "no program"
    );
    assert_eq!(refusal(serve(&school, &school.teacher, foreign, &[]).await), "no program");
    assert!(measured::find(db, &school.colleague, school.course).await.is_ok());
}
