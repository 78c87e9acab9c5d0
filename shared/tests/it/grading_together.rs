//! Several people at one grade book: no lost update, no score above a maximum, no deadlock.

use crate::classroom::Classroom;
use crate::grading::{cell, put_cells, score};
use acurate_shared::db::sql;
use acurate_shared::error::Error;
use acurate_shared::grading::put;
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn two_graders_of_one_cell_write_one_after_the_other() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let exam = room.assessment(course, "100").await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    let mut first = room.work().await;
    let created = put(&mut first, &room.admin, course, &[cell(exam, student, score(50.0))])
        .await
        .unwrap();
    assert_eq!(created.created, 1);
    let cells = [cell(exam, student, score(80.0))];
    let first_ends = async {
        room.wait_for_blocked(1).await;
        let _ = first.commit().await.unwrap();
    };
    let (second, ()) = tokio::join!(put_cells(&room, course, &cells), first_ends);
    let second = second.unwrap();
    assert_eq!((second.created, second.updated), (0, 1), "the second saw what the first wrote");
    assert_eq!(
        room.value::<i64>("SELECT score::bigint FROM grades WHERE version = 2", []).await,
        80
    );
    assert_eq!(
        room.value::<i64>("SELECT graded_by FROM grades", []).await,
        room.teacher.user_id.0,
        "the last one signs"
    );
}

#[tokio::test]
async fn overlapping_requests_in_opposite_order_both_succeed() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let exam = room.assessment(course, "100").await;
    let mut cells = Vec::new();
    for number in 0..10 {
        let student = room.student(&number.to_string()).await;
        room.enroll(student, course).await;
        cells.push(cell(exam, student, score(f64::from(number))));
    }
    let opposite: Vec<_> = cells
        .iter()
        .rev()
        .map(|each| cell(exam, each.student_id.unwrap(), score(99.0)))
        .collect();
    for _ in 0..5 {
        let (one, other) = tokio::join!(put_cells(&room, course, &cells), put_cells(&room, course, &opposite));
        for written in [one.unwrap(), other.unwrap()] {
            assert_eq!(written.created + written.updated + written.unchanged, cells.len());
        }
    }
    let sums: Vec<i64> = room
        .value("SELECT array_agg(DISTINCT sum) FROM (SELECT sum(score)::bigint FROM grades) s", [])
        .await;
    assert!(sums == [45] || sums == [990], "one request as a whole came last: {sums:?}");
}

#[tokio::test]
async fn a_grader_waits_for_a_maximum_that_is_just_being_lowered() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let exam = room.assessment(course, "100").await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    let change = room.work().await;
    let update = sql("UPDATE assessments SET max_score = 60 WHERE id = $1", [exam.into()]);
    change.tx().execute_raw(update).await.unwrap();
    let cells = [cell(exam, student, score(80.0))];
    let change_ends = async {
        room.wait_for_blocked(1).await;
        let _ = change.commit().await.unwrap();
    };
    let (refused, ()) = tokio::join!(put_cells(&room, course, &cells), change_ends);
    assert!(matches!(refused, Err(Error::Invalid(faults)) if faults[0].code == "out_of_range" && faults[0].message.contains("60")));
}

#[tokio::test]
async fn a_maximum_cannot_be_lowered_while_grades_are_being_written() {
    let room = Classroom::open().await;
    let course = room.course(2024).await;
    let exam = room.assessment(course, "100").await;
    let student = room.student("1").await;
    room.enroll(student, course).await;
    let mut grading = room.work().await;
    put(&mut grading, &room.teacher, course, &[cell(exam, student, score(80.0))])
        .await
        .unwrap();
    let lower = async {
        let guarded = "
            UPDATE assessments SET max_score = 60 WHERE id = $1
                AND NOT EXISTS (SELECT FROM grades WHERE assessment_id = $1 AND score > 60)";
        room.execute("SELECT id FROM assessments WHERE id = $1 FOR NO KEY UPDATE", [exam.into()])
            .await;
        room.execute(guarded, [exam.into()]).await;
    };
    let grading_ends = async {
        room.wait_for_blocked(1).await;
        let _ = grading.commit().await.unwrap();
    };
    tokio::join!(lower, grading_ends);
    assert_eq!(room.value::<i64>("SELECT max_score::bigint FROM assessments", []).await, 100);
}
