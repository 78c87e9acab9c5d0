//! Outcomes computed while grades change and while others compute: nothing lost, nothing mixed, nothing forgotten.

use crate::achievement::{graded_student, three_assessments};
use crate::classroom::Classroom;
use crate::grading::score;
use acurate_shared::achievement::compute::recompute;
use acurate_shared::achievement::mark;
use acurate_shared::db::sql;
use acurate_shared::grading::single;
use acurate_shared::jobs::definitions::Job;
use sea_orm::ConnectionTrait;
use std::time::Duration;

#[tokio::test]
async fn a_change_that_lands_while_a_computation_runs_is_never_lost() {
    let room = Classroom::open().await;
    let (course, _, [a, ..]) = three_assessments(&room).await;
    let student = graded_student(&room, course, &[(a, 75.0)]).await;
    let running = room.work().await;
    recompute(running.tx(), &[student]).await.unwrap();
    room.score(a, student, 15.0).await.unwrap();
    let _ = running.commit().await.unwrap();
    assert_eq!(
        room.percentages(student).await.0,
        ["100.00"],
        "the computation did not see the change"
    );
    assert!(room.achievements(student).await.stale, "and says so");
    let waiting: i64 = room
        .value("SELECT count(*) FROM jobs WHERE state = 'queued' AND kind = 'achievement'", [])
        .await;
    assert_eq!(waiting, 1);
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await.0, ["20.00"]);
    assert!(!room.achievements(student).await.stale);
}

#[tokio::test]
async fn a_change_that_is_still_open_while_a_computation_runs_is_never_lost() {
    let room = Classroom::open().await;
    let (course, _, [a, ..]) = three_assessments(&room).await;
    let student = graded_student(&room, course, &[(a, 75.0)]).await;
    let mut change = room.work().await;
    single::put(&mut change, &room.teacher, a, student, score(15.0)).await.unwrap();
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await.0, ["100.00"]);
    let _ = change.commit().await.unwrap();
    assert!(room.achievements(student).await.stale);
    room.recompute(&[student]).await;
    assert_eq!(room.percentages(student).await.0, ["20.00"]);
}

#[tokio::test]
async fn a_mark_is_taken_away_before_the_data_is_read() {
    let room = Classroom::open().await;
    let (course, _, [a, ..]) = three_assessments(&room).await;
    let student = graded_student(&room, course, &[(a, 75.0)]).await;
    let mut change = room.work().await;
    let block = sql("LOCK TABLE achievement_marks IN SHARE ROW EXCLUSIVE MODE", []);
    change.tx().execute_raw(block).await.unwrap();
    let change_lands = async {
        room.wait_for_blocked(1).await;
        single::put(&mut change, &room.teacher, a, student, score(15.0)).await.unwrap();
        let _ = change.commit().await.unwrap();
    };
    let students = [student];
    tokio::join!(room.recompute(&students), change_lands);
    assert_eq!(
        room.percentages(student).await.0,
        ["20.00"],
        "whoever takes the mark of a change has seen it"
    );
}

#[tokio::test]
async fn of_two_computations_of_a_student_the_second_waits_and_sees_more() {
    let room = Classroom::open().await;
    let (course, _, [a, ..]) = three_assessments(&room).await;
    let student = graded_student(&room, course, &[(a, 75.0)]).await;
    let neighbour = room.student("0002").await;
    let first = room.work().await;
    recompute(first.tx(), &[student, neighbour]).await.unwrap();
    let second = room.work().await;
    let second_runs = async {
        recompute(second.tx(), &[neighbour, student]).await.unwrap();
        let _ = second.commit().await.unwrap();
    };
    let first_ends = async {
        room.wait_for_blocked(1).await;
        room.score(a, student, 15.0).await.unwrap();
        let _ = first.commit().await.unwrap();
    };
    tokio::join!(second_runs, first_ends);
    assert_eq!(room.percentages(student).await.0, ["20.00"]);
    assert!(!room.achievements(student).await.stale);
}

