//! Mails that follow from a change: asked for in its transaction, folded, and only for those who want them.

use crate::campus::{Campus, PASSWORD, record};
use crate::classroom::Classroom;
use crate::grading::{cell, put_cells, score};
use acurate_shared::actor::Actor;
use acurate_shared::db::Expected;
use acurate_shared::ids::UserId;
use acurate_shared::kinds::Role;
use acurate_shared::people::students::{self, StudentPatch};
use acurate_shared::people::{Newcomer, resend_welcome};

const NEW: &str = "another horse battery";

async fn notices(campus: &Campus) -> i64 {
    campus
        .value("SELECT count(*) AS id FROM jobs WHERE kind = 'password_changed_email'", [])
        .await
}

fn student(campus: &Campus, user_id: UserId) -> Actor {
    Actor {
        user_id,
        role: Role::Student,
        institution_id: campus.admin.institution_id,
    }
}

#[tokio::test]
async fn the_first_password_is_no_news_and_every_other_one_is() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    assert_eq!(notices(&campus).await, 0);
    let student = student(&campus, session.user.id);
    campus.change(&student, Some(PASSWORD), NEW).await.unwrap();
    assert_eq!(notices(&campus).await, 1);
    let payload: String = campus
        .value("SELECT payload::text AS id FROM jobs WHERE kind = 'password_changed_email'", [])
        .await;
    assert_eq!(payload, format!("{{\"user_id\": {}}}", session.user.id));
    campus.change(&student, Some(NEW), "a third horse battery").await.unwrap();
    assert_eq!(notices(&campus).await, 1, "a mail that waits tells of both");
}

#[tokio::test]
async fn a_password_chosen_after_an_access_was_reset_is_news_to_its_owner() {
    let campus = Campus::create().await;
    let session = campus.settled("1").await;
    let mut work = campus.begin().await;
    let newcomer = Newcomer::Student(session.user.id);
    resend_welcome(&mut work, &campus.admin, &campus.settings, newcomer, true)
        .await
        .unwrap();
    let _ = work.commit().await.unwrap();
    campus.change(&student(&campus, session.user.id), None, NEW).await.unwrap();
    assert_eq!(notices(&campus).await, 1);
}

/// The address before the changes that are too new, as the schema keeps it.
async fn earlier(campus: &Campus, id: UserId) -> String {
    campus
        .value("SELECT COALESCE(earlier_email, '-') AS id FROM users WHERE id = $1", [id.into()])
        .await
}

async fn readdress(campus: &Campus, id: UserId, email: &str) {
    let mut work = campus.begin().await;
    let patch = StudentPatch {
        email: Some(email.into()),
        ..StudentPatch::default()
    };
    students::update(&mut work, &campus.admin, &campus.settings, id, &Expected::Any, patch)
        .await
        .unwrap();
    let _ = work.commit().await.unwrap();
}

#[tokio::test]
async fn of_several_new_addresses_in_a_row_the_one_before_the_first_is_kept() {
    let campus = Campus::create().await;
    let id = campus.settled("1").await.user.id;
    assert_eq!(earlier(&campus, id).await, "-");
    readdress(&campus, id, "eve@ata.edu.tr").await;
    readdress(&campus, id, "eve2@ata.edu.tr").await;
    assert_eq!(earlier(&campus, id).await, "s1@ata.edu.tr");
    campus
        .execute(
            "UPDATE users SET email_changed_at = now() - interval '31 days' WHERE id = $1",
            [id.into()],
        )
        .await;
    readdress(&campus, id, "s1@ata.edu.tr").await;
    assert_eq!(earlier(&campus, id).await, "eve2@ata.edu.tr");
}

#[tokio::test]
async fn a_wrong_address_that_was_corrected_before_anybody_chose_a_password_is_forgotten() {
    let campus = Campus::create().await;
    let id = campus.enrol(record("1")).await.unwrap().id;
    readdress(&campus, id, "right@ata.edu.tr").await;
    assert_eq!(earlier(&campus, id).await, "-");
}

async fn waiting(room: &Classroom) -> Vec<(String, f64)> {
    let select = "
        SELECT COALESCE(jsonb_agg(jsonb_build_array(payload::text, extract(epoch FROM run_at - now())) ORDER BY id), '[]')
        FROM jobs WHERE kind = 'grades_posted_email' AND state = 'queued' AND dispatches = 0";
    let rows: serde_json::Value = room.value(select, []).await;
    serde_json::from_value(rows).unwrap()
}

#[tokio::test]
async fn grades_that_come_together_are_one_mail_a_student_and_course_to_those_who_want_it() {
    let room = Classroom::open().await;
    let (one, other) = (room.student("1").await, room.student("2").await);
    room.execute("UPDATE users SET mail_grades = true WHERE id = $1", [one.into()])
        .await;
    let (course, another) = (room.course(2024).await, room.course(2024).await);
    for course in [course, another] {
        for student in [one, other] {
            room.enroll(student, course).await;
        }
    }
    let (first, second) = (room.assessment(course, "100").await, room.assessment(course, "100").await);
    let third = room.assessment(another, "100").await;
    let both = [cell(first, one, score(50.0)), cell(first, other, score(60.0))];
    put_cells(&room, course, &both).await.unwrap();
    put_cells(&room, course, &[cell(second, one, score(70.0))]).await.unwrap();
    put_cells(&room, another, &[cell(third, one, score(80.0))]).await.unwrap();
    let jobs = waiting(&room).await;
    let payload = |course| format!("{{\"course_id\": {course}, \"student_id\": {one}}}");
    let payloads: Vec<&str> = jobs.iter().map(|(payload, _)| payload.as_str()).collect();
    assert_eq!(payloads, [payload(course), payload(another)]);
    assert!(jobs.iter().all(|(_, wait)| *wait > 0.0 && *wait <= 300.0), "{jobs:?}");
}

#[tokio::test]
async fn what_stays_as_it_was_and_what_is_taken_back_is_no_news() {
    let room = Classroom::open().await;
    let student = room.student("1").await;
    room.execute("UPDATE users SET mail_grades = true WHERE id = $1", [student.into()])
        .await;
    let course = room.course(2024).await;
    room.enroll(student, course).await;
    let assessment = room.assessment(course, "100").await;
    put_cells(&room, course, &[cell(assessment, student, score(50.0))]).await.unwrap();
    room.execute("DELETE FROM jobs WHERE kind = 'grades_posted_email'", []).await;
    put_cells(&room, course, &[cell(assessment, student, score(50.0))]).await.unwrap();
    let clear = acurate_shared::grading::Entry {
        clear: true,
        ..acurate_shared::grading::Entry::default()
    };
    put_cells(&room, course, &[cell(assessment, student, clear)]).await.unwrap();
    assert_eq!(waiting(&room).await, []);
}
