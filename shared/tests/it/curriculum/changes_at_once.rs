//! Changes of one course by several people at once: nobody's result is forgotten, no rule is slipped past.

use super::{School, outcome};
use crate::campus::refusal;
use acurate_shared::curriculum::assessments::{self, AssessmentPatch};
use acurate_shared::curriculum::courses::{self, CoursePatch};
use acurate_shared::curriculum::{enrollments, learning_outcomes, program_outcomes};
use acurate_shared::db::Expected;
use acurate_shared::grading::{Entry, single};
use acurate_shared::kinds::Semester;
use acurate_shared::people::students::{self, StudentPatch};
use acurate_shared::testing::until;

/// Waits until a connection to this database waits for a lock.
async fn somebody_waits(school: &School) {
    let count = "SELECT count(*) AS id FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("a connection that waits for a lock", || async {
        (school.campus.value::<i64, 0>(count, []).await > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_student_who_enrolls_while_an_outcome_is_made_is_marked_after_it() {
    let school = School::open().await;
    let student = school.student("1").await;
    let mut teaching = school.campus.begin().await;
    let made = learning_outcomes::create(&mut teaching, &school.teacher, school.course, outcome("LO1"));
    made.await.unwrap();
    let enrolling = school.write(async |work| enrollments::enroll(work, school.admin(), school.course, student).await);
    let committing = async {
        somebody_waits(&school).await;
        let marks: i64 = school.campus.value("SELECT count(*) AS id FROM achievement_marks", []).await;
        assert_eq!(marks, 0);
        let _ = teaching.commit().await.unwrap();
    };
    let (enrolled, ()) = tokio::join!(enrolling, committing);
    enrolled.unwrap();
    assert_eq!(school.marked().await, [student]);
}

#[tokio::test]
async fn an_outcome_that_is_made_while_a_student_enrolls_marks_the_student_too() {
    let school = School::open().await;
    let student = school.student("1").await;
    let mut enrolling = school.campus.begin().await;
    let enrolled = enrollments::enroll(&mut enrolling, school.admin(), school.course, student);
    enrolled.await.unwrap();
    let teaching = school.write(async |work| learning_outcomes::create(work, &school.teacher, school.course, outcome("LO1")).await);
    let committing = async {
        somebody_waits(&school).await;
        let _ = enrolling.commit().await.unwrap();
    };
    let (made, ()) = tokio::join!(teaching, committing);
    made.unwrap();
    let marks: i64 = school.campus.value("SELECT count(*) AS id FROM achievement_marks", []).await;
    assert_eq!(marks, 2, "one for the enrollment and one for the outcome");
    assert_eq!(school.marked().await, [student]);
}

#[tokio::test]
async fn a_student_who_moves_to_a_program_while_it_gets_an_outcome_is_marked_after_it() {
    let school = School::open().await;
    let student = school.campus.enrol(crate::campus::record("1")).await.unwrap().id;
    let mut promising = school.campus.begin().await;
    let made = program_outcomes::create(&mut promising, school.admin(), school.program, outcome("PO1"));
    made.await.unwrap();
    let patch = StudentPatch {
        program_id: Some(Some(school.program)),
        ..StudentPatch::default()
    };
    let moving = school.write(async |work| students::update(work, school.admin(), &school.campus.settings, student, patch).await);
    let committing = async {
        somebody_waits(&school).await;
        let _ = promising.commit().await.unwrap();
    };
    let (moved, ()) = tokio::join!(moving, committing);
    moved.unwrap();
    assert_eq!(school.marked().await, [student]);
}

#[tokio::test]
async fn a_maximum_waits_for_a_score_that_is_being_written() {
    let school = School::open().await;
    let student = school.enrolled("1").await;
    let exam = school.assessment(school.course, "Final").await;
    let mut grading = school.campus.begin().await;
    let entry = Entry {
        score: Some(80.0),
        ..Entry::default()
    };
    single::put(&mut grading, &school.teacher, exam, student, entry).await.unwrap();
    let patch = AssessmentPatch {
        max_score: Some(70.0),
        ..AssessmentPatch::default()
    };
    let changing = school.write(async |work| assessments::update(work, &school.teacher, exam, patch).await);
    let committing = async {
        somebody_waits(&school).await;
        let _ = grading.commit().await.unwrap();
    };
    let (changed, ()) = tokio::join!(changing, committing);
    assert_eq!(refusal(changed), "max_score_below_grades");
}

#[tokio::test]
async fn a_course_does_not_move_while_its_first_assessment_is_made() {
    let school = School::open().await;
    let examining = school.campus.begin().await;
    assessments::create(&examining, &school.teacher, school.course, super::exam("Final"))
        .await
        .unwrap();
    let patch = CoursePatch {
        semester: Some(Semester::Spring),
        ..CoursePatch::default()
    };
    let moving = school.write(async |work| courses::update(work, &school.teacher, school.course, &Expected::Any, patch).await);
    let committing = async {
        somebody_waits(&school).await;
        let _ = examining.commit().await.unwrap();
    };
    let (moved, ()) = tokio::join!(moving, committing);
    assert_eq!(refusal(moved), "course_has_assessments");
}