#[tokio::test]
async fn forgotten_marks_are_asked_for_again_and_others_are_not() {
    let room = Classroom::open().await;
    let students = [
        room.student("1").await,
        room.student("2").await,
        room.student("3").await,
        room.student("4").await,
    ];
    let [forgotten, queued, dead, fresh] = students;
    let mut work = room.work().await;
    for student in students {
        mark::students(&mut work, room.institution, &[student]).await.unwrap();
    }
    let _ = work.commit().await.unwrap();
    let end = "UPDATE jobs SET state = $2, finished_at = now() WHERE payload -> 'student_ids' @> to_jsonb($1::bigint)";
    room.execute(end, [forgotten.into(), "cancelled".into()]).await;
    room.execute(end, [fresh.into(), "cancelled".into()]).await;
    room.execute(end, [dead.into(), "dead".into()]).await;
    room.execute(
        "UPDATE achievement_marks SET marked_at = now() - interval '1 hour' WHERE student_id <> $1",
        [fresh.into()],
    )
    .await;
    let repair = async || {
        let mut work = room.work().await.with_fast_path();
        let students = mark::requeue_forgotten(&mut work, Duration::from_secs(600)).await.unwrap();
        (students, work.commit().await.unwrap().jobs.len())
    };
    assert_eq!(repair().await, (1, 1));
    assert_eq!(repair().await, (0, 0), "now a job waits");
    let asked: String = room
        .value("SELECT payload::text FROM jobs WHERE state = 'queued' ORDER BY id DESC LIMIT 1", [])
        .await;
    let payload = serde_json::from_str(&asked).unwrap();
    let expected = Job::Achievement {
        student_ids: vec![forgotten],
    };
    assert_eq!(Job::read(Job::ACHIEVEMENT, &payload).unwrap(), expected);
    room.execute("UPDATE jobs SET finished_at = now() - interval '2 hours' WHERE state = 'dead'", [])
        .await;
    assert_eq!(repair().await, (1, 1), "a dead job keeps its students for an hour");
    assert!(room.achievements(queued).await.stale);
}

#[tokio::test]
async fn a_change_of_many_students_is_bulk_work_and_one_of_few_is_not() {
    let room = Classroom::open().await;
    let mut students = Vec::new();
    for number in 0..=mark::INTERACTIVE {
        students.push(room.student(&number.to_string()).await);
    }
    let asked = async |students: &[_]| -> String {
        let mut work = room.work().await;
        mark::students(&mut work, room.institution, students).await.unwrap();
        let _ = work.commit().await.unwrap();
        let last = "SELECT queue || ' ' || kind || ' ' || jsonb_array_length(payload -> 'student_ids') FROM jobs ORDER BY id DESC LIMIT 1";
        room.value(last, []).await
    };
    assert_eq!(asked(&students[..1]).await, "achievement achievement 1");
    assert_eq!(asked(&students[..100]).await, "achievement achievement 100");
    assert_eq!(asked(&students).await, "recalculation recalculation 101");

    // Forgotten: the bulk job is gone, and the students wait for nobody; while it waits, they do.
    room.execute("UPDATE achievement_marks SET marked_at = now() - interval '1 hour'", [])
        .await;
    let repair = async || {
        let mut work = room.work().await;
        let students = mark::requeue_forgotten(&mut work, Duration::from_secs(600)).await.unwrap();
        let _ = work.commit().await.unwrap();
        students
    };
    room.execute(
        "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE kind = 'achievement'",
        [],
    )
    .await;
    assert_eq!(repair().await, 0, "the bulk job computes all of them");
    room.execute("UPDATE jobs SET state = 'cancelled', finished_at = now()", []).await;
    assert_eq!(repair().await, students.len());
    let waiting: String = room
        .value("SELECT string_agg(queue, ' ') FROM jobs WHERE state = 'queued'", [])
        .await;
    assert_eq!(waiting, "recalculation");
}
