//! Optimistic locking: a change that was made for an old version changes nothing.

use super::School;
use crate::campus::refusal;
use acurate_shared::curriculum::assessments::{self, AssessmentPatch};
use acurate_shared::curriculum::courses::{self, CoursePatch};
use acurate_shared::curriculum::departments::{self, DepartmentPatch};
use acurate_shared::curriculum::mappings::{NewWeight, of_assessment, of_learning_outcome};
use acurate_shared::curriculum::matrices::{Cell, measured, served};
use acurate_shared::curriculum::programs::{self, ProgramPatch};
use acurate_shared::curriculum::{OutcomePatch, enrollments, learning_outcomes, program_outcomes};
use acurate_shared::db::{Expected, Fingerprint, Work};
use acurate_shared::error::Result;

/// A change passes for the version that was read, and the same change for that version again does not.
async fn passes_once<T: std::fmt::Debug>(school: &School, version: i32, change: impl AsyncFn(&mut Work, &Expected) -> Result<T>) {
    let read = Expected::OneOf(vec![version]);
    school.write(async |work| change(work, &read).await).await.unwrap();
    let again = school.write(async |work| change(work, &read).await).await;
    assert_eq!(refusal(again), "outdated");
    let several = Expected::OneOf(vec![version, version + 1]);
    school.write(async |work| change(work, &several).await).await.unwrap();
    school.write(async |work| change(work, &Expected::Any).await).await.unwrap();
}

fn title() -> Option<String> {
    Some("New title".to_owned())
}

#[tokio::test]
async fn a_department_and_a_program_that_changed_meanwhile_stay() {
    let school = School::open().await;
    let (db, admin) = (school.campus.db(), school.admin());
    let before = departments::find(db, admin, school.department).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        let patch = DepartmentPatch {
            name: title(),
            ..DepartmentPatch::default()
        };
        departments::update(work, admin, school.department, expected, patch).await
    })
    .await;
    let before = programs::find(db, admin, school.program).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        let patch = ProgramPatch {
            name: title(),
            ..ProgramPatch::default()
        };
        programs::update(work, admin, school.program, expected, patch).await
    })
    .await;
    assert_eq!(school.deeds("program", school.program.0).await, ["program.updated"]);
}

#[tokio::test]
async fn outcomes_that_changed_meanwhile_stay() {
    let school = School::open().await;
    let (db, admin) = (school.campus.db(), school.admin());
    let patch = || OutcomePatch {
        title: title(),
        ..OutcomePatch::default()
    };
    let promised = school.promise("PO1").await;
    let before = program_outcomes::find(db, admin, promised).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        program_outcomes::update(work, admin, promised, expected, patch()).await
    })
    .await;
    let taught = school.outcome(school.course, "LO1").await;
    let before = learning_outcomes::find(db, admin, taught).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        learning_outcomes::update(work, admin, taught, expected, patch()).await
    })
    .await;
}

#[tokio::test]
async fn a_course_an_assessment_and_an_enrollment_that_changed_meanwhile_stay() {
    let school = School::open().await;
    let (db, admin) = (school.campus.db(), school.admin());
    let before = courses::find(db, admin, school.course).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        let patch = CoursePatch {
            title: title(),
            ..CoursePatch::default()
        };
        courses::update(work, admin, school.course, expected, patch).await
    })
    .await;
    let exam = school.assessment(school.course, "Final").await;
    let before = assessments::find(db, admin, exam).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        let patch = AssessmentPatch {
            title: title(),
            ..AssessmentPatch::default()
        };
        assessments::update(work, admin, exam, expected, patch).await
    })
    .await;
    let student = school.student("1").await;
    let enrollment = school.enroll(student, school.course).await;
    let before = enrollments::find(db, admin, enrollment).await.unwrap();
    passes_once(&school, before.version, async |work, expected| {
        enrollments::set_active(work, admin, enrollment, expected, false).await
    })
    .await;
}

#[tokio::test]
async fn weights_that_changed_meanwhile_stay() {
    let school = School::open().await;
    let (db, admin) = (school.campus.db(), school.admin());
    let exam = school.assessment(school.course, "Final").await;
    let (lo, po) = (school.outcome(school.course, "LO1").await, school.promise("PO1").await);
    let one = |version: Fingerprint| Expected::OneOf(vec![version]);
    let empty = of_assessment::version(&of_assessment::list(db, admin, exam).await.unwrap());
    school.measure(exam, lo, 10.0).await;
    let items = [NewWeight {
        outcome_id: lo,
        weight: 20.0,
    }];
    let late = school.write(async |work| of_assessment::replace(work, admin, exam, &one(empty), &items).await);
    assert_eq!(refusal(late.await), "outdated");
    let cells = [Cell {
        row: exam,
        column: lo,
        weight: 20.0,
    }];
    let before = measured::find(db, admin, school.course).await.unwrap().version();
    let table = async |version| {
        school
            .write(async |work| measured::replace(work, admin, school.course, &one(version), &cells).await)
            .await
    };
    assert_eq!(refusal(table(empty).await), "outdated");
    table(before).await.unwrap();
    assert_eq!(refusal(table(before).await), "outdated");

    let empty = of_learning_outcome::version(&of_learning_outcome::list(db, admin, lo).await.unwrap());
    school.serve(lo, po, 1.0).await;
    let items = [NewWeight {
        outcome_id: po,
        weight: 2.0,
    }];
    let late = school.write(async |work| of_learning_outcome::replace(work, admin, lo, &one(empty), &items).await);
    assert_eq!(refusal(late.await), "outdated");
    let cells = [Cell {
        row: lo,
        column: po,
        weight: 2.0,
    }];
    let late = school.write(async |work| served::replace(work, admin, school.course, school.program, &one(empty), &cells).await);
    assert_eq!(refusal(late.await), "outdated");
    let kept = served::find(db, admin, school.course, school.program).await.unwrap();
    assert_eq!(kept.cells[0].weight.to_string(), "1.00");
}

#[tokio::test]
async fn weights_that_were_changed_and_changed_back_are_as_they_were_read() {
    let school = School::open().await;
    let (db, admin) = (school.campus.db(), school.admin());
    let exam = school.assessment(school.course, "Final").await;
    let lo = school.outcome(school.course, "LO1").await;
    school.measure(exam, lo, 10.0).await;
    let read = of_assessment::version(&of_assessment::list(db, admin, exam).await.unwrap());
    school.measure(exam, lo, 11.0).await;
    school.measure(exam, lo, 10.0).await;
    let expected = Expected::OneOf(vec![read]);
    let emptied = school.write(async |work| of_assessment::replace(work, admin, exam, &expected, &[]).await);
    assert_eq!(emptied.await.unwrap(), []);
}
