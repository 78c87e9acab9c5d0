//! The check of stored achievements: it finds every kind of difference, names it, and finds none where there is none.

use crate::classroom::Classroom;
use acurate_shared::achievement::check::{self, Checked, Difference, Outcome, Standing};
use acurate_shared::ids::{LearningOutcomeId, ProgramOutcomeId, UserId};

/// A course with one outcome that two assessments measure, and a program outcome that it serves; three students with marks.
struct Scene {
    room: Classroom,
    students: Vec<UserId>,
    learning: LearningOutcomeId,
    program: ProgramOutcomeId,
}

impl Scene {
    async fn set() -> Self {
        let room = Classroom::open().await;
        let course = room.course(2024).await;
        let (learning, program) = (room.lo(course, "60").await, room.po("70").await);
        room.serves(learning, program, "2").await;
        let mut assessments = Vec::new();
        for weight in ["30", "50"] {
            let assessment = room.assessment(course, "60").await;
            room.measures(assessment, learning, weight).await;
            assessments.push(assessment);
        }
        let mut students = Vec::new();
        for number in ["1", "2", "3"] {
            let student = room.student(number).await;
            room.enroll(student, course).await;
            room.score(assessments[0], student, 20.0).await.unwrap();
            students.push(student);
        }
        room.score(assessments[1], students[0], 40.0).await.unwrap();
        room.recompute(&students).await;
        Self {
            room,
            students,
            learning,
            program,
        }
    }

    async fn check(&self) -> Checked {
        check::check(self.room.test.database(), &self.students).await.unwrap()
    }

    async fn execute(&self, text: &str) {
        self.room.execute(text, []).await;
    }

    /// The differences, as outcome, stored and computed percentage.
    async fn found(&self) -> Vec<(UserId, Outcome, String, String)> {
        let text = |standing: Option<Standing>| match standing {
            None => "nothing".to_owned(),
            Some(Standing {
                percentage,
                met,
                graded,
                total,
            }) => {
                let percentage = percentage.map_or("-".to_owned(), |value| value.to_string());
                format!("{percentage} {met:?} {graded}/{total}")
            }
        };
        let row = |found: Difference| (found.student_id, found.outcome, text(found.stored), text(found.computed));
        self.check().await.differences.into_iter().map(row).collect()
    }
}

#[tokio::test]
async fn what_was_computed_is_what_the_rules_say() {
    let scene = Scene::set().await;
    let checked = scene.check().await;
    assert_eq!((checked.students, checked.outcomes, checked.differences), (3, 6, Vec::new()));
}

#[tokio::test]
async fn every_kind_of_difference_is_found_and_named() {
    let scene = Scene::set().await;
    let [first, second, third] = scene.students[..] else {
        panic!("three students")
    };
    let (learning, program) = (Outcome::Learning(scene.learning), Outcome::Program(scene.program));
    let other = scene.room.lo(scene.room.course(2023).await, "50").await;
    scene
        .execute(&format!(
            "UPDATE student_lo_achievements SET percentage = percentage + 0.01 WHERE student_id = {first}"
        ))
        .await;
    scene
        .execute(&format!(
            "UPDATE student_po_achievements SET is_met = NOT is_met WHERE student_id = {first}"
        ))
        .await;
    scene
        .execute(&format!(
            "UPDATE student_lo_achievements SET graded_count = 2 WHERE student_id = {second}"
        ))
        .await;
    scene
        .execute(&format!("DELETE FROM student_po_achievements WHERE student_id = {second}"))
        .await;
    scene
        .execute(&format!(
            "INSERT INTO student_lo_achievements (institution_id, student_id, learning_outcome_id, course_id, graded_count, total_count, computed_at)
             SELECT institution_id, {third}, id, course_id, 0, 1, now() FROM learning_outcomes WHERE id = {other}"
        ))
        .await;
    let found = scene.found().await;
    let row = |student, outcome, stored: &str, computed: &str| (student, outcome, stored.to_owned(), computed.to_owned());
    assert_eq!(
        found,
        [
            row(first, learning, "54.18 Some(false) 2/2", "54.17 Some(false) 2/2"),
            row(first, program, "54.17 Some(true) 1/1", "54.17 Some(false) 1/1"),
            row(second, learning, "33.33 Some(false) 2/2", "33.33 Some(false) 1/2"),
            row(second, program, "nothing", "33.33 Some(false) 1/1"),
            row(third, Outcome::Learning(other), "- None 0/1", "nothing"),
        ]
    );
}

#[tokio::test]
async fn a_student_whose_results_were_all_lost_is_found_and_one_who_never_had_any_is_not() {
    let mut scene = Scene::set().await;
    scene.students.push(scene.room.student("4").await);
    assert_eq!(scene.check().await.differences, []);
    let lost = scene.students[2];
    scene
        .execute(&format!("DELETE FROM student_lo_achievements WHERE student_id = {lost}"))
        .await;
    scene
        .execute(&format!("DELETE FROM student_po_achievements WHERE student_id = {lost}"))
        .await;
    let found = scene.check().await;
    assert_eq!(found.students, 4);
    assert_eq!(found.differences.len(), 2, "{found:?}");
    assert!(found.differences.iter().all(|difference| difference.student_id == lost));
}

#[tokio::test]
async fn students_with_a_change_that_waits_and_institutions_that_are_deleted_are_passed_over() {
    let scene = Scene::set().await;
    scene.execute("UPDATE student_lo_achievements SET percentage = 1").await;
    let waiting = scene.students[0];
    scene
        .execute(&format!(
            "INSERT INTO achievement_marks (institution_id, student_id) SELECT institution_id, id FROM users WHERE id = {waiting}"
        ))
        .await;
    let checked = scene.check().await;
    assert_eq!(checked.students, 2);
    assert!(checked.differences.iter().all(|difference| difference.student_id != waiting));
    scene
        .execute("UPDATE institutions SET is_active = false, deletion_requested_at = now()")
        .await;
    assert_eq!(scene.check().await, Checked::default());
}

#[tokio::test]
async fn a_sample_is_of_students_alone_the_same_for_one_seed_and_another_for_another() {
    let scene = Scene::set().await;
    let db = scene.room.test.database().orm();
    for number in 10..40 {
        scene.room.student(&number.to_string()).await;
    }
    let everybody = check::sample(db, 1, 1000).await.unwrap();
    assert_eq!(everybody.len(), 33);
    let first = check::sample(db, 1, 10).await.unwrap();
    assert_eq!(first, check::sample(db, 1, 10).await.unwrap());
    assert_eq!(first, everybody[..10]);
    assert_ne!(first, check::sample(db, 2, 10).await.unwrap());
}
